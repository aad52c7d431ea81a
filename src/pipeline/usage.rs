//! How often operations are requested, for `GET /operations` and `GET /metrics`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::StatusCode;
use parking_lot::Mutex;
use smallvec::SmallVec;

use super::Engine;
use super::pace::Pace;

/// The upper bounds of the histogram of durations, microseconds.
pub const DURATION_BOUNDS: [u64; 9] = [50, 100, 250, 500, 1_000, 5_000, 25_000, 100_000, 1_000_000];

/// The requests of all sessions since the start of the server.
#[derive(Default)]
pub struct Usage {
    /// One for each operation, in the order of the contract.
    operations: Vec<Counter>,
    /// Requests without an operation.
    others: Counter,
    durations: Durations,
}

/// How many responses had which status.
pub type StatusCounts = SmallVec<[(StatusCode, u64); 2]>;

/// The requests of one operation.
#[derive(Default)]
struct Counter {
    statuses: Mutex<StatusCounts>,
    pace: Pace,
}

/// How long requests took.
#[derive(Default)]
struct Durations {
    /// The number of requests up to each bound and above the one before; the last one has no bound.
    buckets: [AtomicU64; DURATION_BOUNDS.len() + 1],
    /// The sum, nanoseconds.
    sum: AtomicU64,
}

/// A histogram of durations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// How many requests took at most as long as each of [`DURATION_BOUNDS`].
    pub up_to: Vec<u64>,
    /// The number of requests.
    pub count: u64,
    /// How long they took together.
    pub sum: Duration,
}

impl Usage {
    /// Nothing has been requested.
    pub(super) fn new(engine: &Engine) -> Self {
        let operations = engine.contract().operations.iter().map(|_| Counter::default()).collect();
        Self { operations, others: Counter::default(), durations: Durations::default() }
    }

    /// The same for another engine: operations that both have keep their numbers.
    pub(super) fn for_engine(self, before: &Engine, after: &Engine) -> Self {
        let keys = before.endpoints.iter().map(|endpoint| Arc::clone(&endpoint.key));
        let mut known: BTreeMap<Arc<str>, Counter> = keys.zip(self.operations).collect();
        let operations =
            after.endpoints.iter().map(|endpoint| known.remove(&endpoint.key).unwrap_or_default()).collect();
        Self { operations, ..self }
    }

    /// Counts a response to an operation, given by its index.
    pub(crate) fn count(&self, operation: Option<usize>, status: StatusCode, elapsed: Option<Duration>) {
        let counter = operation.map_or(&self.others, |index| &self.operations[index]);
        counter.count(status);
        if let Some(elapsed) = elapsed {
            counter.pace.add(elapsed);
            self.durations.count(elapsed);
        }
    }

    /// Whether the next request to an operation, given by its index, may take long.
    pub(super) fn is_slow(&self, operation: Option<usize>) -> bool {
        operation.map_or(&self.others, |index| &self.operations[index]).pace.is_slow()
    }

    /// How often each operation was requested, in the order of the contract.
    pub fn operations(&self) -> impl Iterator<Item = StatusCounts> {
        self.operations.iter().map(Counter::counts)
    }

    /// How often paths without an operation were requested.
    pub fn others(&self) -> StatusCounts {
        self.others.counts()
    }

    /// How long it took to make the responses.
    pub fn durations(&self) -> Histogram {
        let mut count = 0;
        let mut up_to: Vec<u64> = Vec::with_capacity(DURATION_BOUNDS.len() + 1);
        for bucket in &self.durations.buckets {
            count += bucket.load(Ordering::Relaxed);
            up_to.push(count);
        }
        up_to.pop();
        Histogram { up_to, count, sum: Duration::from_nanos(self.durations.sum.load(Ordering::Relaxed)) }
    }
}

impl Counter {
    fn count(&self, status: StatusCode) {
        let mut counts = self.statuses.lock();
        match counts.iter_mut().find(|(known, _)| *known == status) {
            Some((_, count)) => *count += 1,
            None => counts.push((status, 1)),
        }
    }

    /// The counts in the order of the statuses.
    fn counts(&self) -> StatusCounts {
        let mut counts = self.statuses.lock().clone();
        counts.sort_unstable_by_key(|(status, _)| *status);
        counts
    }
}

impl Durations {
    fn count(&self, elapsed: Duration) {
        let bucket = DURATION_BOUNDS.iter().position(|bound| elapsed <= Duration::from_micros(*bound));
        self.buckets[bucket.unwrap_or(DURATION_BOUNDS.len())].fetch_add(1, Ordering::Relaxed);
        let nanoseconds = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        self.sum.fetch_add(nanoseconds, Ordering::Relaxed);
    }
}
