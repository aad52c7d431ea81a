use std::num::NonZeroUsize;
use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use jiff::{SignedDuration, Timestamp};
use lru::LruCache;
use parking_lot::Mutex;

use super::migration::Migration;
use super::{Journal, Session, SessionId, SessionVersion, Start};
use crate::model::MemoryMeter;
use crate::request::{CacheLimits, State};

/// How many ids of evicted sessions are remembered.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(100_000).expect("not zero");

/// How many sessions there are at most, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// The maximum number of sessions besides `default`; beyond it, the least recently used one is evicted.
    pub count: usize,
    /// How long a session stays without requests.
    pub idle: SignedDuration,
    /// Whether sessions beyond the limits stay until they are removed: another part of the program stores them first.
    pub are_parked: bool,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self { count: 10_000, idle: SignedDuration::from_hours(24), are_parked: false }
    }
}

/// The sessions of one server by id. The session `default` always exists.
pub struct Sessions {
    journal: Arc<Journal>,
    /// Counts the memory of the records of all sessions.
    meter: Arc<MemoryMeter>,
    limits: SessionLimits,
    default: Arc<Session>,
    registry: Mutex<Registry>,
}

struct Registry {
    /// The initial state.
    start: Arc<Start>,
    /// The most recently used first.
    sessions: LruCache<CompactString, Used>,
    /// The ids of the last ones that were evicted.
    evicted: LruCache<CompactString, ()>,
    evictions: u64,
    /// The number in the last id that was made up.
    last_number: u64,
}

struct Used {
    session: Arc<Session>,
    at: Timestamp,
}

/// The session of an id.
pub enum Found {
    /// It existed before.
    Existing(Arc<Session>),
    /// It has been created, as a fork of the initial state.
    New(Arc<Session>),
    /// It was evicted, and its state is lost.
    Evicted,
}

/// Why a session is not created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateError {
    /// A session has that id.
    Exists,
}

impl Sessions {
    /// The sessions of a server, which begin with this state.
    pub fn new(start: State, journal: Arc<Journal>, limits: SessionLimits) -> Self {
        let meter = Arc::clone(start.store.meter());
        let start = Arc::new(Start::new(start, CacheLimits::LARGE));
        let session = |id, caches| Arc::new(Session::named(id, Arc::clone(&start), Arc::clone(&journal), caches));
        let default = session(CompactString::const_new(SessionId::DEFAULT), CacheLimits::LARGE);
        let (sessions, evicted) = (LruCache::unbounded(), LruCache::new(REMEMBERED));
        let registry = Mutex::new(Registry { start, sessions, evicted, evictions: 0, last_number: 0 });
        Self { journal, meter, limits, default, registry }
    }

    /// The limits.
    pub fn limits(&self) -> &SessionLimits {
        &self.limits
    }

    /// What counts the memory of the records of all sessions.
    pub fn meter(&self) -> &Arc<MemoryMeter> {
        &self.meter
    }

    /// The session `default`.
    pub fn default_session(&self) -> &Arc<Session> {
        &self.default
    }

    /// The initial state.
    pub fn start(&self) -> Arc<Start> {
        Arc::clone(&self.registry.lock().start)
    }

    /// Replaces the initial state by that of an engine that lacks the kinds of records `gone`, and migrates all sessions: one
    /// that is still as it began begins anew, others keep their records. Returns the initial state before.
    pub fn replace_start(&self, start: State, gone: &[&str]) -> Arc<Start> {
        let after = Arc::new(Start::new(start, CacheLimits::LARGE));
        let mut registry = self.registry.lock();
        let before = std::mem::replace(&mut registry.start, Arc::clone(&after));
        let migration = Migration::new(&before, &after, gone);
        self.default.migrate(&migration);
        for (_, used) in registry.sessions.iter() {
            used.session.migrate(&migration);
        }
        before
    }

    /// The journal of all sessions.
    pub fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// The session of an id if it exists, without using it.
    pub fn find(&self, id: &str) -> Option<Arc<Session>> {
        match id {
            SessionId::DEFAULT => Some(Arc::clone(&self.default)),
            id => self.registry.lock().sessions.peek(id).map(|used| Arc::clone(&used.session)),
        }
    }

    /// The session of an id for a request at a time; the first request creates it.
    pub fn open(&self, id: &SessionId, at: Timestamp) -> Found {
        if id.is_default() {
            return Found::Existing(Arc::clone(&self.default));
        }
        let mut registry = self.registry.lock();
        self.evict_idle(&mut registry, at);
        if let Some(used) = registry.sessions.get_mut(id.as_str()) {
            used.at = at;
            return Found::Existing(Arc::clone(&used.session));
        }
        match registry.evicted.contains(id.as_str()) {
            true => Found::Evicted,
            false => {
                let start = Arc::clone(&registry.start);
                Found::New(self.insert(&mut registry, id.as_str().into(), start, at))
            }
        }
    }

    /// Creates a session, also under the id of an evicted one; without an id, under a new one. It begins, also after a reset,
    /// with the given state, or else with the initial one.
    ///
    /// # Errors
    /// If a session has that id.
    pub fn create(
        &self,
        id: Option<&SessionId>,
        start: Option<State>,
        at: Timestamp,
    ) -> Result<Arc<Session>, CreateError> {
        let mut registry = self.registry.lock();
        self.evict_idle(&mut registry, at);
        let id = match id {
            Some(id) if id.is_default() || registry.sessions.contains(id.as_str()) => return Err(CreateError::Exists),
            Some(id) => CompactString::from(id.as_str()),
            None => registry.new_id(),
        };
        registry.evicted.pop(&id);
        let own_start = |mut state: State| {
            state.store.set_meter(&self.meter);
            Arc::new(Start::new(state, CacheLimits::SMALL))
        };
        let start = start.map_or_else(|| Arc::clone(&registry.start), own_start);
        Ok(self.insert(&mut registry, id, start, at))
    }

    /// The session of an id; it is created if it does not exist, also if it was evicted.
    pub fn create_or_find(&self, id: &SessionId, at: Timestamp) -> Arc<Session> {
        loop {
            if let Some(session) = self.find(id.as_str()) {
                return session;
            }
            if let Ok(session) = self.create(Some(id), None, at) {
                return session;
            }
        }
    }

    /// Creates a session with an initial state and, unless it is still that one, a state.
    ///
    /// # Errors
    /// If a session has that id.
    pub fn restore(
        &self,
        id: &SessionId,
        start: Arc<Start>,
        state: Option<State>,
        at: Timestamp,
    ) -> Result<Arc<Session>, CreateError> {
        let mut registry = self.registry.lock();
        if id.is_default() || registry.sessions.contains(id.as_str()) {
            return Err(CreateError::Exists);
        }
        let session = self.insert(&mut registry, id.as_str().into(), start, at);
        if let Some(state) = state {
            session.change(|before| *before = state);
        }
        Ok(session)
    }

    /// Removes a session that has a version still, and to which nothing but the caller refers; `None` if it is in use or has
    /// changed. `also_used` removes it also if it is in use.
    pub fn remove_unused(&self, id: &str, version: SessionVersion, also_used: bool) -> Option<Arc<Session>> {
        /// The registry and the caller.
        const REFERENCES: usize = 2;
        let mut registry = self.registry.lock();
        let session = &registry.sessions.peek(id)?.session;
        let is_unused = also_used || Arc::strong_count(session) <= REFERENCES;
        (is_unused && session.version() == version).then(|| registry.sessions.pop(id).map(|used| used.session))?
    }

    /// Adds a session again that was removed, unless another one has its id now.
    pub fn put_back(&self, session: Arc<Session>, at: Timestamp) {
        let mut registry = self.registry.lock();
        if !registry.sessions.contains(session.id()) {
            registry.sessions.put(session.id().clone(), Used { session, at });
        }
    }

    /// When a session was used last, by the clock of requests; `None` if it does not exist.
    pub fn last_used(&self, id: &str) -> Option<Timestamp> {
        self.registry.lock().sessions.peek(id).map(|used| used.at)
    }

    /// The ids of at most `count` sessions, the least recently used first; with a time, only of those that are idle for too long
    /// by then.
    pub fn least_recently_used(&self, count: usize, idle_at: Option<Timestamp>) -> Vec<SessionId> {
        let registry = self.registry.lock();
        let is_listed = |used: &Used| idle_at.is_none_or(|now| now.duration_since(used.at) > self.limits.idle);
        let listed = registry.sessions.iter().rev().take_while(|(_, used)| is_listed(used));
        listed.take(count).filter_map(|(id, _)| SessionId::parse(id).ok()).collect()
    }

    /// Removes a session; `false` if it does not exist. The session `default` cannot be removed.
    pub fn remove(&self, id: &str) -> bool {
        self.registry.lock().sessions.pop(id).is_some()
    }

    /// All sessions, `default` first, then the most recently used.
    pub fn list(&self) -> Vec<Arc<Session>> {
        let registry = self.registry.lock();
        let others = registry.sessions.iter().map(|(_, used)| Arc::clone(&used.session));
        std::iter::once(Arc::clone(&self.default)).chain(others).collect()
    }

    /// The number of sessions.
    pub fn count(&self) -> usize {
        self.registry.lock().sessions.len() + 1
    }

    /// The number of sessions that were evicted so far.
    pub fn evicted(&self) -> u64 {
        self.registry.lock().evictions
    }

    fn insert(&self, registry: &mut Registry, id: CompactString, start: Arc<Start>, at: Timestamp) -> Arc<Session> {
        while !self.limits.are_parked && registry.sessions.len() >= self.limits.count.max(1) {
            let Some((id, _)) = registry.sessions.pop_lru() else { break };
            registry.note_eviction(id);
        }
        let journal = Arc::clone(&self.journal);
        let session = Arc::new(Session::named(id.clone(), start, journal, CacheLimits::SMALL));
        registry.sessions.put(id, Used { session: Arc::clone(&session), at });
        session
    }

    fn evict_idle(&self, registry: &mut Registry, now: Timestamp) {
        while let Some((_, used)) = registry.sessions.peek_lru().filter(|_| !self.limits.are_parked) {
            if now.duration_since(used.at) <= self.limits.idle {
                return;
            }
            let Some((id, _)) = registry.sessions.pop_lru() else { return };
            registry.note_eviction(id);
        }
    }
}

impl Registry {
    fn note_eviction(&mut self, id: CompactString) {
        self.evicted.put(id, ());
        self.evictions += 1;
    }

    /// An id that no session has or had.
    fn new_id(&mut self) -> CompactString {
        loop {
            self.last_number += 1;
            let id = format_compact!("session-{}", self.last_number);
            if !self.sessions.contains(&id) && !self.evicted.contains(&id) {
                return id;
            }
        }
    }
}
