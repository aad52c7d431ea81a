//! Sessions that other replicas wait for: a load balancer sends their requests there since replicas were added or removed.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use jiff::SignedDuration;
use object_store::PutMode;

use super::Parking;
use super::claims::Owner;
use super::park::Parked;
use super::store::{MAX_OPERATIONS, StoreError};
use crate::session::SessionId;

/// The time between two looks for sessions that others wait for.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);
/// How long a session that others wait for must be unused: without it, a session whose requests arrive at several replicas
/// would move all the time.
const UNUSED: SignedDuration = SignedDuration::from_secs(1);
/// How long a request waits for the replica that has its session.
pub(super) const WAIT: Duration = Duration::from_secs(4);

impl Parking {
    /// Asks the replica that has a session to park it.
    pub(super) async fn ask_for(&self, id: &SessionId, owner: &Owner) -> Result<(), StoreError> {
        let key = format!("{}/{}", prefix(&owner.lease), id.as_str());
        self.store.put(key, vec![self.lease.owner().name], PutMode::Overwrite).await?;
        Ok(())
    }

    /// Parks the sessions that other replicas wait for.
    pub(super) async fn hand_over(&self) -> Result<(), StoreError> {
        let prefix = prefix(&self.lease.owner().lease);
        let ids = self.store.list(prefix.clone()).await?;
        let ids: Vec<SessionId> = ids.iter().filter_map(|id| SessionId::parse(id).ok()).collect();
        let handed = stream::iter(ids).map(|id| {
            let prefix = &prefix;
            async move {
                let used = self.mock.sessions().last_used(id.as_str());
                if used.is_some_and(|used| Self::now().duration_since(used) < UNUSED) {
                    return Ok(());
                }
                let Some(locked) = self.locks.try_lock(id.as_str()) else { return Ok(()) };
                match self.park(&id, &locked, false).await? {
                    Parked::InUse => Ok(()),
                    Parked::Gone => self.store.delete(format!("{prefix}/{}", id.as_str())).await,
                }
            }
        });
        let mut handed = handed.buffer_unordered(MAX_OPERATIONS);
        let mut result = Ok(());
        while let Some(one) = handed.next().await {
            result = result.and(one);
        }
        result
    }
}

fn prefix(lease: &str) -> String {
    format!("wanted/{lease}")
}
