use std::collections::VecDeque;

use compact_str::CompactString;
use http::Method;
use jiff::Timestamp;
use smallvec::SmallVec;

use super::cache::CachedResponse;
use crate::request::Request;

/// How many calls a session remembers.
const LENGTH: usize = 256;

/// Quirks that changed an answer, by their places.
pub(super) type Changes = SmallVec<[usize; 8]>;

/// What happened, and why: one call.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The world's time.
    pub(super) at: Timestamp,
    /// The method.
    pub(super) method: Method,
    /// The path as sent.
    pub(super) path: CompactString,
    /// The operation, by its place in the contract; none when the path led nowhere.
    pub(super) operation: Option<usize>,
    /// The status that was answered.
    pub(super) status: u16,
    /// The quirks that changed the answer, by their places.
    pub(super) applied_quirks: Changes,
}

/// The last calls of a session.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal(VecDeque<Entry>);

impl Entry {
    pub(super) fn of(call: &Request, at: Timestamp, said: &CachedResponse) -> Self {
        Self {
            at,
            method: call.method.clone(),
            path: call.path.clone(),
            operation: said.operation,
            status: said.answer.status.as_u16(),
            applied_quirks: said.applied_quirks.clone(),
        }
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
