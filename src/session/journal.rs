use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use smallvec::SmallVec;

use super::Entry;

/// How much a journal holds, for all sessions together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalLimits {
    /// The maximum number of entries.
    pub entries: usize,
    /// The maximum size of the entries, bytes.
    pub bytes: usize,
}

impl Default for JournalLimits {
    fn default() -> Self {
        Self { entries: 10_000, bytes: 64 << 20 }
    }
}

/// The last requests of all sessions. When it is full, the oldest entry is dropped and counted.
#[derive(Default)]
pub struct Journal {
    limits: JournalLimits,
    ring: Mutex<Ring>,
}

#[derive(Default)]
struct Ring {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
}

/// A session's part of the journal. A reset begins another one.
#[derive(Debug, Default)]
pub struct SessionLog {
    last: AtomicU64,
    evicted: AtomicU64,
}

impl SessionLog {
    /// The number of the next entry.
    pub(super) fn next_seq(&self) -> u64 {
        self.last.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The number of entries so far, including those that were dropped.
    pub fn count(&self) -> u64 {
        self.last.load(Ordering::Relaxed)
    }

    /// The number of entries that were dropped because the journal was full.
    pub fn evicted(&self) -> u64 {
        self.evicted.load(Ordering::Relaxed)
    }
}

impl Journal {
    /// An empty journal.
    pub fn new(limits: JournalLimits) -> Self {
        Self { limits, ring: Mutex::default() }
    }

    /// Adds an entry.
    pub fn add(&self, entry: Entry) {
        let entry = Arc::new(entry);
        // Entries are freed after the lock is released.
        let mut dropped = SmallVec::<[Arc<Entry>; 2]>::new();
        let mut ring = self.ring.lock();
        ring.bytes += entry.size();
        ring.entries.push_back(entry);
        while ring.entries.len() > self.limits.entries || ring.bytes > self.limits.bytes {
            let Some(oldest) = ring.entries.pop_front() else { break };
            ring.bytes -= oldest.size();
            oldest.log.evicted.fetch_add(1, Ordering::Relaxed);
            dropped.push(oldest);
        }
        drop(ring);
    }

    /// The entries of a session with a higher number than `since`, oldest first.
    pub fn entries(&self, log: &Arc<SessionLog>, since: u64) -> Vec<Arc<Entry>> {
        let ring = self.ring.lock();
        let is_wanted = |entry: &&Arc<Entry>| Arc::ptr_eq(&entry.log, log) && entry.seq > since;
        let mut found: Vec<_> = ring.entries.iter().filter(is_wanted).cloned().collect();
        drop(ring);
        // Requests that are served at the same time can arrive here in another order.
        found.sort_by_key(|entry| entry.seq);
        found
    }

    /// The number of entries and their size in bytes.
    pub fn usage(&self) -> (usize, usize) {
        let ring = self.ring.lock();
        (ring.entries.len(), ring.bytes)
    }
}
