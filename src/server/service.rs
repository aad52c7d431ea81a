use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, EXPECT, HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Version};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body as _, Incoming};
use jiff::Timestamp;
use serde_json::json;

use super::{Backend, Limits, Shared, cors};
use crate::admin;
use crate::request::{QUIRKS_HEADER, REJECTED_HEADER, Request, Response};

/// Which of the two ports a connection came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Port {
    /// The API.
    Api,
    /// The control API, for the loopback only.
    Control,
}

pub(super) async fn serve(
    shared: &Shared,
    port: Port,
    request: http::Request<Incoming>,
) -> http::Response<Full<Bytes>> {
    let origin = request.headers().get(ORIGIN).cloned();
    let asked = shared.log.map(|log| (log, format!("{} {}", request.method(), request.uri())));
    let mut answer = match call_of(shared, request).await {
        Err(refused) => refused,
        Ok(call) => answer(shared, port, call).await,
    };
    if port == Port::Api {
        cors::allow(origin, &mut answer);
    }
    if let Some((log, asked)) = asked {
        let quirks =
            answer.headers.iter().find(|(name, _)| *name == QUIRKS_HEADER).and_then(|(_, ids)| ids.to_str().ok());
        let quirks = quirks.map(|ids| format!("  [{ids}]")).unwrap_or_default();
        let refused = answer.headers.iter().find(|(name, _)| *name == REJECTED_HEADER);
        let refused =
            refused.and_then(|(_, why)| why.to_str().ok()).map(|why| format!("  ({why})")).unwrap_or_default();
        log(&format!("{} {asked}{refused}{quirks}", answer.status.as_u16()));
    }
    let mut response = http::Response::new(Full::new(answer.body));
    *response.status_mut() = answer.status;
    for (name, value) in answer.headers {
        response.headers_mut().append(name, value);
    }
    response
}

async fn answer(shared: &Shared, port: Port, call: Request) -> Response {
    if port == Port::Api
        && let Some(answer) = cors::preflight(&call.method, &call.headers)
    {
        return answer;
    }
    // The question is about the server, not about a path of the API (RFC 9110, section 9.3.7).
    if port == Port::Api && call.method == Method::OPTIONS && call.path == "*" {
        let mut answer = Response::empty(StatusCode::NO_CONTENT);
        answer.headers.push((ALLOW, HeaderValue::from_static("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")));
        return answer;
    }
    // A panic is a bug of ours. It costs its call, not the server.
    let bug = || own(StatusCode::INTERNAL_SERVER_ERROR, "standin has a bug; please report the line on stderr");
    match &shared.backend {
        Backend::Mock { engine, session } => {
            let respond = || match port {
                Port::Control => admin::answer(engine, session, &call),
                Port::Api => engine.answer(session, &call),
            };
            std::panic::catch_unwind(AssertUnwindSafe(respond)).unwrap_or_else(|_| bug())
        }
        Backend::Blocking(handler) => {
            let handler = Arc::clone(handler);
            tokio::task::spawn_blocking(move || handler(&call)).await.unwrap_or_else(|_| bug())
        }
    }
}

/// The call with its whole body, or why it is not taken.
async fn call_of(shared: &Shared, request: http::Request<Incoming>) -> Result<Request, Response> {
    let (mut parts, mut body) = request.into_parts();
    let whole = match whole_body(&shared.limits, &parts, &mut body).await {
        Ok(whole) => whole,
        Err(mut refused) => {
            // Who asks before sending has sent nothing yet.
            if !body.is_end_stream() && !parts.headers.contains_key(EXPECT) {
                refused.headers.push((CONNECTION, HeaderValue::from_static("close")));
                tokio::spawn(tokio::time::timeout(shared.limits.body.min(DRAIN_TIME), drain(body)));
            }
            return Err(refused);
        }
    };
    // Whose server it is, is said by the whole target where there is one (RFC 9112, section 3.2.2).
    if let Some(host) = parts.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
        parts.headers.insert(HOST, host);
    }
    Ok(Request {
        path: parts.uri.path().into(),
        query: parts.uri.query().map(str::to_owned),
        method: parts.method,
        headers: parts.headers,
        body: whole,
        at: Timestamp::now(),
    })
}

async fn whole_body(limits: &Limits, parts: &Parts, body: &mut Incoming) -> Result<Bytes, Response> {
    host(parts.version, &parts.headers).map_err(|message| own(StatusCode::BAD_REQUEST, message))?;
    let target = parts.uri.path().len() + parts.uri.query().map_or(0, |query| query.len() + 1);
    if target > limits.uri_bytes {
        return Err(own(StatusCode::URI_TOO_LONG, &format!("the path and query may have {} bytes", limits.uri_bytes)));
    }
    // hyper stops reading at some multiple of this; the exact bound is ours.
    if parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>()
        > limits.header_bytes
    {
        let message = format!("the headers may have {} bytes", limits.header_bytes);
        return Err(own(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, &message));
    }
    let too_large = || own(StatusCode::PAYLOAD_TOO_LARGE, &format!("the body may have {} bytes", limits.body_bytes));
    match body.size_hint() {
        _ if body.is_end_stream() => Ok(Bytes::new()),
        hint if hint.lower() > limits.body_bytes as u64 => Err(too_large()),
        _ => match tokio::time::timeout(limits.body, Limited::new(body, limits.body_bytes).collect()).await {
            Ok(Ok(whole)) => Ok(whole.to_bytes()),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(too_large()),
            Ok(Err(_)) => Err(own(StatusCode::BAD_REQUEST, "the body broke off")),
            Err(_) => Err(own(StatusCode::REQUEST_TIMEOUT, "the body took too long")),
        },
    }
}

/// How much of a body that is refused is taken all the same, bytes, and for how long.
const DRAIN_BYTES: usize = 64 << 20;
const DRAIN_TIME: Duration = Duration::from_secs(2);

/// Takes what a refused client still sends: many look for an answer only when they have sent everything, and one that is
/// cut off before may never see it.
async fn drain(mut body: Incoming) {
    let mut taken = 0;
    while let Some(Ok(frame)) = body.frame().await {
        taken += frame.data_ref().map_or(0, Bytes::len);
        if taken > DRAIN_BYTES {
            return;
        }
    }
}

/// HTTP/1.1 wants exactly one Host (RFC 9112, section 3.2); hyper leaves that to us.
fn host(version: Version, headers: &HeaderMap) -> Result<(), &'static str> {
    match headers.get_all(HOST).iter().count() {
        1 => Ok(()),
        0 if version == Version::HTTP_10 => Ok(()),
        0 => Err("the request has no Host header"),
        _ => Err("the request has more than one Host header"),
    }
}

/// An answer in which the mock itself speaks, not the API.
fn own(status: StatusCode, message: &str) -> Response {
    Response::json(status.as_u16(), json!({"standin": message}).to_string())
}
