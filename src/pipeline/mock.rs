use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use parking_lot::{RwLock, RwLockReadGuard};

use super::{Engine, Usage};
use crate::model::MemoryMeter;
use crate::request::{ApiError, Problem, Request, Response, State};
use crate::session::{
    Found, Journal, JournalLimits, SESSION_HEADER, SESSION_STATE_HEADER, SelectionError, Session, SessionId,
    SessionLimits, Sessions, possible_suffix, select_session, split_prefix,
};

/// An API with its sessions: what a server serves.
pub struct Mock {
    /// Locked for reading while a request is served, so that a request has one engine and sessions that belong to it.
    served: RwLock<Served>,
    sessions: Sessions,
}

/// An engine, and how often its operations were requested.
struct Served {
    engine: Arc<Engine>,
    usage: Usage,
}

/// The size of the records of all sessions from which requests may take long, bytes: about 10,000 records.
const MANY_RECORDS: usize = 8 << 20;

/// A mock whose engine is not replaced as long as this exists. A thread must not create a second one meanwhile: it would wait
/// for ever if another thread waits to replace the engine.
pub struct Pinned<'m> {
    served: RwLockReadGuard<'m, Served>,
    sessions: &'m Sessions,
}

/// How much a mock holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MockLimits {
    /// The number of sessions.
    pub sessions: SessionLimits,
    /// The size of the journal.
    pub journal: JournalLimits,
    /// The size of the records of all sessions, bytes; `None` for no limit.
    pub memory: Option<usize>,
}

impl Mock {
    /// An API whose sessions begin with that state.
    pub fn new(engine: impl Into<Arc<Engine>>, mut start: State, limits: MockLimits) -> Self {
        let engine = engine.into();
        // What was due before the sessions begin is a part of the state with which they begin.
        start.pass_time(&engine.contract().resources);
        start.store.set_meter(&Arc::new(limits.memory.map_or_else(MemoryMeter::default, MemoryMeter::new)));
        let sessions = Sessions::new(start, Arc::new(Journal::new(limits.journal)), limits.sessions);
        let usage = Usage::new(&engine);
        Self { served: RwLock::new(Served { engine, usage }), sessions }
    }

    /// The API.
    pub fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.served.read().engine)
    }

    /// The mock with the engine of this moment.
    pub fn pin(&self) -> Pinned<'_> {
        Pinned { served: self.served.read(), sessions: &self.sessions }
    }

    /// Serves another engine, whose sessions begin with that state. Requests that are being served end with the engine with
    /// which they began. Sessions keep the records of kinds that the new engine has too.
    pub fn replace(&self, engine: impl Into<Arc<Engine>>, mut start: State) {
        let engine = engine.into();
        start.pass_time(&engine.contract().resources);
        start.store.set_meter(self.sessions.meter());
        let mut served = self.served.write();
        let usage = std::mem::take(&mut served.usage).for_engine(&served.engine, &engine);
        let Served { engine: before, .. } =
            std::mem::replace(&mut *served, Served { engine: Arc::clone(&engine), usage });
        let (known, kinds) = (before.contract().kinds(), engine.contract().kinds());
        let gone: Vec<&str> = known.difference(&kinds).copied().collect();
        let start = self.sessions.replace_start(start, &gone);
        // The engine and the initial state before are freed after the lock is released.
        drop(served);
        drop(start);
    }

    /// The sessions.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// The session that a request selects, and one that it may select if that session has the token of the request.
    ///
    /// # Errors
    /// If an id is malformed, or two of them differ.
    pub fn selected(&self, request: &Request) -> Result<(Option<SessionId>, Option<SessionId>), SelectionError> {
        let pinned = self.pin();
        let (engine, tokens) = (pinned.engine(), &pinned.engine().api().tokens);
        let mut copy = Request { body: Bytes::new(), ..request.clone() };
        let has_operation = |request: &Request| engine.find(&request.method, &request.path).is_some();
        let selected = select_session(&mut copy, tokens, self.sessions(), has_operation)?;
        let possible = if selected.is_none() { possible_suffix(request, tokens, self.sessions()) } else { None };
        Ok((selected, possible))
    }

    /// A response of the server itself to a request that is not served: an error in the dialect of its path.
    pub fn reject(&self, request: &Request, error: ApiError) -> Response {
        let pinned = self.pin();
        let response = pinned.engine().reject(self.sessions.start().fork(), request, error);
        pinned.counted(response, None)
    }

    /// Whether a request may look through many records: there are many, and its operation has taken long lately or is requested
    /// for the first times. Or whether it has to wait until another engine is served.
    pub fn may_take_long(&self, request: &Request) -> bool {
        if self.sessions.meter().used() <= MANY_RECORDS {
            return false;
        }
        let Some(served) = self.served.try_read() else { return true };
        let index = |path| served.engine.find_index(&request.method, path);
        let operation = index(&request.path).or_else(|| split_prefix(&request.path).and_then(|(_, path)| index(path)));
        served.usage.is_slow(operation)
    }

    /// Applies in all sessions the events that are due at a time by the clock of requests.
    pub fn pass_time(&self, at: Timestamp) {
        let pinned = self.pin();
        let resources = &pinned.engine().contract().resources;
        if resources.timed().next().is_some() {
            for session in self.sessions.list() {
                session.pass_time(at, resources);
            }
        }
    }

    /// Serves a request in the session that it selects. `elapsed` measures how long it has taken.
    pub fn respond(&self, request: Request, elapsed: impl FnOnce() -> Option<Duration>) -> Response {
        self.pin().respond(request, elapsed)
    }
}

impl Pinned<'_> {
    /// The API.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.served.engine
    }

    /// How often operations were requested.
    pub fn usage(&self) -> &Usage {
        &self.served.usage
    }

    /// The sessions.
    pub fn sessions(&self) -> &Sessions {
        self.sessions
    }

    fn respond(&self, mut request: Request, elapsed: impl FnOnce() -> Option<Duration>) -> Response {
        let engine = self.engine();
        let has_operation = |request: &Request| engine.find(&request.method, &request.path).is_some();
        let id = match select_session(&mut request, &engine.api().tokens, self.sessions, has_operation) {
            Ok(id) => id,
            Err(error) => {
                let response = Problem::new(StatusCode::BAD_REQUEST, error.to_string()).into();
                return self.counted(response, None);
            }
        };
        let Some(id) = id else {
            return self.answer(self.sessions.default_session(), &request, elapsed);
        };
        match self.sessions.open(&id, request.at) {
            Found::Existing(session) => self.answer(&session, &request, elapsed),
            Found::New(session) => {
                let mut response = self.answer(&session, &request, elapsed);
                response.headers.push((SESSION_STATE_HEADER, HeaderValue::from_static("new")));
                response
            }
            Found::Evicted => self.counted(evicted(&id), None),
        }
    }

    /// Serves a request in a session, which the response names.
    pub fn answer(&self, session: &Session, request: &Request, elapsed: impl FnOnce() -> Option<Duration>) -> Response {
        let mut measured = None;
        let mut response = self.engine().serve(session, request, || {
            measured = elapsed();
            measured
        });
        response.headers.push((SESSION_HEADER, session.id_header().clone()));
        self.counted(response, measured)
    }

    fn counted(&self, response: Response, elapsed: Option<Duration>) -> Response {
        self.usage().count(response.meta.operation, response.status, elapsed);
        response
    }
}

fn evicted(id: &SessionId) -> Response {
    let id = id.as_str();
    let detail = format!(
        "the session `{id}` was evicted and its records are lost: the server has reached its maximum number of sessions, \
         or the session was idle for too long. `POST /sessions` with {{\"id\": \"{id}\"}} on the control port begins it \
         anew; `--max-sessions` and `--session-idle` raise the limits"
    );
    let mut response = Response::from(Problem::new(StatusCode::GONE, detail));
    response.headers.extend(HeaderValue::from_str(id).ok().map(|id| (SESSION_HEADER, id)));
    response
}
