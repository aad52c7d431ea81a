use std::sync::Arc;

use compact_str::CompactString;
use http::HeaderValue;
use jiff::Timestamp;
use parking_lot::{Mutex, MutexGuard};

use super::entry::MAX_BODY;
use super::migration::Migration;
use super::{Call, Delivery, Entry, EventEntry, Journal, SessionLog, Start};
use crate::model::{Change, MemoryMeter};
use crate::openapi::Resources;
use crate::request::{
    CacheLimits, CachePlace, Checking, Clock, Notification, QuirkFlags, Request, RequestCache, ResponseCache, Revision,
    State, TimeEvent,
};

/// The number of records from which reading requests run on a fork. With fewer, no request takes long, and the fork would
/// take a large part of the time.
const MIN_FORKED: usize = 1_000;

/// One isolated world: records, ids, clock, quirk flags, and its part of the journal. One lock, held for one request that may
/// change it, never across an await.
pub struct Session {
    id: CompactString,
    id_header: HeaderValue,
    journal: Arc<Journal>,
    cache_limits: CacheLimits,
    live: Mutex<Live>,
}

/// What requests read and change.
struct Live {
    /// The state to which a reset returns.
    start: Arc<Start>,
    state: State,
    cache: Option<Box<ResponseCache>>,
    /// The version of the initial state; `None` if the session differs from it in more than its records.
    unchanged_at: Option<Revision>,
    log: Arc<SessionLog>,
    /// The number of changes outside of requests.
    edits: u64,
}

/// A version of a session: while it stays the same, the state is the same, apart from its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionVersion {
    state: StateVersion,
    edits: u64,
}

/// What a request may change, apart from what belongs to that request only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct StateVersion {
    revision: Revision,
    idempotency: u64,
    faults: u64,
}

/// The number of an entry of the journal, and what it belongs to.
pub struct Stamp {
    log: Arc<SessionLog>,
    seq: u64,
    at: Timestamp,
    deliveries: Vec<Arc<Delivery>>,
}

impl Live {
    fn begin(start: Arc<Start>) -> Self {
        let state = start.fork();
        Self { start, unchanged_at: Some(state.revision()), state, cache: None, log: Arc::default(), edits: 0 }
    }

    fn is_unchanged(&self) -> bool {
        self.unchanged_at == Some(self.state.revision())
    }

    fn version(&self) -> SessionVersion {
        SessionVersion { state: StateVersion::of(&self.state), edits: self.edits }
    }

    /// What an entry of the journal with a number belongs to.
    fn stamp(&self, seq: u64) -> Stamp {
        Stamp { log: Arc::clone(&self.log), seq, at: self.state.now(), deliveries: Vec::new() }
    }

    /// The state, and the cache for a request that begins with it.
    fn state_and_cache(&mut self, limits: CacheLimits) -> (&mut State, RequestCache<'_>) {
        let place = match self.is_unchanged() {
            true => CachePlace::Shared(self.start.cache()),
            false => CachePlace::Own(&mut self.cache, limits),
        };
        let cache = RequestCache::new(place, &self.state);
        (&mut self.state, cache)
    }
}

impl StateVersion {
    fn of(state: &State) -> Self {
        Self {
            revision: state.revision(),
            idempotency: state.idempotency.stored(),
            faults: state.faults.usages().map(|(_, usage)| usage.matched).sum(),
        }
    }
}

impl Session {
    /// A session with an initial state and a journal of its own.
    pub fn new(start: State) -> Self {
        let (start, journal) = (Arc::new(Start::new(start, CacheLimits::LARGE)), Arc::default());
        Self::named(CompactString::const_new("default"), start, journal, CacheLimits::LARGE)
    }

    /// A session that begins as all others with that initial state.
    pub(super) fn named(
        id: CompactString,
        start: Arc<Start>,
        journal: Arc<Journal>,
        cache_limits: CacheLimits,
    ) -> Self {
        let live = Mutex::new(Live::begin(start));
        let id_header = HeaderValue::from_str(&id).unwrap_or_else(|_| HeaderValue::from_static(""));
        Self { id, id_header, journal, cache_limits, live }
    }

    /// Its id.
    pub fn id(&self) -> &CompactString {
        &self.id
    }

    /// Its id as a header of responses.
    pub fn id_header(&self) -> &HeaderValue {
        &self.id_header
    }

    /// The journal that it shares with other sessions.
    pub fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// Its part of the journal.
    pub fn log(&self) -> Arc<SessionLog> {
        Arc::clone(&self.live.lock().log)
    }

    /// Its requests with a higher number than `since`, as far as the journal still has them, oldest first.
    pub fn entries(&self, since: u64) -> Vec<Arc<Entry>> {
        self.journal.entries(&self.log(), since)
    }

    /// A fork of the current state.
    pub fn state(&self) -> State {
        self.live.lock().state.clone()
    }

    /// What the validation of bodies depends on: how strictly they are checked, and which quirks are on; and what counts the
    /// memory of records.
    pub fn body_settings(&self) -> (Checking, QuirkFlags, Arc<MemoryMeter>) {
        let live = self.live.lock();
        let state = &live.state;
        (state.settings.checking, state.flags().clone(), Arc::clone(state.store.meter()))
    }

    /// The version of the current state.
    pub fn version(&self) -> SessionVersion {
        self.live.lock().version()
    }

    /// A fork of the current state, and its version.
    pub fn state_and_version(&self) -> (State, SessionVersion) {
        let live = self.live.lock();
        (live.state.clone(), live.version())
    }

    /// The initial state, a fork of the current state if that differs from it in more than its time, and the version of that.
    pub fn start_and_state(&self) -> (Arc<Start>, Option<State>, SessionVersion) {
        let live = self.live.lock();
        let (start, version) = (Arc::clone(&live.start), live.version());
        let is_as_begun = live.is_unchanged() && version.state == StateVersion::of(&start.fork());
        (start, (!is_as_begun).then(|| live.state.clone()), version)
    }

    /// Adds an event of the session itself to its journal, with a sentence about what is lost if anything is.
    pub fn add_own_event(&self, name: &str, error: Option<String>) {
        let live = self.live.lock();
        let event = TimeEvent {
            at: live.state.now(),
            name: name.to_owned(),
            kind: CompactString::const_new("session"),
            id: self.id.clone(),
            changes: Vec::new(),
            notifications: Vec::new(),
            error,
        };
        self.add_events(&live.log, vec![event]);
    }

    /// Whether a record exists.
    pub fn has_record(&self, kind: &str, id: &str) -> bool {
        self.live.lock().state.store.get(kind, id).is_some()
    }

    /// Returns to the initial state, with an empty journal.
    pub fn reset(&self) {
        let mut live = self.live.lock();
        let again = Live { edits: live.edits + 1, ..Live::begin(Arc::clone(&live.start)) };
        let before = std::mem::replace(&mut *live, again);
        drop(live);
        self.journal.end(&before.log);
    }

    /// Begins anew with the initial state of another engine, or adapts the state to it if the session has changed it. The
    /// journal and the idempotency keys stay in both cases.
    pub(super) fn migrate(&self, migration: &Migration<'_>) {
        let mut live = self.live.lock();
        let start = migration.start(&live.start);
        let after = start.fork();
        if live.is_unchanged() {
            let idempotency = Arc::clone(&live.state.idempotency);
            live.unchanged_at = Some(after.revision());
            live.state = after;
            live.state.idempotency = idempotency;
        } else {
            live.unchanged_at = None;
            live.state = migration.state(live.state.clone(), &live.start.fork(), &after);
        }
        live.start = start;
        live.cache = None;
        live.edits += 1;
        live.state.expect_any_event();
    }

    /// Changes the state outside of a request.
    pub fn change<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let mut live = self.live.lock();
        live.unchanged_at = None;
        live.cache = None;
        live.state.expect_any_event();
        live.edits += 1;
        let meter = Arc::clone(live.state.store.meter());
        let result = work(&mut live.state);
        // The state may have been replaced by one of another origin, such as a snapshot.
        if !Arc::ptr_eq(&meter, live.state.store.meter()) {
            live.state.store.set_meter(&meter);
        }
        result
    }

    /// Runs a request, after what was due before it, and numbers its entry in the journal.
    ///
    /// A request of a safe method can run without the lock, on a fork of a large state, while others change the session: it
    /// takes effect when the fork is made. If it changes the state nevertheless, it runs again under the lock.
    pub fn run<T>(
        &self,
        request: &Request,
        resources: &Resources,
        work: impl Fn(&mut State, RequestCache<'_>) -> T,
    ) -> (T, Stamp, Vec<Change>) {
        let mut live = self.live.lock();
        self.begin(&mut live, request.at, resources);
        if !self.runs_on_fork(&mut live, request) {
            return self.run_locked(live, None, resources, work);
        }
        let seq = live.log.next_seq();
        let (mut fork, version, stamp) = (live.state.clone(), live.version(), live.stamp(seq));
        drop(live);
        fork.store.start_log();
        let mut response = None;
        let cache = RequestCache::new(CachePlace::Later(&mut response), &fork);
        let result = work(&mut fork, cache);
        let mut live = self.live.lock();
        if version.state != StateVersion::of(&fork) {
            self.begin(&mut live, request.at, resources);
            // Without its number, the journal would have a gap, unless it has begun anew.
            let seq = Some(seq).filter(|_| Arc::ptr_eq(&stamp.log, &live.log));
            return self.run_locked(live, seq, resources, work);
        }
        if let Some(response) = response.filter(|_| live.version() == version) {
            live.state_and_cache(self.cache_limits).1.store(request, &fork, &response);
        }
        drop(live);
        (result, stamp, Vec::new())
    }

    /// Begins a request that is received at a time by the clock of requests.
    fn begin(&self, live: &mut Live, at: Timestamp, resources: &Resources) {
        live.state.begin(at);
        let events = live.state.pass_time(resources);
        self.add_events(&live.log, events);
    }

    /// Applies the events that are due at a time by the clock of requests, unless the clock is frozen or the session is in use: a
    /// request does the same when it begins.
    pub fn pass_time(&self, at: Timestamp, resources: &Resources) {
        if let Some(mut live) = self.live.try_lock()
            && !live.state.clock().is_frozen()
        {
            self.begin(&mut live, at, resources);
        }
    }

    /// Whether a request can take long and is unlikely to change anything. A fault counts its requests.
    fn runs_on_fork(&self, live: &mut Live, request: &Request) -> bool {
        let state = &live.state;
        if !request.method.is_safe() || state.store.len() < MIN_FORKED || !state.faults.is_empty() {
            return false;
        }
        let (state, mut cache) = live.state_and_cache(self.cache_limits);
        !cache.has(request, state)
    }

    fn run_locked<T>(
        &self,
        mut live: MutexGuard<'_, Live>,
        seq: Option<u64>,
        resources: &Resources,
        work: impl Fn(&mut State, RequestCache<'_>) -> T,
    ) -> (T, Stamp, Vec<Change>) {
        live.state.store.start_log();
        let (state, cache) = live.state_and_cache(self.cache_limits);
        let result = work(state, cache);
        let deliveries = deliveries(std::mem::take(&mut state.notifications));
        let changes = live.state.store.take_log();
        live.state.expect_events(resources, &changes);
        let seq = seq.unwrap_or_else(|| live.log.next_seq());
        (result, Stamp { deliveries, ..live.stamp(seq) }, changes)
    }

    /// Replaces the clock by what `set` makes of it. What is due by its time happens.
    ///
    /// # Errors
    /// That of `set`. The clock then stays as it is.
    pub fn set_clock<E>(&self, resources: &Resources, set: impl FnOnce(Clock) -> Result<Clock, E>) -> Result<(), E> {
        let mut live = self.live.lock();
        let clock = set(live.state.clock())?;
        live.unchanged_at = None;
        live.cache = None;
        live.edits += 1;
        live.state.set_clock(clock);
        let events = live.state.pass_time(resources);
        self.add_events(&live.log, events);
        Ok(())
    }

    fn add_events(&self, log: &Arc<SessionLog>, events: Vec<TimeEvent>) {
        for mut event in events {
            let deliveries = deliveries(std::mem::take(&mut event.notifications));
            let (log, seq, session) = (Arc::clone(log), log.next_seq(), self.id.clone());
            self.journal.add_event(EventEntry { log, seq, session, event, deliveries });
        }
    }

    /// Adds a request to the journal.
    pub fn add_call(&self, Stamp { log, seq, at, deliveries }: Stamp, call: Call, mut changes: Vec<Change>) {
        if changes.iter().any(|change| change.size() > MAX_BODY) {
            changes = changes.into_iter().map(|change| change.shortened(MAX_BODY)).collect();
        }
        self.journal.add(Entry { log, seq, session: self.id.clone(), at, call, changes, deliveries });
    }
}

fn deliveries(notifications: Vec<Notification>) -> Vec<Arc<Delivery>> {
    notifications.into_iter().map(|notification| Arc::new(Delivery::new(notification))).collect()
}

/// Its part of the journal cannot be read any more.
impl Drop for Session {
    fn drop(&mut self) {
        self.journal.end(&self.live.get_mut().log);
    }
}
