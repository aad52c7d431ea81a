//! The sessions that a request needs.

use http::header::AUTHORIZATION;
use http::{HeaderValue, Method};
use serde_json::Value;

use crate::pipeline::Mock;
use crate::request::Request;
use crate::session::{SESSION_HEADER, SessionId};

/// What a request does with a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    /// It uses the session if there is one.
    Find,
    /// It begins the session if there is none.
    Open,
    /// The same, also if the session is lost.
    Seed,
    /// It ends the session.
    Delete,
}

/// A session that a request needs, and what for.
pub(super) type Needed = (SessionId, Intent);

/// The sessions of a request to the API.
pub(super) fn of_api(mock: &Mock, request: &Request) -> Option<Needed> {
    if let Some(plain) = of_plain(request) {
        return plain;
    }
    // An error becomes the response when the request is served.
    let (selected, possible) = mock.selected(request).ok()?;
    let selected = selected.map(|id| (id, Intent::Open));
    selected.or_else(|| possible.map(|id| (id, Intent::Find))).filter(|(id, _)| !id.is_default())
}

/// The session of a request that can select one with its header only; `None` if it can otherwise.
fn of_plain(request: &Request) -> Option<Option<Needed>> {
    let has_suffix = |value: &HeaderValue| {
        let text = value.as_bytes();
        text.contains(&b'~') || text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic"))
    };
    if request.path.starts_with("/s/") || request.headers.get(AUTHORIZATION).is_some_and(has_suffix) {
        return None;
    }
    let selected = request.headers.get(SESSION_HEADER).and_then(|id| SessionId::parse(id.to_str().ok()?).ok());
    Some(selected.filter(|id| !id.is_default()).map(|id| (id, Intent::Open)))
}

/// The sessions of a request to the control API. A request that creates a session without an id gets one in its body, because
/// the ids that a replica would make up are not unique among all.
pub(super) fn of_control(request: &mut Request, new_id: impl Fn() -> String) -> Vec<Needed> {
    let needed = match request.path.strip_prefix("/sessions") {
        Some("") if request.method == Method::POST => of_body(request, new_id),
        Some(rest) => rest.strip_prefix('/').and_then(|rest| of_path(&request.method, rest)).into_iter().collect(),
        None if request.path.starts_with("/__admin/") => of_header(request).into_iter().collect(),
        None => Vec::new(),
    };
    needed.into_iter().filter(|(id, _)| !id.is_default()).collect()
}

fn of_path(method: &Method, rest: &str) -> Option<Needed> {
    let (id, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let intent = match (method, rest) {
        (&Method::PUT, "snapshot") => Intent::Seed,
        (&Method::POST | &Method::PUT, _) => Intent::Open,
        (&Method::DELETE, "") => Intent::Delete,
        _ => Intent::Find,
    };
    Some((SessionId::parse(id).ok()?, intent))
}

fn of_header(request: &Request) -> Option<Needed> {
    let id = request.headers.get(SESSION_HEADER)?.to_str().ok()?;
    Some((SessionId::parse(id).ok()?, Intent::Find))
}

fn of_body(request: &mut Request, new_id: impl Fn() -> String) -> Vec<Needed> {
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(&request.body) else { return Vec::new() };
    let source = fields.get("from").and_then(id_of).map(|id| (id, Intent::Find));
    let own = match fields.get("id") {
        Some(id) => id_of(id),
        None => {
            let id = new_id();
            fields.insert("id".to_owned(), id.as_str().into());
            request.body = Value::from(fields).to_string().into();
            SessionId::parse(&id).ok()
        }
    };
    own.map(|id| (id, Intent::Seed)).into_iter().chain(source).collect()
}

fn id_of(value: &Value) -> Option<SessionId> {
    SessionId::parse(value.as_str()?).ok()
}
