//! Content negotiation: which documented response a client gets, by `Accept` and by `Prefer`.

mod accept;
mod prefer;

pub(super) use accept::choose;
pub(super) use prefer::{PREFERENCE_APPLIED, Prefer};

use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde_json::Value;
use smallvec::smallvec;

use crate::openapi::MediaSpec;
use crate::request::Response;

/// Writes a body in a documented media type: JSON for JSON types, other text verbatim.
pub(super) fn write(status: u16, media: &MediaSpec, body: Value) -> Response {
    if media.is_json() {
        let mut response = Response::json(status, body.to_string());
        if !media.kind.contains('*')
            && media.kind != "application/json"
            && let Ok(kind) = HeaderValue::from_str(&media.kind)
        {
            response.headers[0].1 = kind;
        }
        return response;
    }
    let text = match body {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let kind = HeaderValue::from_str(&media.kind).unwrap_or(HeaderValue::from_static("text/plain"));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    Response { status, headers: smallvec![(CONTENT_TYPE, kind)], body: text.into() }
}
