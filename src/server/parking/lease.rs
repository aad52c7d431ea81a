//! The lease of a replica: one object that it writes again and again. Without it, the replica may not use its sessions, and
//! others may take them.
//!
//! Leases are measured by the clock of the store, which is the time at which it says that an object was written. So the
//! clocks of replicas need not agree. A replica counts its own lease as over a quarter earlier than others do.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lru::LruCache;
use object_store::PutMode;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::MutexGuard;

use super::claims::Owner;
use super::store::{Store, StoreError};

/// What a store may round a time down by.
const ROUNDING: Duration = Duration::from_secs(1);
/// How long what is known of another replica counts as new.
const FRESH: Duration = Duration::from_millis(500);
/// Of how many other leases something is known.
const KNOWN: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

/// The lease of this replica, and what is known of others.
pub(super) struct Lease {
    store: Arc<Store>,
    replica: Replica,
    length: Duration,
    begun: Instant,
    /// Until when it is valid, in milliseconds after `begun`.
    valid_until: AtomicU64,
    /// How many times it was lost; the names of leases end with it.
    losses: AtomicU64,
    is_ending: AtomicBool,
    /// The clock of the store; locked while the lease is renewed.
    renewed: tokio::sync::Mutex<Option<StoreTime>>,
    others: Mutex<LruCache<String, (OwnerStatus, Instant)>>,
}

/// A replica of a server.
#[derive(Clone, Debug)]
pub struct Replica {
    /// A text that no other process has.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// The address of its API, such as `10.0.0.7:4010`.
    pub address: String,
}

/// The object of a lease.
#[derive(Serialize, Deserialize)]
struct Document {
    name: String,
    address: String,
    /// The length of the lease, milliseconds.
    length: u64,
    /// Whether the replica is about to end and stores its sessions.
    is_ending: bool,
}

/// A time by the clock of the store, and when it was read.
#[derive(Clone, Copy)]
struct StoreTime {
    milliseconds: i64,
    at: Instant,
}

/// What is known of the replica of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnerStatus {
    /// Its lease is valid.
    Alive,
    /// The same, but it stores its sessions and ends.
    Ending,
    /// Its lease is over for ever.
    Gone,
}

impl Lease {
    pub(super) fn new(store: Arc<Store>, replica: Replica, length: Duration) -> Self {
        Self {
            store,
            replica,
            length,
            begun: Instant::now(),
            valid_until: AtomicU64::new(0),
            losses: AtomicU64::new(0),
            is_ending: AtomicBool::new(false),
            renewed: tokio::sync::Mutex::new(None),
            others: Mutex::new(LruCache::new(KNOWN)),
        }
    }

    /// The time between two renewals.
    pub(super) fn interval(&self) -> Duration {
        self.length / 4
    }

    /// Whether the sessions of this replica may be used.
    pub(super) fn is_valid(&self) -> bool {
        self.milliseconds(Instant::now()) < self.valid_until.load(Ordering::Acquire)
    }

    /// How many times the lease was lost. Sessions that were claimed under another number have to be claimed again.
    pub(super) fn losses(&self) -> u64 {
        self.losses.load(Ordering::Acquire)
    }

    /// This replica as its claims name it.
    pub(super) fn owner(&self) -> Owner {
        let Replica { name, address, .. } = self.replica.clone();
        Owner { lease: self.name(self.losses()), name, address }
    }

    /// Renews the lease unless it is valid.
    pub(super) async fn ensure(&self) -> Result<(), StoreError> {
        if self.is_valid() {
            return Ok(());
        }
        let renewed = self.renewed.lock().await;
        // Another request may have renewed it while this one waited.
        if self.is_valid() { Ok(()) } else { self.renew_locked(renewed).await }
    }

    /// Renews the lease, or begins another one if it was lost.
    pub(super) async fn renew(&self) -> Result<(), StoreError> {
        self.renew_locked(self.renewed.lock().await).await
    }

    async fn renew_locked(&self, mut renewed: MutexGuard<'_, Option<StoreTime>>) -> Result<(), StoreError> {
        let before = *renewed;
        let losses = self.losses();
        let (mut begun, mut now) = self.write(losses).await?;
        let was_late = before.is_some() && !self.is_valid();
        // The clock of the process stands still while its machine sleeps; that of the store does not.
        let has_gap = before.is_some_and(|before| now.milliseconds - before.milliseconds >= millis(self.length) as i64);
        if was_late || has_gap {
            self.valid_until.store(0, Ordering::Release);
            // No claim names a lease before its object exists.
            (begun, now) = self.write(losses + 1).await?;
            self.losses.store(losses + 1, Ordering::Release);
            // What is left under the former lease can be taken at once.
            let _ = self.store.delete(key(&self.name(losses))).await;
        }
        *renewed = Some(now);
        let valid_until = self.milliseconds(begun) + millis(self.length * 3 / 4);
        self.valid_until.store(valid_until, Ordering::Release);
        Ok(())
    }

    /// The name of the lease after that number of losses.
    fn name(&self, losses: u64) -> String {
        format!("{}-{losses}", self.replica.id)
    }

    /// Writes the object. Returns when that began, and the time of the store.
    async fn write(&self, losses: u64) -> Result<(Instant, StoreTime), StoreError> {
        let (begun, lease) = (Instant::now(), self.name(losses));
        let Replica { name, address, .. } = self.replica.clone();
        let is_ending = self.is_ending.load(Ordering::Acquire);
        let document = Document { name, address, length: millis(self.length), is_ending };
        let text = vec![serde_json::to_string(&document).unwrap_or_default()];
        self.store.put(key(&lease), text, PutMode::Overwrite).await?;
        let at = Instant::now();
        let written = self.store.get(key(&lease)).await?;
        let missing = || StoreError::Failed(format!("{} was written and cannot be read", key(&lease)));
        let milliseconds = written.ok_or_else(missing)?.meta.last_modified.timestamp_millis();
        Ok((begun, StoreTime { milliseconds, at }))
    }

    /// Announces that this replica is about to end.
    pub(super) async fn announce_end(&self) -> Result<(), StoreError> {
        self.is_ending.store(true, Ordering::Release);
        self.renew().await
    }

    /// Ends the lease: what is still claimed under it is lost.
    pub(super) async fn end(&self) -> Result<(), StoreError> {
        self.valid_until.store(0, Ordering::Release);
        self.store.delete(key(&self.owner().lease)).await
    }

    /// What is known of the owner of a claim.
    pub(super) async fn status_of(&self, owner: &Owner) -> Result<OwnerStatus, StoreError> {
        let known = self.others.lock().get(&owner.lease).copied();
        if let Some((status, at)) = known
            && (status == OwnerStatus::Gone || at.elapsed() < FRESH)
        {
            return Ok(status);
        }
        let status = self.read_status(&owner.lease).await?;
        self.others.lock().put(owner.lease.clone(), (status, Instant::now()));
        Ok(status)
    }

    async fn read_status(&self, lease: &str) -> Result<OwnerStatus, StoreError> {
        let Some(object) = self.store.get(key(lease)).await? else { return Ok(OwnerStatus::Gone) };
        let invalid = |error: serde_json::Error| StoreError::Invalid { key: key(lease), reason: error.to_string() };
        let document: Document = serde_json::from_slice(&object.content).map_err(invalid)?;
        let Some(time) = *self.renewed.lock().await else { return Ok(OwnerStatus::Alive) };
        let now = time.milliseconds + millis(time.at.elapsed()) as i64;
        let ends = object.meta.last_modified.timestamp_millis() + document.length as i64 + millis(ROUNDING) as i64;
        Ok(match document.is_ending {
            _ if ends < now => OwnerStatus::Gone,
            true => OwnerStatus::Ending,
            false => OwnerStatus::Alive,
        })
    }

    fn milliseconds(&self, at: Instant) -> u64 {
        millis(at.duration_since(self.begun))
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn key(lease: &str) -> String {
    format!("replicas/{lease}.json")
}
