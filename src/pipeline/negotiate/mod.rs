//! Content negotiation: which documented response a client gets, by `Accept` and by `Prefer`.

mod accept;
mod prefer;

pub(super) use accept::choose;
pub(super) use prefer::{PREFERENCE_APPLIED, Prefer};

use http::{HeaderValue, StatusCode};
use serde_json::Value;

use crate::openapi::{MediaSpec, ResponseSpec};
use crate::request::{Context, Response};

/// Writes a documented response in the media type that the client prefers. `body` makes the body for a media type.
pub(super) fn write_documented<'s>(
    ctx: &Context<'_>,
    (status, spec): (u16, &'s ResponseSpec),
    body: impl FnOnce(&'s MediaSpec) -> Option<Value>,
) -> Response {
    match choose(spec, ctx.request).or_else(|| spec.first()) {
        Some(media) => write(status, media, body(media).unwrap_or_default()),
        None => Response::empty(StatusCode::from_u16(status).unwrap_or(StatusCode::OK)),
    }
}

/// Writes a body in a documented media type: JSON for JSON types, other text verbatim.
pub(super) fn write(status: u16, media: &MediaSpec, body: Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let text = match body {
        Value::String(text) if !media.is_json() => text,
        body => body.to_string(),
    };
    Response::with_type(status, content_type(media), text)
}

/// The content type of a body in a documented media type.
pub(super) fn content_type(media: &MediaSpec) -> HeaderValue {
    let json = HeaderValue::from_static("application/json");
    match media.is_json() {
        true if media.kind.contains('*') || media.kind == "application/json" => json,
        true => HeaderValue::from_str(&media.kind).unwrap_or(json),
        false => HeaderValue::from_str(&media.kind).unwrap_or(HeaderValue::from_static("text/plain")),
    }
}
