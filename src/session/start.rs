use parking_lot::Mutex;

use crate::request::{CacheLimits, ResponseCache, State};

/// The state with which sessions begin and to which they return on reset, with the responses to the requests of sessions
/// that have not changed it.
pub struct Start {
    state: Mutex<State>,
    cache: Mutex<ResponseCache>,
}

impl Start {
    /// Sessions begin with this state.
    pub fn new(state: State, cache_limits: CacheLimits) -> Self {
        Self { state: Mutex::new(state), cache: Mutex::new(ResponseCache::new(cache_limits)) }
    }

    /// An independent copy of the state. How long it takes does not depend on the number of records.
    pub fn fork(&self) -> State {
        let mut state = self.state.lock().clone();
        state.store.separate_orders();
        state
    }

    /// Whether a record exists.
    pub fn has_record(&self, kind: &str, id: &str) -> bool {
        self.state.lock().store.get(kind, id).is_some()
    }

    /// The responses to requests of sessions whose state is still the initial one.
    pub(super) fn cache(&self) -> &Mutex<ResponseCache> {
        &self.cache
    }
}
