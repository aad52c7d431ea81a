//! The control API: `GET /health`, `POST /reset`, `GET /state`.
//!
//! A page in a browser can reach a port of the loopback. So the guard comes before the routes: the Host must be a
//! loopback name (DNS rebinding), a request from another origin is refused, and a body must be JSON (a form can be
//! posted across origins without asking).

use http::header::{ALLOW, CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use crate::engine::{Answer, Engine, Session};
use crate::exchange::{Call, Query};

/// Answers a call to the control port.
pub fn answer(engine: &Engine, session: &Session, call: &Call) -> Answer {
    if let Err(message) = guard(&call.headers, !call.body.is_empty()) {
        return say(StatusCode::FORBIDDEN, &json!({"error": message}));
    }
    let query = Query::parse(call.query.as_deref());
    let allowed = match (call.path.as_str(), &call.method) {
        ("/health", &Method::GET | &Method::HEAD) => return say(StatusCode::OK, &json!({"status": "ok"})),
        ("/state", &Method::GET | &Method::HEAD) => {
            return say(StatusCode::OK, &session.state(engine, query.get("kind")));
        }
        ("/reset", &Method::POST) => {
            session.reset();
            return say(StatusCode::OK, &json!({"status": "reset"}));
        }
        ("/health" | "/state", _) => "GET, HEAD",
        ("/reset", _) => "POST",
        _ => {
            let known = json!(["GET /health", "GET /state", "POST /reset"]);
            return say(StatusCode::NOT_FOUND, &json!({"error": "no such path", "known": known}));
        }
    };
    let mut answer = say(StatusCode::METHOD_NOT_ALLOWED, &json!({"error": format!("use {allowed}")}));
    answer.headers.push((ALLOW, HeaderValue::from_static(allowed)));
    answer
}

fn guard(headers: &HeaderMap, has_body: bool) -> Result<(), &'static str> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let host = text(HOST).unwrap_or_default();
    if !is_loopback(host) {
        return Err("the control port answers to loopback hosts only");
    }
    if headers.contains_key(ORIGIN)
        && text(ORIGIN).and_then(|origin| origin.split_once("://")).is_none_or(|(_, origin)| origin != host)
    {
        return Err("the control port does not answer pages of other origins");
    }
    let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err("the control port does not answer pages of other origins");
    }
    let is_json = text(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
    match has_body && !is_json {
        true => Err("a body is application/json"),
        false => Ok(()),
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let address = name.parse::<std::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn say(status: StatusCode, body: &Value) -> Answer {
    Answer::json(status.as_u16(), body.to_string())
}
