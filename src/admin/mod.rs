//! The control API: `GET /health`, `POST /reset`, `GET /state`, `POST /states`.
//!
//! `POST /states` takes what Pact's verifier sends before an interaction, `{"state", "params", "action"}`: to set up
//! [`state::START`] the session is reset, a state whose params are a request ([`state::SetupRequest`]) is brought about by
//! sending it, any other holds when the records exist that its params name. It answers 200 with the values that have
//! names in that state, and 409 with a sentence when it cannot be had. A teardown does nothing: the next fixture's first
//! state is a reset.
//!
//! A page in a browser can reach a port of the loopback. So the guard comes before the routes: the Host must be a
//! loopback name (DNS rebinding), a request from another origin is refused, and a body must be JSON (a form can be
//! posted across origins without asking).

use std::net::{IpAddr, Ipv6Addr};

use http::header::{ALLOW, CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::fixtures::{ProviderState, state};
use crate::pipeline::{Engine, Session};
use crate::request::Response;
use crate::request::{Query, Request};

/// What Pact's verifier sends. It may say more, such as the consumer.
#[derive(Deserialize)]
struct Change {
    state: String,
    #[serde(default)]
    params: Map<String, Value>,
    #[serde(default)]
    action: Action,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    #[default]
    Setup,
    Teardown,
}

/// Answers a call to the control port.
pub fn answer(engine: &Engine, session: &Session, call: &Request) -> Response {
    if let Err(message) = guard(&call.headers, !call.body.is_empty()) {
        return say(StatusCode::FORBIDDEN, &json!({"error": message}));
    }
    let query = Query::parse(call.query.as_deref());
    let allowed = match (call.path.as_str(), &call.method) {
        ("/health", &Method::GET | &Method::HEAD) => return say(StatusCode::OK, &json!({"status": "ok"})),
        ("/state", &Method::GET | &Method::HEAD) => {
            return say(StatusCode::OK, &session.state_json(engine, query.get("kind")));
        }
        ("/reset", &Method::POST) => {
            session.reset();
            return say(StatusCode::OK, &json!({"status": "reset"}));
        }
        ("/states", &Method::POST) => return change(engine, session, call),
        ("/health" | "/state", _) => "GET, HEAD",
        ("/reset" | "/states", _) => "POST",
        _ => {
            let known = json!(["GET /health", "GET /state", "POST /reset", "POST /states"]);
            return say(StatusCode::NOT_FOUND, &json!({"error": "no such path", "known": known}));
        }
    };
    let mut answer = say(StatusCode::METHOD_NOT_ALLOWED, &json!({"error": format!("use {allowed}")}));
    answer.headers.push((ALLOW, HeaderValue::from_static(allowed)));
    answer
}

fn change(engine: &Engine, session: &Session, call: &Request) -> Response {
    let refuse = |status, message: String| say(status, &json!({"error": message}));
    let Change { state, params, action } = match serde_json::from_slice(&call.body) {
        Ok(change) => change,
        Err(error) => {
            let message =
                format!("a state is {{\"state\", \"params\", \"action\": \"setup\" or \"teardown\"}}: {error}");
            return refuse(StatusCode::BAD_REQUEST, message);
        }
    };
    match action {
        Action::Teardown => say(StatusCode::OK, &json!({})),
        Action::Setup => match state::set_up(engine, session, &ProviderState { state, params }, call.at) {
            Ok(values) => say(StatusCode::OK, &Value::Object(values)),
            Err(message) => refuse(StatusCode::CONFLICT, message),
        },
    }
}

fn guard(headers: &HeaderMap, has_body: bool) -> Result<(), &'static str> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let host = text(HOST).unwrap_or_default();
    if !is_loopback(host) {
        return Err("the control port answers to loopback hosts only");
    }
    let origins = headers.get_all(ORIGIN).iter().count();
    if origins > 1
        || origins == 1
            && text(ORIGIN).and_then(|origin| origin.split_once("://")).is_none_or(|(_, origin)| origin != host)
    {
        return Err("the control port does not answer pages of other origins");
    }
    let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err("the control port does not answer pages of other origins");
    }
    let kind = text(CONTENT_TYPE).and_then(|kind| kind.split(';').next()).unwrap_or_default();
    let is_json = kind.trim().eq_ignore_ascii_case("application/json");
    match has_body && !is_json {
        true => Err("a body is application/json"),
        false => Ok(()),
    }
}

/// Whether a Host is a name of the loopback, with a port or without. What is neither whole is no such name, however it
/// begins.
fn is_loopback(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, rest)) if name.parse::<Ipv6Addr>().is_ok() => (name, rest),
        Some(_) => return false,
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let address = name.parse::<IpAddr>();
    (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
        && (name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback()))
}

fn say(status: StatusCode, body: &Value) -> Response {
    Response::json(status.as_u16(), body.to_string())
}
