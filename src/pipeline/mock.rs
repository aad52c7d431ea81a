use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, StatusCode};
use parking_lot::{RwLock, RwLockReadGuard};

use super::Engine;
use crate::request::{Problem, Request, Response, State};
use crate::session::{
    Found, Journal, JournalLimits, SESSION_HEADER, SESSION_STATE_HEADER, Session, SessionId, SessionLimits, Sessions,
    select_session,
};

/// An API with its sessions: what a server serves.
pub struct Mock {
    /// Locked for reading while a request is served, so that a request has one engine and sessions that belong to it.
    engine: RwLock<Arc<Engine>>,
    sessions: Sessions,
}

/// A mock whose engine is not replaced as long as this exists. A thread must not create a second one meanwhile: it would wait
/// for ever if another thread waits to replace the engine.
pub struct Pinned<'m> {
    engine: RwLockReadGuard<'m, Arc<Engine>>,
    sessions: &'m Sessions,
}

/// How much a mock holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MockLimits {
    /// The number of sessions.
    pub sessions: SessionLimits,
    /// The size of the journal.
    pub journal: JournalLimits,
}

impl Mock {
    /// An API whose sessions begin with that state.
    pub fn new(engine: impl Into<Arc<Engine>>, mut start: State, limits: MockLimits) -> Self {
        let engine = engine.into();
        // What was due before the sessions begin is a part of the state with which they begin.
        start.pass_time(&engine.contract().resources);
        let sessions = Sessions::new(start, Arc::new(Journal::new(limits.journal)), limits.sessions);
        Self { engine: RwLock::new(engine), sessions }
    }

    /// The API.
    pub fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.engine.read())
    }

    /// The mock with the engine of this moment.
    pub fn pin(&self) -> Pinned<'_> {
        Pinned { engine: self.engine.read(), sessions: &self.sessions }
    }

    /// Serves another engine, whose sessions begin with that state. Requests that are being served end with the engine with
    /// which they began. Sessions keep the records of kinds that the new engine has too.
    pub fn replace(&self, engine: impl Into<Arc<Engine>>, mut start: State) {
        let engine = engine.into();
        start.pass_time(&engine.contract().resources);
        let mut current = self.engine.write();
        let before = std::mem::replace(&mut *current, Arc::clone(&engine));
        let (known, kinds) = (before.contract().kinds(), engine.contract().kinds());
        let gone: Vec<&str> = known.difference(&kinds).copied().collect();
        let start = self.sessions.replace_start(start, &gone);
        // The engine and the initial state before are freed after the lock is released.
        drop(current);
        drop(start);
    }

    /// The sessions.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Serves a request in the session that it selects. `elapsed` measures how long it has taken.
    pub fn respond(&self, request: Request, elapsed: impl FnOnce() -> Option<Duration>) -> Response {
        self.pin().respond(request, elapsed)
    }
}

impl Pinned<'_> {
    /// The API.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// The sessions.
    pub fn sessions(&self) -> &Sessions {
        self.sessions
    }

    fn respond(&self, mut request: Request, elapsed: impl FnOnce() -> Option<Duration>) -> Response {
        let engine = &**self.engine;
        let has_operation = |request: &Request| engine.find(&request.method, &request.path).is_some();
        let id = match select_session(&mut request, &engine.api().tokens, self.sessions, has_operation) {
            Ok(id) => id,
            Err(error) => return Problem::new(StatusCode::BAD_REQUEST, error.to_string()).into(),
        };
        let Some(id) = id else {
            return answer(engine, self.sessions.default_session(), &request, elapsed);
        };
        match self.sessions.open(&id, request.at) {
            Found::Existing(session) => answer(engine, &session, &request, elapsed),
            Found::New(session) => {
                let mut response = answer(engine, &session, &request, elapsed);
                response.headers.push((SESSION_STATE_HEADER, HeaderValue::from_static("new")));
                response
            }
            Found::Evicted => evicted(&id),
        }
    }
}

/// Serves a request and names the session in the response.
fn answer(
    engine: &Engine,
    session: &Session,
    request: &Request,
    elapsed: impl FnOnce() -> Option<Duration>,
) -> Response {
    let mut response = engine.serve(session, request, elapsed);
    response.headers.push((SESSION_HEADER, session.id_header().clone()));
    response
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
