use std::collections::HashMap;
use std::sync::Arc;

use compact_str::CompactString;
use parking_lot::Mutex;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// A lock for each session that is being taken up or parked.
#[derive(Default)]
pub(super) struct Locks(Mutex<HashMap<CompactString, Arc<AsyncMutex<()>>>>);

/// The lock of a session, until it is dropped.
pub(super) struct Locked<'l> {
    locks: &'l Locks,
    id: CompactString,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Locks {
    /// Waits for the lock of a session.
    pub(super) async fn lock(&self, id: &str) -> Locked<'_> {
        let lock = Arc::clone(self.0.lock().entry(id.into()).or_default());
        Locked { locks: self, id: id.into(), guard: Some(lock.lock_owned().await) }
    }

    /// The lock of a session unless it is locked.
    pub(super) fn try_lock(&self, id: &str) -> Option<Locked<'_>> {
        let lock = Arc::clone(self.0.lock().entry(id.into()).or_default());
        let guard = lock.try_lock_owned().ok()?;
        Some(Locked { locks: self, id: id.into(), guard: Some(guard) })
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        let mut locks = self.locks.0.lock();
        self.guard.take();
        // Who waits for it refers to it.
        if locks.get(&self.id).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            locks.remove(&self.id);
        }
    }
}
