//! The body of a call as JSON, in whichever form it was sent. The depth of JSON is bounded by its reader (128), that of
//! forms here, the size by whoever made the call.

use http::Method;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use crate::model::exact_number::parse_json;
use crate::openapi::Operation;
use crate::request::{ApiError, ErrorKind, Query, Request};

const FORM: &str = "application/x-www-form-urlencoded";

/// How deep the names of a form may reach: `a[b][c]=1`.
const MAX_DEPTH: usize = 16;

/// The body; `null` when there is none.
///
/// # Errors
/// Malformed, when it is not what its content type says.
pub(super) fn read(call: &Request, operation: &Operation) -> Result<Value, ApiError> {
    if call.body.iter().all(u8::is_ascii_whitespace) || call.method == Method::GET || call.method == Method::HEAD {
        return Ok(Value::Null);
    }
    let kind = media_type(call);
    if kind.eq_ignore_ascii_case(FORM) {
        return Ok(form(Query::parse(Some(&String::from_utf8_lossy(&call.body))).iter()));
    }
    if let Some(boundary) = boundary(call) {
        return multipart(&call.body, &boundary);
    }
    let malformed = |what: &str| ApiError::new(ErrorKind::Malformed, what.to_owned()).violation("", "syntax");
    match std::str::from_utf8(&call.body).map_err(|_| None).and_then(|text| parse_json(text).map_err(Some)) {
        Ok(body) => Ok(body),
        Err(_) if takes_other_than_json(kind, operation) => Ok(String::from_utf8_lossy(&call.body).into()),
        Err(Some(error)) => Err(malformed(&format!("The body is not valid JSON: {error}"))),
        Err(None) => Err(malformed("The body is not valid JSON: it is not UTF-8")),
    }
}

/// Whether a body was sent in a form that knows only text.
pub(super) fn is_form(call: &Request) -> bool {
    media_type(call).eq_ignore_ascii_case(FORM) || is_multipart(call)
}

fn content_type(call: &Request) -> &str {
    call.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default()
}

/// The media type that a body says it has, without parameters. The case of its letters means nothing (RFC 9110, section
/// 8.3.1).
fn media_type(call: &Request) -> &str {
    content_type(call).split(';').next().unwrap_or_default().trim()
}

fn is_multipart(call: &Request) -> bool {
    media_type(call).split_once('/').is_some_and(|(kind, _)| kind.eq_ignore_ascii_case("multipart"))
}

fn takes_other_than_json(kind: &str, operation: &Operation) -> bool {
    let is_sent = |known: &String| known.eq_ignore_ascii_case(kind);
    let taken = operation.body.as_ref().is_some_and(|body| body.kinds.iter().any(is_sent));
    !kind.is_empty() && !kind.to_ascii_lowercase().contains("json") && taken
}

/// Pairs as an object: `a[b]=1` is `{"a": {"b": "1"}}`, `a[]=1&a[]=2` a list. A pair without a name says nothing.
fn form<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Value {
    let mut body = Value::Object(Map::new());
    for (name, value) in pairs {
        let (first, rest) = name.split_once('[').map_or((name, ""), |(first, rest)| (first, rest));
        let mut stages = vec![first];
        stages.extend(rest.split('[').map(|step| step.trim_end_matches(']')).filter(|_| !rest.is_empty()));
        if !first.is_empty() && stages.len() <= MAX_DEPTH {
            put(&mut body, &stages, value);
        }
    }
    body
}

fn put(into: &mut Value, stages: &[&str], value: &str) {
    let Some((first, rest)) = stages.split_first() else {
        *into = value.into();
        return;
    };
    if first.is_empty() {
        if !into.is_array() {
            *into = Value::Array(Vec::new());
        }
        if let Value::Array(list) = into {
            let mut element = Value::Null;
            put(&mut element, rest, value);
            list.push(element);
        }
        return;
    }
    if !into.is_object() {
        *into = Value::Object(Map::new());
    }
    if let Value::Object(map) = into {
        put(map.entry(*first).or_insert(Value::Null), rest, value);
    }
}

/// The boundary of a multipart body (RFC 2046, section 5.1.1).
fn boundary(call: &Request) -> Option<String> {
    if !is_multipart(call) {
        return None;
    }
    let mut parameters = content_type(call).split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let named = |(name, _): &(&str, &str)| name.trim().eq_ignore_ascii_case("boundary");
    let (_, boundary) = parameters.find(named)?;
    let boundary = boundary.trim().trim_matches('"');
    (!boundary.is_empty() && boundary.len() <= 70).then(|| boundary.to_owned())
}

/// The parts of a form (RFC 7578): a field is its text, a file its name.
fn multipart(body: &[u8], boundary: &str) -> Result<Value, ApiError> {
    let broken = || ApiError::new(ErrorKind::Malformed, "The body is no multipart form").violation("", "syntax");
    let delimiter = format!("--{boundary}");
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut rest = &body[find(body, delimiter.as_bytes()).ok_or_else(broken)? + delimiter.len()..];
    while !rest.starts_with(b"--") {
        let end = find(rest, delimiter.as_bytes()).ok_or_else(broken)?;
        let part = &rest[..end];
        let head = find(part, b"\r\n\r\n").ok_or_else(broken)?;
        let headers = String::from_utf8_lossy(&part[..head]);
        let content = part[head + 4..].strip_suffix(b"\r\n").unwrap_or(&part[head + 4..]);
        let disposition = headers.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"));
        let parameter = |name: &str| {
            let disposition = disposition?;
            let found = disposition.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))?;
            Some(found.trim().trim_matches('"').to_owned())
        };
        let name = parameter("name").ok_or_else(broken)?;
        let value = parameter("filename").unwrap_or_else(|| String::from_utf8_lossy(content).into_owned());
        pairs.push((name, value));
        rest = &rest[end + delimiter.len()..];
    }
    Ok(form(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))))
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}
