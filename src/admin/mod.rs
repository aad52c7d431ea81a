//! The control API: [`ROUTES`], one file for each noun.
//!
//! Web pages can reach ports of the loopback interface, so `access` runs before routing.

mod access;
mod clock;
mod entry_json;
mod event_texts;
mod events;
mod faults;
mod feed;
mod health;
mod login;
mod metrics;
mod openapi;
mod operations;
#[cfg(feature = "inspector")]
mod page;
#[cfg(feature = "fixtures")]
mod provider_states;
mod quirks;
mod record_stream;
mod records;
mod redaction;
mod replay;
mod requests;
mod reset;
mod route;
#[cfg(feature = "fixtures")]
mod sample;
mod scenarios;
mod schemas;
mod send;
mod sessions;
mod snapshot;
mod source;
mod state;
mod tokens;
mod verify;
mod wiremock;

use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Waker};

use http::header::ALLOW;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

pub use access::Access;
pub use events::EventFeed;
pub use feed::AdminFeed;
pub use login::Login;
pub use metrics::{Metric, MetricSource};
pub use route::{ROUTES, Route};

use crate::diagnostics::FieldError;
use crate::pipeline::{Engine, Mock, Pinned};
use crate::request::{Problem, Query, Request, Response};
use crate::session::{Session, SessionId};
use event_texts::EventTexts;
use route::PathMatch;

/// The control API of a mock.
pub struct Admin {
    /// The mock.
    pub mock: Arc<Mock>,
    /// Who may call the control API.
    pub access: Access,
    /// The server around it.
    pub server: ServerFacts,
    /// What `GET /metrics` shows besides the mock.
    pub more_metrics: Option<Arc<dyn MetricSource>>,
    pub(crate) event_texts: Arc<EventTexts>,
}

/// What the control API shows of the server around it.
#[derive(Clone, Debug, Default)]
pub struct ServerFacts {
    /// The address of the API port, if it is known.
    pub api: Option<SocketAddr>,
    /// The name of the scenario of the initial state, if it is known.
    pub scenario: Option<String>,
    /// A text that no other process has: clients see by it that the server was restarted, and the journal with it.
    pub instance: Option<String>,
    /// Whether the web page is served; it is a part of the program with the feature `inspector` only.
    pub has_page: bool,
}

/// What a handler of the control API works on.
struct Context<'a> {
    mock: &'a Pinned<'a>,
    engine: &'a Engine,
    request: &'a Request,
    admin: &'a Admin,
    /// The values of the path's parameters, decoded.
    path: Vec<String>,
    query: Query,
}

/// The response of a handler, or what is wrong with the request.
type Answer = Result<Response, Problem>;

impl Admin {
    /// The control API of a mock, for programs on the same machine.
    pub fn new(mock: Arc<Mock>) -> Self {
        let server = ServerFacts { has_page: cfg!(feature = "inspector"), ..ServerFacts::default() };
        Self { mock, access: Access::default(), server, more_metrics: None, event_texts: Arc::default() }
    }

    /// Whether a request on the control port comes from who may call it.
    pub fn accepts(&self, request: &Request) -> bool {
        self.access.check(request).is_ok()
    }

    /// Responds to a request on the control port. The body of a response that has a feed is only its beginning.
    pub fn serve(&self, request: &Request) -> (Response, Option<AdminFeed>) {
        if let Err(rejected) = self.access.check(request) {
            return (*rejected, None);
        }
        let response = match route::find(&request.method, &request.path) {
            PathMatch::Route(route, path) => {
                let query = Query::parse(request.query.as_deref());
                let mock = self.mock.pin();
                let engine = mock.engine();
                let context = Context { mock: &mock, engine, request, admin: self, path, query };
                let room = if route.stores { context.check_memory() } else { Ok(()) };
                let feed = room.and_then(|()| route.feed.map(|feed| feed(&context)).transpose());
                match feed.and_then(|feed| Ok(((route.handler)(&context)?, feed))) {
                    Ok((response, feed)) => return begin(response, feed),
                    Err(problem) => problem.into(),
                }
            }
            PathMatch::OtherMethods(methods) => {
                let allowed = methods.join(", ");
                let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("use {allowed}"));
                let mut response = Response::from(problem);
                response.headers.extend(HeaderValue::from_str(&allowed).ok().map(|allowed| (ALLOW, allowed)));
                response
            }
            PathMatch::Nothing => {
                let routes: Vec<String> =
                    ROUTES.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
                let detail = format!("no such path; there are: {}", routes.join(", "));
                Problem::new(StatusCode::NOT_FOUND, detail).into()
            }
        };
        (response, None)
    }

    /// The response to a request on the control port, with all that its feed adds at once.
    pub fn respond(&self, request: &Request) -> Response {
        let (mut response, feed) = self.serve(request);
        let Some(mut feed) = feed else { return response };
        let mut body = Vec::from(response.body);
        let mut context = TaskContext::from_waker(Waker::noop());
        while let Poll::Ready(Some(piece)) = feed.poll_next(&mut context) {
            body.extend_from_slice(&piece);
        }
        response.body = body.into();
        response
    }
}

/// A response with the first piece of its document, and the rest if there is more.
fn begin(mut response: Response, feed: Option<AdminFeed>) -> (Response, Option<AdminFeed>) {
    let Some((first, rest)) = feed.map(AdminFeed::begin) else { return (response, None) };
    if let Some(first) = first {
        response.body = first;
    }
    (response, rest)
}

impl Context<'_> {
    /// The session that the path names first.
    ///
    /// # Errors
    /// If it does not exist.
    fn session(&self) -> Result<Arc<Session>, Problem> {
        let id = self.session_id()?;
        self.mock.sessions().find(id.as_str()).ok_or_else(|| {
            let detail = format!(
                "there is no session `{0}`; `POST /sessions` with {{\"id\": \"{0}\"}} creates it, as does the first request to the API that selects it",
                id.as_str()
            );
            Problem::new(StatusCode::NOT_FOUND, detail)
        })
    }

    /// The session that the path names first; it is created if it does not exist.
    ///
    /// # Errors
    /// If the id is malformed.
    fn session_or_new(&self) -> Result<Arc<Session>, Problem> {
        let (sessions, id) = (self.mock.sessions(), self.session_id()?);
        match sessions.find(id.as_str()) {
            Some(session) => Ok(session),
            None => Ok(sessions.create_or_find(&id, self.request.at)),
        }
    }

    /// An error for each query parameter that the route does not have.
    fn unknown_parameters(&self, known: &[&str]) -> Vec<FieldError> {
        let there = match known {
            [one] => format!("there is `{one}`"),
            all => format!("there are {}", all.join(", ")),
        };
        let unknown = self.query.iter().filter(|(name, _)| !known.contains(name));
        let error = |(name, _)| FieldError {
            pointer: format!("/query/{name}"),
            detail: format!("there is no parameter `{name}`; {there}"),
        };
        unknown.map(error).collect()
    }

    /// Rejects query parameters that the route does not have.
    fn check_parameters(&self, known: &[&str]) -> Result<(), Problem> {
        match self.unknown_parameters(known) {
            errors if errors.is_empty() => Ok(()),
            errors => Err(errors.into()),
        }
    }

    /// Rejects a request that adds records if there is no memory for them.
    fn check_memory(&self) -> Result<(), Problem> {
        match self.mock.sessions().meter().room_for_body(self.request.body.len()) {
            Ok(()) => Ok(()),
            Err(full) => Err(Problem::new(StatusCode::INSUFFICIENT_STORAGE, full.to_string())),
        }
    }

    fn session_id(&self) -> Result<SessionId, Problem> {
        let id = self.path.first().map_or("", String::as_str);
        SessionId::parse(id).map_err(|error| Problem::new(StatusCode::NOT_FOUND, error.to_string()))
    }
}

fn json_response(status: StatusCode, body: &Value) -> Response {
    Response::json(status.as_u16(), body.to_string())
}

fn ok(body: &Value) -> Answer {
    Ok(json_response(StatusCode::OK, body))
}

fn no_content() -> Answer {
    Ok(Response::empty(StatusCode::NO_CONTENT))
}

/// The response to `POST /reset` and to a request whose only result is that it was done.
fn done(what: &str) -> Answer {
    ok(&json!({"status": what}))
}
