use std::collections::HashMap;

use foldhash::fast::RandomState;
use http::Method;
use parking_lot::Mutex;

use super::{Request, Response, Revision, State, ValidRange};

/// How much a cache holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    /// The maximum number of responses.
    pub responses: usize,
    /// The maximum size of their bodies and keys, bytes.
    pub bytes: usize,
}

impl CacheLimits {
    /// For a cache of which a process has one or two.
    pub const LARGE: Self = Self { responses: 512, bytes: 4 << 20 };
    /// For a cache of which a process has thousands.
    pub const SMALL: Self = Self { responses: 32, bytes: 16 << 10 };
}

/// The cache that a request uses.
pub struct RequestCache<'a> {
    place: CachePlace<'a>,
    /// The version of the state when the request began.
    begun: Revision,
}

/// Where the responses for a request are.
pub enum CachePlace<'a> {
    /// In the session's own cache, which is created when it is first used.
    Own(&'a mut Option<Box<ResponseCache>>, CacheLimits),
    /// In the cache that all sessions share whose state is still the initial one. It is locked only while it is used.
    Shared(&'a Mutex<ResponseCache>),
    /// Nowhere: the response is stored after the request, and none can be found.
    Later(&'a mut Option<Response>),
}

impl<'a> RequestCache<'a> {
    /// The cache for a request that begins with this state.
    pub fn new(place: CachePlace<'a>, state: &State) -> Self {
        Self { place, begun: state.revision() }
    }

    /// The response to the same request, with the same headers, if it is still valid.
    pub fn find(&mut self, request: &Request, state: &State) -> Option<Response> {
        if !is_cacheable(request) {
            return None;
        }
        match &mut self.place {
            CachePlace::Own(cache, _) => cache.as_mut().and_then(|cache| cache.find(request, state).cloned()),
            CachePlace::Shared(cache) => cache.lock().find(request, state).cloned(),
            CachePlace::Later(_) => None,
        }
    }

    /// Whether there is a valid response to the same request.
    pub fn has(&mut self, request: &Request, state: &State) -> bool {
        is_cacheable(request)
            && match &mut self.place {
                CachePlace::Own(cache, _) => cache.as_mut().is_some_and(|cache| cache.find(request, state).is_some()),
                CachePlace::Shared(cache) => cache.lock().find(request, state).is_some(),
                CachePlace::Later(_) => false,
            }
    }

    /// Stores the response to a request, unless that has changed the state.
    pub fn store(&mut self, request: &Request, state: &State, response: &Response) {
        if !is_cacheable(request) || self.begun != state.revision() {
            return;
        }
        match &mut self.place {
            CachePlace::Own(cache, limits) => {
                cache.get_or_insert_with(|| Box::new(ResponseCache::new(*limits))).store(request, state, response);
            }
            CachePlace::Shared(cache) => cache.lock().store(request, state, response),
            CachePlace::Later(stored) => **stored = Some(response.clone()),
        }
    }
}

/// Responses to GET requests. The engine is a function of request, state and time: a response stays valid until the state
/// changes or the time leaves the range in which the response is the same.
pub struct ResponseCache {
    limits: CacheLimits,
    revision: Revision,
    responses: HashMap<Box<[u8]>, CachedResponse, RandomState>,
    bytes: usize,
    /// Storage for the key of a request, used again for each.
    key: Vec<u8>,
}

struct CachedResponse {
    response: Response,
    /// When it is valid; always, if the time was not read.
    valid_in: Option<ValidRange>,
}

impl ResponseCache {
    /// An empty cache.
    pub fn new(limits: CacheLimits) -> Self {
        Self { limits, revision: Revision::default(), responses: HashMap::default(), bytes: 0, key: Vec::new() }
    }

    fn find(&mut self, request: &Request, state: &State) -> Option<&Response> {
        self.begin(request, state);
        let found = self.responses.get(self.key.as_slice()).filter(|cached| state.is_in(cached.valid_in));
        found.map(|cached| &cached.response)
    }

    /// Prepares the cache for a request: drops responses from other versions of the state.
    fn begin(&mut self, request: &Request, state: &State) {
        let revision = state.revision();
        if self.revision != revision {
            self.clear();
            self.revision = revision;
        }
        self.build_key(request);
    }

    fn store(&mut self, request: &Request, state: &State, response: &Response) {
        self.begin(request, state);
        let size = self.key.len() + response.body.len();
        if size > self.limits.bytes {
            return;
        }
        if self.responses.len() == self.limits.responses || self.bytes + size > self.limits.bytes {
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
