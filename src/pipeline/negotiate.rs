//! Which documented form of an answer a client gets: by `Accept`, and by `Prefer`.

use http::header::{ACCEPT, HeaderName};
use http::{HeaderValue, StatusCode};
use serde_json::Value;

use crate::openapi::{MediaSpec, ResponseSpec};
use crate::request::Request;
use crate::request::Response;

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// What a `Prefer` header asks for (RFC 7240; the words are those of Prism).
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Prefer {
    /// `code=422`.
    pub(super) status: Option<u16>,
    /// `example=name`.
    pub(super) example: Option<String>,
    /// `dynamic=true`.
    pub(super) dynamic: bool,
}

impl Prefer {
    /// What a call prefers; nothing, when it says none of these words.
    pub(super) fn of(call: &Request) -> Option<Self> {
        let mut preferred = Self::default();
        for header in call.headers.get_all(PREFER) {
            for word in header.to_str().ok()?.split([',', ';']) {
                let (name, value) = word.split_once('=').unwrap_or((word, "true"));
                let value = value.trim().trim_matches('"');
                match name.trim() {
                    "code" => preferred.status = value.parse().ok(),
                    "example" => preferred.example = Some(value.to_owned()),
                    "dynamic" => preferred.dynamic = value == "true",
                    _ => {}
                }
            }
        }
        (preferred != Self::default()).then_some(preferred)
    }
}

/// The form that a client accepts, the best of its wishes first; the first form where it says nothing.
pub(super) fn choose<'r>(response: &'r ResponseSpec, call: &Request) -> Option<&'r MediaSpec> {
    let Some(accept) = call.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()) else {
        return response.first();
    };
    let mut wishes: Vec<(&str, f32)> = accept
        .split(',')
        .map(|wish| {
            let mut parts = wish.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default();
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
            (kind, weight)
        })
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    wishes.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    wishes.iter().find_map(|(wish, _)| response.media.iter().find(|media| accepts(wish, &media.kind)))
}

fn accepts(wish: &str, kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let (wish_type, wish_sub) = wish.split_once('/').unwrap_or((wish, "*"));
    let (kind_type, kind_sub) = kind.split_once('/').unwrap_or((kind, "*"));
    let same = |a: &str, b: &str| a == "*" || b == "*" || a.eq_ignore_ascii_case(b);
    same(wish_type, kind_type) && same(wish_sub, kind_sub)
}

/// A body in a documented form: JSON as JSON, text as it stands.
pub(super) fn written(status: u16, media: &MediaSpec, body: Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let text = match body {
        Value::String(text) if !media.is_json() => text,
        other => other.to_string(),
    };
    Response::with_type(status, content_type(media), text)
}

/// The content type of a body in a documented form.
pub(super) fn content_type(media: &MediaSpec) -> HeaderValue {
    let json = HeaderValue::from_static("application/json");
    match media.is_json() {
        true if media.kind.contains('*') || media.kind == "application/json" => json,
        true => HeaderValue::from_str(&media.kind).unwrap_or(json),
        false => HeaderValue::from_str(&media.kind).unwrap_or(HeaderValue::from_static("text/plain")),
    }
}
