//! Reads request bodies of every content type as JSON values.
//!
//! The JSON reader bounds the depth of JSON (128), `form` that of bracketed names; the caller bounds the size.

mod form;
mod multipart;
mod schema_type;
mod shape;

use http::Method;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::model::exact_number::parse_json;
use crate::openapi::Operation;
use crate::request::{ApiError, ErrorKind, Request, is_media_type, media_type};

const FORM: &str = "application/x-www-form-urlencoded";

/// Reads the body; `null` when there is none.
///
/// # Errors
/// [`ErrorKind::Malformed`] when the body does not match its content type.
pub(super) fn read(request: &Request, operation: &Operation) -> Result<Value, ApiError> {
    let is_blank = request.body.iter().all(u8::is_ascii_whitespace);
    if is_blank || request.method == Method::GET || request.method == Method::HEAD {
        return Ok(Value::Null);
    }
    let content_type = content_type(request);
    if is_media_type(content_type, FORM) {
        let fields = form_urlencoded::parse(&request.body).map(|(name, value)| (name, Value::from(value)));
        return Ok(shape::assemble(fields, operation.body.as_ref()));
    }
    if is_multipart(content_type)
        && let Some(boundary) = multipart::boundary(content_type)
    {
        let fields = multipart::read(&request.body, boundary)?;
        return Ok(shape::assemble(fields.into_iter(), operation.body.as_ref()));
    }
    let json = std::str::from_utf8(&request.body).map_err(|error| error.to_string());
    match json.and_then(|text| parse_json(text).map_err(|error| error.to_string())) {
        Ok(body) => Ok(body),
        Err(_) if is_documented_text(content_type, operation) => {
            Ok(String::from_utf8_lossy(&request.body).into_owned().into())
        }
        Err(error) => Err(malformed(&format!("The body is not valid JSON: {error}"))),
    }
}

/// Whether the content type of a body can carry only text, so that numbers arrive as strings.
pub(super) fn is_form(request: &Request) -> bool {
    let content_type = content_type(request);
    is_media_type(content_type, FORM) || is_multipart(content_type)
}

fn content_type(request: &Request) -> &str {
    request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn is_multipart(content_type: &str) -> bool {
    media_type(content_type).split_once('/').is_some_and(|(kind, _)| kind.eq_ignore_ascii_case("multipart"))
}

/// Whether the operation documents this media type and it is not JSON.
fn is_documented_text(content_type: &str, operation: &Operation) -> bool {
    let kind = media_type(content_type);
    let documented = operation.body.iter().flat_map(|body| &body.kinds);
    !kind.is_empty()
        && !kind.to_ascii_lowercase().contains("json")
        && documented.into_iter().any(|documented| documented.eq_ignore_ascii_case(kind))
}

fn malformed(message: &str) -> ApiError {
    ApiError::new(ErrorKind::Malformed, message.to_owned()).violation("", "syntax")
}
