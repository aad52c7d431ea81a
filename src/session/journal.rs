use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Waker;

use parking_lot::Mutex;
use smallvec::SmallVec;

use super::{Delivery, DeliveryStatus, Entry, EventEntry, NotificationSender};

/// Why a notification is not sent without a sender.
const NO_SENDER: &str = "nothing is sent without --deliver-to";

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
    /// Sends notifications; without one they are only recorded.
    sender: OnceLock<Arc<dyn NotificationSender>>,
}

#[derive(Default)]
struct Ring {
    entries: VecDeque<Item>,
    bytes: usize,
    /// The number of items that were dropped: the position of the first item is one higher.
    dropped: u64,
    /// The wakers of the readers that wait for more, by their numbers.
    wakers: HashMap<u64, Waker>,
    /// The number of the last reader.
    readers: u64,
}

/// Follows a journal as it grows.
pub struct JournalReader {
    journal: Arc<Journal>,
    number: u64,
    /// The position up to which it has read.
    position: u64,
}

/// What a journal holds.
#[derive(Clone, Debug)]
pub enum Item {
    /// A request.
    Request(Arc<Entry>),
    /// An event of a clock.
    Event(Arc<EventEntry>),
    /// The place of an entry whose session has ended or begun anew.
    Ended,
}

/// What a journal has of one session, or of all, after a position.
pub struct Following {
    /// The items, oldest first, each with its position. Positions count the items of all sessions, from 1.
    pub items: Vec<(u64, Item)>,
    /// The position up to which this is all.
    pub position: u64,
    /// How many items after the position were dropped before they were read; they may belong to other sessions.
    pub lost: u64,
}

impl Item {
    fn log(&self) -> Option<&Arc<SessionLog>> {
        match self {
            Self::Request(entry) => Some(&entry.log),
            Self::Event(entry) => Some(&entry.log),
            Self::Ended => None,
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Request(entry) => entry.size(),
            Self::Event(entry) => entry.size(),
            Self::Ended => 0,
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
        Self { limits, ring: Mutex::default(), sender: OnceLock::new() }
    }

    /// Sends notifications with a sender from now on. Only the first one that is set counts.
    pub fn set_sender(&self, sender: Arc<dyn NotificationSender>) {
        let _ = self.sender.set(sender);
    }

    fn send(&self, deliveries: &[Arc<Delivery>]) {
        for delivery in deliveries {
            match self.sender.get() {
                Some(sender) => sender.send(Arc::clone(delivery)),
                None => delivery.set_status(DeliveryStatus::NotSent(NO_SENDER.to_owned())),
            }
        }
    }

    /// Adds a request.
    pub fn add(&self, entry: Entry) {
        self.send(&entry.deliveries);
        self.push(Item::Request(Arc::new(entry)));
    }

    /// Adds an event.
    pub fn add_event(&self, entry: EventEntry) {
        self.send(&entry.deliveries);
        self.push(Item::Event(Arc::new(entry)));
    }

    fn push(&self, item: Item) {
        // Entries are freed after the lock is released.
        let mut dropped = SmallVec::<[Item; 2]>::new();
        let mut ring = self.ring.lock();
        ring.bytes += item.size();
        ring.entries.push_back(item);
        let wakers = std::mem::take(&mut ring.wakers);
        while ring.entries.len() > self.limits.entries || ring.bytes > self.limits.bytes {
            let Some(oldest) = ring.entries.pop_front() else { break };
            ring.bytes -= oldest.size();
            ring.dropped += 1;
            oldest.count_eviction();
            dropped.push(oldest);
        }
        drop(ring);
        wakers.into_values().for_each(Waker::wake);
    }

    /// Frees the entries of a session that has ended or begins anew, and wakes the tasks that wait for more of it.
    pub(super) fn end(&self, log: &Arc<SessionLog>) {
        let mut freed = Vec::new();
        let mut ring = self.ring.lock();
        // Without entries, only the session itself refers to its log.
        if Arc::strong_count(log) > 1 {
            let Ring { entries, bytes, .. } = &mut *ring;
            for item in entries.iter_mut().filter(|item| item.log().is_some_and(|own| Arc::ptr_eq(own, log))) {
                *bytes -= item.size();
                freed.push(std::mem::replace(item, Item::Ended));
            }
        }
        let wakers = std::mem::take(&mut ring.wakers);
        drop(ring);
        wakers.into_values().for_each(Waker::wake);
    }

    /// Follows the journal after a position. One that the journal has not reached is that of another journal: everything comes
    /// after it.
    pub fn follow(self: &Arc<Self>, position: u64) -> JournalReader {
        let mut ring = self.ring.lock();
        ring.readers += 1;
        JournalReader { journal: Arc::clone(self), number: ring.readers, position }
    }

    /// At most `limit` items of a session, or of all sessions, after the position of a reader. If there are none, the waker is
    /// called once there may be.
    fn read(
        &self,
        (reader, after): (u64, u64),
        log: Option<&Arc<SessionLog>>,
        limit: usize,
        waker: &Waker,
    ) -> Following {
        let mut ring = self.ring.lock();
        let end = ring.dropped + ring.entries.len() as u64;
        let after = if after > end { 0 } else { after };
        let first = after.max(ring.dropped);
        let positions = first + 1..;
        let rest = ring.entries.range((first - ring.dropped) as usize..);
        let items: Vec<(u64, Item)> = positions
            .zip(rest)
            .filter(|(_, item)| item.log().is_some_and(|own| log.is_none_or(|log| Arc::ptr_eq(own, log))))
            .take(limit)
            .map(|(position, item)| (position, item.clone()))
            .collect();
        let position = items.last().filter(|_| items.len() == limit).map_or(end, |(position, _)| *position);
        if items.is_empty() {
            ring.wakers.insert(reader, waker.clone());
        }
        Following { items, position, lost: first - after }
    }

    /// The position of the last item.
    pub fn position(&self) -> u64 {
        let ring = self.ring.lock();
        ring.dropped + ring.entries.len() as u64
    }

    /// The events of a session with a higher number than `since`, oldest first.
    pub fn events(&self, log: &Arc<SessionLog>, since: u64) -> Vec<Arc<EventEntry>> {
        let ring = self.ring.lock();
        let events = ring.entries.iter().filter_map(|item| match item {
            Item::Event(event) => Some(event),
            Item::Request(_) | Item::Ended => None,
        });
        events.filter(|event| Arc::ptr_eq(&event.log, log) && event.seq > since).cloned().collect()
    }

    /// The requests of a session with a higher number than `since`, oldest first.
    pub fn entries(&self, log: &Arc<SessionLog>, since: u64) -> Vec<Arc<Entry>> {
        let ring = self.ring.lock();
        let requests = ring.entries.iter().filter_map(|item| match item {
            Item::Request(entry) => Some(entry),
            Item::Event(_) | Item::Ended => None,
        });
        let is_wanted = |entry: &&Arc<Entry>| Arc::ptr_eq(&entry.log, log) && entry.seq > since;
        let mut found: Vec<_> = requests.filter(is_wanted).cloned().collect();
        drop(ring);
        // Requests that are served at the same time can arrive here in another order.
        found.sort_by_key(|entry| entry.seq);
        found
    }

    /// The number of entries that were dropped because the journal was full.
    pub fn dropped(&self) -> u64 {
        self.ring.lock().dropped
    }

    /// The number of entries and their size in bytes.
    pub fn usage(&self) -> (usize, usize) {
        let ring = self.ring.lock();
        let count = ring.entries.iter().filter(|item| !matches!(item, Item::Ended)).count();
        (count, ring.bytes)
    }
}

impl JournalReader {
    /// The next items of a session, or of all sessions: at most `limit`. If there are none, the waker is called once there may
    /// be.
    pub fn next(&mut self, log: Option<&Arc<SessionLog>>, limit: usize, waker: &Waker) -> Following {
        let following = self.journal.read((self.number, self.position), log, limit, waker);
        self.position = following.position;
        following
    }

    /// Goes back to a position.
    pub fn return_to(&mut self, position: u64) {
        self.position = position;
    }
}

impl Drop for JournalReader {
    fn drop(&mut self) {
        self.journal.ring.lock().wakers.remove(&self.number);
    }
}
