use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::time::Instant;

use super::claims::{Claim, ClaimError, ClaimStatus};
use super::locks::Locked;
use super::rejection::Rejection;
use super::selection::Intent;
use super::store::{MAX_OPERATIONS, StoreError};
use super::{Held, Parking};
use crate::session::{Session, SessionId, SessionVersion};

/// The time between two looks for sessions that are idle or too many.
pub(super) const INTERVAL: Duration = Duration::from_millis(250);
/// The same after an error: a snapshot that cannot be stored should not be written all the time.
pub(super) const INTERVAL_AFTER_ERROR: Duration = Duration::from_secs(5);
/// How many sessions are looked at then.
const AT_ONCE: usize = 256;
/// From which share of the maximum number of sessions some are parked, so that a request for a new one need not wait.
const FULL_PERCENT: usize = 95;

/// What has become of a session that was to be parked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parked {
    /// It is in the store and not here any more.
    Gone,
    /// It is in use: it stays, and its state is stored.
    InUse,
}

impl Parking {
    /// Parks sessions that are idle or too many. Returns whether all could be.
    pub(super) async fn park_some(&self) -> bool {
        let sessions = self.mock.sessions();
        let mut ids = sessions.least_recently_used(AT_ONCE, Some(Self::now()));
        let most = sessions.limits().count * FULL_PERCENT / 100;
        let beyond = (sessions.count() - 1).saturating_sub(most.max(1));
        if beyond > ids.len() {
            ids = sessions.least_recently_used(beyond.min(AT_ONCE), None);
        }
        let mut parked = stream::iter(ids)
            .map(|id| async move {
                let Some(locked) = self.locks.try_lock(id.as_str()) else { return Ok(Parked::InUse) };
                self.park(&id, &locked, false).await
            })
            .buffer_unordered(MAX_OPERATIONS);
        let mut is_success = true;
        while let Some(result) = parked.next().await {
            is_success &= result.is_ok();
            self.report(result, "cannot store a session");
        }
        is_success
    }

    /// Parks the least recently used sessions while there are too many for another one.
    pub(super) async fn make_room(&self) -> Result<(), Rejection> {
        let sessions = self.mock.sessions();
        let until = Instant::now() + self.options.wait;
        while sessions.count() > sessions.limits().count {
            for id in sessions.least_recently_used(MAX_OPERATIONS, None) {
                let Some(locked) = self.locks.try_lock(id.as_str()) else { continue };
                if self.park(&id, &locked, false).await? == Parked::Gone {
                    break;
                }
            }
            if Instant::now() > until {
                return Err(Rejection::Unavailable(
                    "all sessions of the replica are in use (--max-sessions)".to_owned(),
                ));
            }
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Stores a session, and removes it unless it is in use; with `also_used` in any case.
    pub(super) async fn park(&self, id: &SessionId, _: &Locked<'_>, also_used: bool) -> Result<Parked, StoreError> {
        self.lease.ensure().await?;
        let sessions = self.mock.sessions();
        let Some(session) = sessions.find(id.as_str()) else { return Ok(Parked::Gone) };
        let Some(held) = self.current(&session).await? else { return Ok(Parked::InUse) };
        let (saved, version) = match &held.claim.saved {
            Some(saved) if held.saved == Some(session.version()) => (saved.clone(), session.version()),
            _ => {
                let number = format!("{}-{}", held.claim.owner.lease, self.next_number());
                self.states.save(&session, &number, Self::now()).await?
            }
        };
        let claim = Claim { number: self.next_number(), saved: Some(saved), ..held.claim.clone() };
        match sessions.remove_unused(id.as_str(), version, also_used) {
            Some(session) => self.release(session, held, claim).await,
            None => self.checkpoint(held, claim, version).await,
        }
    }

    /// The claim of a session, written again if the lease was lost. `None` if another replica has the session, or no replica:
    /// then it is claimed with its next request.
    async fn current(&self, session: &Arc<Session>) -> Result<Option<Held>, StoreError> {
        let held = |session: &Session| self.held.lock().get(session.id()).cloned();
        match held(session) {
            Some(stale) if stale.losses != Some(self.lease.losses()) => {
                match self.claim_again(stale, Arc::clone(session)).await {
                    Ok(_) => Ok(held(session)),
                    Err(Rejection::Unavailable(reason)) => Err(StoreError::Failed(reason)),
                    Err(_) => Ok(None),
                }
            }
            known => Ok(known),
        }
    }

    /// Writes the claim of a session that is not in use any more. Requests for it wait meanwhile.
    async fn release(&self, session: Arc<Session>, held: Held, claim: Claim) -> Result<Parked, StoreError> {
        let claim = Claim { status: ClaimStatus::Parked, ..claim };
        match self.claims.write(&claim, Some(&held.version)).await {
            Ok(_) => {
                self.counters.count_parked();
                self.held.lock().remove(session.id());
                self.delete_replaced(&held.claim, &claim).await;
                Ok(Parked::Gone)
            }
            Err(ClaimError::Changed) => {
                self.held.lock().remove(session.id());
                self.delete_replaced(&claim, &held.claim).await;
                Ok(Parked::Gone)
            }
            Err(ClaimError::Store(error)) => {
                // Whether the claim was written is unknown: it is written again before the session is used.
                self.held.lock().insert(session.id().clone(), Held { losses: None, ..held });
                self.mock.sessions().put_back(session, Self::now());
                Err(error)
            }
        }
    }

    /// Writes the claim of a session that stays in use: what was stored would be its state if this replica were lost.
    async fn checkpoint(&self, held: Held, claim: Claim, version: SessionVersion) -> Result<Parked, StoreError> {
        if claim.saved == held.claim.saved {
            return Ok(Parked::InUse);
        }
        match self.claims.write(&claim, Some(&held.version)).await {
            Ok(written) => {
                self.delete_replaced(&held.claim, &claim).await;
                let (id, losses) = (claim.session.as_str().into(), held.losses);
                self.held.lock().insert(id, Held { claim, version: written, losses, saved: Some(version) });
            }
            Err(ClaimError::Changed) => self.forget_local(&held.claim.session),
            Err(ClaimError::Store(error)) => {
                self.held.lock().insert(claim.session.as_str().into(), Held { losses: None, ..held });
                return Err(error);
            }
        }
        Ok(Parked::InUse)
    }

    /// Deletes the snapshot of a claim that another one has replaced.
    async fn delete_replaced(&self, before: &Claim, after: &Claim) {
        if before.saved.as_ref().map(|saved| &saved.snapshot) != after.saved.as_ref().map(|saved| &saved.snapshot) {
            self.states.delete(before.saved.as_ref()).await;
        }
    }

    /// Announces to other replicas that this one is about to end: they wait for its sessions instead of rejecting requests.
    pub fn announce_end(self: &Arc<Self>) {
        let parking = Arc::clone(self);
        tokio::spawn(async move {
            // It is announced again, and errors are reported, when the sessions are parked.
            let _ = parking.lease.announce_end().await;
        });
    }

    /// Parks all sessions, and ends the lease. No request may be served any more.
    ///
    /// # Errors
    /// A sentence about the sessions that are not stored within the time.
    pub async fn finish(&self) -> Result<(), String> {
        let until = Instant::now() + self.options.drain;
        let mut reason = self.lease.announce_end().await.err().map(|error| error.to_string());
        let ids = self.mock.sessions().least_recently_used(usize::MAX, None);
        let parked = stream::iter(ids).for_each_concurrent(MAX_OPERATIONS, |id| async move {
            let _ = tokio::time::timeout_at(until, self.park_at_end(&id)).await;
        });
        parked.await;
        let left = self.mock.sessions().count() - 1;
        if left > 0 && reason.is_none() {
            reason = Some(format!("{} seconds were not enough, or the store fails", self.options.drain.as_secs()));
        }
        if let Err(error) = self.lease.end().await {
            reason.get_or_insert_with(|| error.to_string());
        }
        match (left, reason) {
            (0, _) => Ok(()),
            (left, reason) => Err(format!("{left} sessions were not stored: {}", reason.unwrap_or_default())),
        }
    }

    async fn park_at_end(&self, id: &SessionId) {
        // It may not be claimed yet.
        let _ = self.take_up(id, Intent::Find).await;
        let locked = self.locks.lock(id.as_str()).await;
        let _ = self.park(id, &locked, true).await;
    }

    /// Removes everything about a session that was deleted here.
    pub(super) async fn delete(&self, id: &SessionId) -> Result<(), StoreError> {
        let _locked = self.locks.lock(id.as_str()).await;
        let held = self.held.lock().remove(id.as_str());
        let Some(held) = held else { return Ok(()) };
        self.claims.remove(id.as_str()).await?;
        self.states.delete(held.claim.saved.as_ref()).await;
        Ok(())
    }
}
