use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use smallvec::SmallVec;

use super::{Entry, EventEntry};

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

/// The last requests of all sessions, and the events of their clocks. When it is full, the oldest entry is dropped and counted.
#[derive(Default)]
pub struct Journal {
    limits: JournalLimits,
    ring: Mutex<Ring>,
}

#[derive(Default)]
struct Ring {
    entries: VecDeque<Item>,
    bytes: usize,
}

/// What a journal holds.
enum Item {
    Request(Arc<Entry>),
    Event(Arc<EventEntry>),
}

impl Item {
    fn size(&self) -> usize {
        match self {
            Self::Request(entry) => entry.size(),
            Self::Event(_) => EventEntry::SIZE,
        }
    }

    /// Counts a request that is dropped: a verification may need it. None needs events.
    fn count_eviction(&self) {
        if let Self::Request(entry) = self {
            entry.log.evicted.fetch_add(1, Ordering::Relaxed);
        }
    }
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

    /// The number of requests and events so far, including those that were dropped.
    pub fn count(&self) -> u64 {
        self.last.load(Ordering::Relaxed)
    }

    /// The number of requests that were dropped because the journal was full.
    pub fn evicted(&self) -> u64 {
        self.evicted.load(Ordering::Relaxed)
    }
}

impl Journal {
    /// An empty journal.
    pub fn new(limits: JournalLimits) -> Self {
        Self { limits, ring: Mutex::default() }
    }

    /// Adds a request.
    pub fn add(&self, entry: Entry) {
        self.push(Item::Request(Arc::new(entry)));
    }

    /// Adds an event.
    pub fn add_event(&self, entry: EventEntry) {
        self.push(Item::Event(Arc::new(entry)));
    }

    fn push(&self, item: Item) {
        // Entries are freed after the lock is released.
        let mut dropped = SmallVec::<[Item; 2]>::new();
        let mut ring = self.ring.lock();
        ring.bytes += item.size();
        ring.entries.push_back(item);
        while ring.entries.len() > self.limits.entries || ring.bytes > self.limits.bytes {
            let Some(oldest) = ring.entries.pop_front() else { break };
            ring.bytes -= oldest.size();
            oldest.count_eviction();
            dropped.push(oldest);
        }
        drop(ring);
    }

    /// The events of a session with a higher number than `since`, oldest first.
    pub fn events(&self, log: &Arc<SessionLog>, since: u64) -> Vec<Arc<EventEntry>> {
        let ring = self.ring.lock();
        let events = ring.entries.iter().filter_map(|item| match item {
            Item::Event(event) => Some(event),
            Item::Request(_) => None,
        });
        events.filter(|event| Arc::ptr_eq(&event.log, log) && event.seq > since).cloned().collect()
    }

    /// The requests of a session with a higher number than `since`, oldest first.
    pub fn entries(&self, log: &Arc<SessionLog>, since: u64) -> Vec<Arc<Entry>> {
        let ring = self.ring.lock();
        let requests = ring.entries.iter().filter_map(|item| match item {
            Item::Request(entry) => Some(entry),
            Item::Event(_) => None,
        });
        let is_wanted = |entry: &&Arc<Entry>| Arc::ptr_eq(&entry.log, log) && entry.seq > since;
        let mut found: Vec<_> = requests.filter(is_wanted).cloned().collect();
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
