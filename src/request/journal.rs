use std::collections::VecDeque;

use compact_str::CompactString;
use http::Method;
use jiff::Timestamp;

use super::{AppliedQuirks, Request, Response};

/// The number of requests that a session remembers.
const CAPACITY: usize = 256;

/// One request and its response.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The time of the session's clock.
    pub at: Timestamp,
    /// The method.
    pub method: Method,
    /// The path as sent.
    pub path: CompactString,
    /// Index of the operation in the contract; `None` if the path has no operation of the method.
    pub operation: Option<usize>,
    /// The status of the response.
    pub status: u16,
    /// Indexes of the quirks that changed the response.
    pub quirks: AppliedQuirks,
}

/// The last requests of a session.
#[derive(Clone, Debug, Default)]
pub struct Journal(VecDeque<Entry>);

impl Journal {
    /// Adds a request, and drops the oldest when the journal is full.
    pub fn add(&mut self, request: &Request, at: Timestamp, response: &Response) {
        if self.0.len() == CAPACITY {
            self.0.pop_front();
        }
        self.0.push_back(Entry {
            at,
            method: request.method.clone(),
            path: request.path.clone(),
            operation: response.meta.operation,
            status: response.status.as_u16(),
            quirks: AppliedQuirks::from_slice(&response.meta.quirks),
        });
    }

    /// The requests, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter()
    }
}
