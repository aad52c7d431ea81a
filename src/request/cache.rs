use std::collections::HashMap;

use foldhash::fast::RandomState;
use http::Method;

use super::{Request, Response, Revision, State, ValidRange};

/// The maximum number of cached responses, and of the bytes of their bodies and keys.
const MAX_RESPONSES: usize = 512;
const MAX_BYTES: usize = 4 << 20;

/// Responses to GET requests. The engine is a function of request, state and time: a response stays valid until the state
/// changes or the time leaves the range in which the response is the same.
#[derive(Default)]
pub struct ResponseCache {
    revision: Revision,
    responses: HashMap<Box<[u8]>, CachedResponse, RandomState>,
    bytes: usize,
    /// The key of the last request that was looked up.
    key: Vec<u8>,
}

struct CachedResponse {
    response: Response,
    /// When it is valid; always, if the time was not read.
    valid_in: Option<ValidRange>,
}

impl ResponseCache {
    /// The response to the same request, with the same headers, if it is still valid.
    pub fn find(&mut self, request: &Request, state: &State) -> Option<&Response> {
        if !is_cacheable(request) {
            return None;
        }
        let revision = state.revision();
        if self.revision != revision {
            self.clear();
            self.revision = revision;
        }
        self.build_key(request);
        let found = self.responses.get(self.key.as_slice()).filter(|cached| state.is_in(cached.valid_in));
        found.map(|cached| &cached.response)
    }

    /// Stores the response to the request that was looked up last, unless it has changed the state.
    pub fn store(&mut self, request: &Request, state: &State, response: &Response) {
        let size = self.key.len() + response.body.len();
        if !is_cacheable(request) || self.revision != state.revision() || size > MAX_BYTES {
            return;
        }
        if self.responses.len() == MAX_RESPONSES || self.bytes + size > MAX_BYTES {
            self.clear();
        }
        self.bytes += size;
        let cached = CachedResponse { response: response.clone(), valid_in: state.valid_range() };
        if let Some(before) = self.responses.insert(self.key.as_slice().into(), cached) {
            self.bytes -= self.key.len() + before.response.body.len();
        }
    }

    fn clear(&mut self) {
        self.responses.clear();
        self.bytes = 0;
    }

    /// Everything in a request that a response can depend on. No part contains a line break.
    fn build_key(&mut self, request: &Request) {
        self.key.clear();
        self.key.extend_from_slice(request.path.as_bytes());
        if let Some(query) = &request.query {
            self.key.push(b'?');
            self.key.extend_from_slice(query.as_bytes());
        }
        for (name, value) in &request.headers {
            self.key.push(b'\n');
            self.key.extend_from_slice(name.as_str().as_bytes());
            self.key.push(b':');
            self.key.extend_from_slice(value.as_bytes());
        }
    }
}

fn is_cacheable(request: &Request) -> bool {
    request.method == Method::GET && request.body.is_empty()
}
