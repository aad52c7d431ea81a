//! The engine is a function, so what it answered once it answers again, as long as nothing has changed that the answer
//! may depend on: the world, and the time as far as it was looked at.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use http::Method;
use jiff::Timestamp;

use super::journal::Changes;
use crate::request::Response;
use crate::request::{Request, Revision, State};

/// How many answers are kept at most, and how many bytes of them with their calls.
const MAX_ANSWERS: usize = 512;
const MAX_BYTES: usize = 4 << 20;

/// The answers to calls that changed nothing, since the world last changed.
#[derive(Default)]
pub(super) struct ResponseCache {
    revision: Revision,
    answers: HashMap<Box<[u8]>, CachedResponse, RandomState>,
    bytes: usize,
    /// The call that was asked about last, as one text.
    key: Vec<u8>,
}

/// An answer, and what is noted of it.
#[derive(Clone)]
pub(super) struct CachedResponse {
    pub(super) answer: Response,
    pub(super) operation: Option<usize>,
    pub(super) applied_quirks: Changes,
    /// The moments from which and up to which it holds; always, where nobody looked at the time.
    pub(super) within: Option<(Timestamp, Timestamp)>,
}

impl ResponseCache {
    /// What was answered to the same call, headers and all, if it still holds.
    pub(super) fn find(&mut self, call: &Request, state: &State) -> Option<&CachedResponse> {
        if !is_kept(call) {
            return None;
        }
        let revision = state.revision();
        if self.revision != revision {
            self.forget();
            self.revision = revision;
        }
        self.build_key(call);
        self.answers.get(self.key.as_slice()).filter(|cached| state.is_valid_in(cached.within))
    }

    /// Keeps the answer to the call that was asked about last, unless it changed the world.
    pub(super) fn keep(&mut self, call: &Request, state: &State, cached: &CachedResponse) {
        let size = self.key.len() + cached.answer.body.len();
        if !is_kept(call) || self.revision != state.revision() || size > MAX_BYTES {
            return;
        }
        if self.answers.len() == MAX_ANSWERS || self.bytes + size > MAX_BYTES {
            self.forget();
        }
        self.bytes += size;
        if let Some(before) = self.answers.insert(self.key.as_slice().into(), cached.clone()) {
            self.bytes -= self.key.len() + before.answer.body.len();
        }
    }

    fn forget(&mut self) {
        self.answers.clear();
        self.bytes = 0;
    }

    /// Everything that an answer may depend on. No part has a line break in it.
    fn build_key(&mut self, call: &Request) {
        self.key.clear();
        self.key.extend_from_slice(call.path.as_bytes());
        if let Some(query) = &call.query {
            self.key.push(b'?');
            self.key.extend_from_slice(query.as_bytes());
        }
        for (name, value) in &call.headers {
            self.key.push(b'\n');
            self.key.extend_from_slice(name.as_str().as_bytes());
            self.key.push(b':');
            self.key.extend_from_slice(value.as_bytes());
        }
    }
}

/// Whether the answer to a call of this kind may be kept.
fn is_kept(call: &Request) -> bool {
    call.method == Method::GET && call.body.is_empty()
}
