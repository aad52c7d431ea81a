//! Content negotiation: which documented response a client gets, by `Accept` and by `Prefer`.

mod accept;
mod prefer;

pub(super) use accept::choose;
pub(super) use prefer::{PREFERENCE_APPLIED, Prefer, preferred_delay};

use http::{HeaderValue, StatusCode};
use serde_json::Value;

use crate::openapi::template::last_fixed_segment;
use crate::openapi::{MediaSpec, ResponseSpec, write_xml};
use crate::request::{Context, Response};

/// Writes a documented response in the media type that the client prefers. `body` makes the body for a media type.
pub(super) fn write_documented<'s>(
    ctx: &Context<'_>,
    (status, spec): (u16, &'s ResponseSpec),
    body: impl FnOnce(&'s MediaSpec) -> Option<Value>,
) -> Response {
    match choose(spec, ctx.request).or_else(|| spec.first()) {
        Some(media) => write(ctx, status, media, body(media).unwrap_or_default()),
        None => Response::empty(StatusCode::from_u16(status).unwrap_or(StatusCode::OK)),
    }
}

/// Writes a body in a documented media type: JSON for JSON types, XML for XML types, text verbatim.
pub(super) fn write(ctx: &Context<'_>, status: u16, media: &MediaSpec, body: Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let text = match body {
        Value::String(text) if is_verbatim(media, &text) => text,
        body if media.is_xml() => {
            let name = last_fixed_segment(&ctx.operation.path).unwrap_or("response");
            write_xml(media.schema.as_ref(), &body, name)
        }
        body => body.to_string(),
    };
    Response::with_type(status, content_type(media), text)
}

/// Whether a text is the body itself, not a value to be written in the media type.
fn is_verbatim(media: &MediaSpec, text: &str) -> bool {
    match media.is_xml() {
        true => media.schema.is_none() || text.trim_start().starts_with('<'),
        false => !media.is_json(),
    }
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
