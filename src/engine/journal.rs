use std::collections::VecDeque;

use compact_str::CompactString;
use http::Method;
use jiff::Timestamp;
use smallvec::SmallVec;

use crate::exchange::Call;

/// How many calls a session remembers.
const LENGTH: usize = 256;

/// What happened, and why: one call.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The world's time.
    pub at: Timestamp,
    /// The method.
    pub method: Method,
    /// The path as sent.
    pub path: CompactString,
    /// The operation, by its place in the contract; none when the path led nowhere.
    pub operation: Option<usize>,
    /// The status that was answered.
    pub status: u16,
    /// The quirks that changed the answer, by their places.
    pub changed_by: SmallVec<[usize; 8]>,
}

/// The last calls of a session.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal(VecDeque<Entry>);

impl Entry {
    pub(super) fn of(
        call: &Call,
        at: Timestamp,
        operation: Option<usize>,
        status: u16,
        changed_by: SmallVec<[usize; 8]>,
    ) -> Self {
        Self { at, method: call.method.clone(), path: call.path.clone(), operation, status, changed_by }
    }
}

impl Journal {
    pub(super) fn note(&mut self, entry: Entry) {
        if self.0.len() == LENGTH {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }

    /// The calls, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter()
    }
}
