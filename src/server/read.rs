//! Reads a whole request within the limits.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, EXPECT, HOST};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, StatusCode, Version};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use jiff::Timestamp;

use super::Limits;
use super::service::error_response;
use crate::request::{Request, Response};

/// How much of a rejected body is still read, bytes, and for how long.
const DRAIN_BYTES: usize = 64 << 20;
const DRAIN_TIME: Duration = Duration::from_secs(2);

/// Reads a request without a body.
///
/// # Errors
/// The error response, when the request breaks HTTP or exceeds a limit.
pub(super) fn read_head<B>(limits: &Limits, request: http::Request<B>) -> Result<Request, Box<Response>> {
    let (parts, _) = request.into_parts();
    match check_head(limits, &parts) {
        Ok(()) => Ok(with_body(parts, Bytes::new())),
        Err((status, message)) => {
            let mut rejected = error_response(status, &message);
            close_if_doubtful(&parts, &mut rejected);
            Err(Box::new(rejected))
        }
    }
}

/// Reads a request with its whole body.
///
/// # Errors
/// The error response, when the request breaks HTTP or exceeds a limit.
pub(super) async fn read_request(limits: &Limits, request: http::Request<Incoming>) -> Result<Request, Response> {
    let (parts, mut body) = request.into_parts();
    match read_body(limits, &parts, &mut body).await {
        Ok(bytes) => Ok(with_body(parts, bytes)),
        Err(mut rejected) => {
            // A client that waits for `100 Continue` has not sent any of its body.
            let is_closing = close_if_doubtful(&parts, &mut rejected);
            if !is_closing && !body.is_end_stream() && !parts.headers.contains_key(EXPECT) {
                rejected.headers.push((CONNECTION, HeaderValue::from_static("close")));
                tokio::spawn(tokio::time::timeout(limits.body.min(DRAIN_TIME), drain(body)));
            }
            Err(rejected)
        }
    }
}

/// Closes the connection after a request whose `Host` is wrong: what follows on it is as doubtful. Returns whether it does.
fn close_if_doubtful(parts: &Parts, rejected: &mut Response) -> bool {
    let is_doubtful = check_host(parts.version, &parts.headers).is_err();
    if is_doubtful {
        rejected.headers.push((CONNECTION, HeaderValue::from_static("close")));
    }
    is_doubtful
}

fn with_body(mut parts: Parts, body: Bytes) -> Request {
    // The host of an absolute target replaces the Host header (RFC 9112, section 3.2.2).
    if let Some(host) = parts.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
        parts.headers.insert(HOST, host);
    }
    request_of(parts, body)
}

/// A request that is received now.
pub(super) fn request_of(parts: Parts, body: Bytes) -> Request {
    Request {
        path: parts.uri.path().into(),
        query: parts.uri.query().map(str::to_owned),
        method: parts.method,
        headers: parts.headers,
        body,
        at: Timestamp::now(),
    }
}

async fn read_body(limits: &Limits, parts: &Parts, body: &mut Incoming) -> Result<Bytes, Response> {
    check_head(limits, parts).map_err(|(status, message)| error_response(status, &message))?;
    match body.size_hint() {
        hint if hint.lower() > limits.body_bytes as u64 => Err(too_large(limits)),
        _ => match tokio::time::timeout(limits.body, Limited::new(body, limits.body_bytes).collect()).await {
            Ok(Ok(whole)) => Ok(whole.to_bytes()),
            Ok(Err(error)) => Err(body_error(limits, &*error)),
            Err(_) => Err(error_response(StatusCode::REQUEST_TIMEOUT, "timeout while reading the body")),
        },
    }
}

/// The response to a request whose body cannot be read.
pub(super) fn body_error(limits: &Limits, error: &(dyn std::error::Error + Send + Sync + 'static)) -> Response {
    match error.is::<LengthLimitError>() {
        true => too_large(limits),
        false => error_response(StatusCode::BAD_REQUEST, "the connection closed while reading the body"),
    }
}

fn too_large(limits: &Limits) -> Response {
    error_response(StatusCode::PAYLOAD_TOO_LARGE, &format!("the body exceeds {} bytes", limits.body_bytes))
}

/// Checks the headers. An error is the status and message of the response.
fn check_head(limits: &Limits, parts: &Parts) -> Result<(), (StatusCode, String)> {
    check_host(parts.version, &parts.headers).map_err(|message| (StatusCode::BAD_REQUEST, message.to_owned()))?;
    let target = parts.uri.path().len() + parts.uri.query().map_or(0, |query| query.len() + 1);
    if target > limits.uri_bytes {
        let message = format!("the path and query exceed {} bytes", limits.uri_bytes);
        return Err((StatusCode::URI_TOO_LONG, message));
    }
    // hyper stops reading at some multiple of this limit; the exact bound is checked here.
    let header_bytes: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    match header_bytes > limits.header_bytes {
        true => {
            let message = format!("the headers exceed {} bytes", limits.header_bytes);
            Err((StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, message))
        }
        false => Ok(()),
    }
}

/// HTTP/1.1 requires exactly one Host header, with a host and a port (RFC 9112, section 3.2); hyper does not check it.
fn check_host(version: Version, headers: &HeaderMap) -> Result<(), &'static str> {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) if is_host(host) => Ok(()),
        (Some(_), None) => Err("the Host header is not a host with an optional port"),
        (None, _) if version == Version::HTTP_10 => Ok(()),
        (None, _) => Err("the request has no Host header"),
        _ => Err("the request has more than one Host header"),
    }
}

/// Whether a value is a host with an optional port; it may be empty.
fn is_host(host: &HeaderValue) -> bool {
    let bytes = host.as_bytes();
    bytes.is_empty() || !bytes.contains(&b'@') && Authority::try_from(bytes).is_ok()
}

/// Reads and discards the rest of a rejected body. Many clients read the response only after they have sent the whole
/// body, and lose it when the connection is closed earlier.
async fn drain(mut body: Incoming) {
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, Bytes::len);
        if read > DRAIN_BYTES {
            return;
        }
    }
}
