//! Reads request bodies of every content type as JSON values.
//!
//! The JSON reader bounds the depth of JSON (128), `form` that of bracketed names; the caller bounds the size.

pub(super) mod form;
mod multipart;
mod rule;
pub(super) mod shape;

use http::Method;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::model::exact_number::parse_json;
use crate::openapi::{BodyMedia, Operation, Types};
use crate::request::{ApiError, ErrorKind, Request, is_media_type, media_type};
pub(super) use rule::BodyRule;
use shape::Field;
pub(super) use shape::FormNotes;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// A request body as a value.
#[derive(Debug)]
pub(super) struct ReceivedBody {
    /// The value; `null` if there is no body.
    pub(super) value: Value,
    /// How it was sent.
    pub(super) format: Format,
}

/// The format of a body.
#[derive(Debug)]
pub(super) enum Format {
    /// JSON, or nothing.
    Json,
    /// Text or bytes of a documented media type that is not JSON; the value is that text.
    Text,
    /// A form, whose fields are text except for those named here.
    Form(FormNotes),
}

/// Maximum number of values in a JSON body: each takes up to a hundred times its text while a request is served.
const MAX_VALUES: usize = 500_000;

/// Reads the body.
///
/// # Errors
/// [`ErrorKind::Malformed`] when the body does not match its content type.
pub(super) fn read(request: &Request, operation: &Operation) -> Result<ReceivedBody, ApiError> {
    let json = |value| ReceivedBody { value, format: Format::Json };
    let is_blank = request.body.iter().all(u8::is_ascii_whitespace);
    if is_blank || request.method == Method::GET || request.method == Method::HEAD {
        return Ok(json(Value::Null));
    }
    let content_type = content_type(request);
    if content_type == JSON {
        return read_json(&request.body).map(json).map_err(|error| malformed_json(&error));
    }
    let documented = operation.body.as_ref().and_then(|body| body.media(content_type));
    if let Some(fields) = read_fields(request, documented.is_some())? {
        let media = documented.or_else(|| operation.body.as_deref().map(crate::openapi::Body::default_media));
        let (value, notes) = shape::assemble(fields, media);
        return Ok(ReceivedBody { value, format: Format::Form(notes) });
    }
    let as_text =
        || ReceivedBody { value: String::from_utf8_lossy(&request.body).into_owned().into(), format: Format::Text };
    let is_text = documented.is_some() && !media_type(content_type).to_ascii_lowercase().contains("json");
    if is_text && documented.is_some_and(is_only_text) {
        return Ok(as_text());
    }
    match read_json(&request.body) {
        Ok(body) => Ok(json(body)),
        Err(_) if is_text => Ok(as_text()),
        Err(error) => Err(malformed_json(&error)),
    }
}

/// Whether a JSON text has more than [`MAX_VALUES`] values, going by the commas between them.
fn has_too_many_values(text: &[u8]) -> bool {
    if text.len() <= MAX_VALUES {
        return false;
    }
    let (mut commas, mut is_in_text, mut is_escaped) = (0, false, false);
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_in_text,
            b'"' => is_in_text = !is_in_text,
            b',' => commas += usize::from(!is_in_text),
            _ => {}
        }
    }
    commas >= MAX_VALUES
}

fn read_json(body: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    if has_too_many_values(body) {
        return Err(format!("it has more than {MAX_VALUES} values"));
    }
    parse_json(text).map_err(|error| error.to_string())
}

fn malformed_json(error: &str) -> ApiError {
    malformed(&format!("The body is not valid JSON: {error}"))
}

/// The fields of a form; `None` if the body is none. `is_documented` tells whether the operation documents its media type.
fn read_fields(request: &Request, is_documented: bool) -> Result<Option<Vec<Field>>, ApiError> {
    let content_type = content_type(request);
    if is_media_type(content_type, FORM) {
        let pairs = form_urlencoded::parse(&request.body);
        return Ok(Some(pairs.map(|(name, value)| Field::text(name.into_owned(), value.into_owned())).collect()));
    }
    let Some(boundary) = Some(content_type).filter(|kind| is_multipart(kind)).and_then(multipart::boundary) else {
        return Ok(None);
    };
    match multipart::read(&request.body, boundary) {
        // The parts of other multipart types need no names.
        Err(_) if is_documented && !is_media_type(content_type, "multipart/form-data") => Ok(None),
        fields => fields.map(Some),
    }
}

/// Whether the content type of a body can carry only text, so that numbers arrive as strings.
pub(super) fn is_form(request: &Request) -> bool {
    let content_type = content_type(request);
    is_media_type(content_type, FORM) || is_multipart(content_type)
}

/// The content type of a request; empty if it has none.
pub(super) fn content_type(request: &Request) -> &str {
    request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn is_multipart(content_type: &str) -> bool {
    media_type(content_type).split_once('/').is_some_and(|(kind, _)| kind.eq_ignore_ascii_case("multipart"))
}

/// Whether a media type is documented as text: JSON in it would be text, too.
fn is_only_text(media: BodyMedia<'_>) -> bool {
    let types = media.schema.types(media.schema.raw());
    let is_range_with_json = media.kind.contains('*') && !media.kind.starts_with("text/");
    !is_range_with_json
        && types.is_some_and(|types| types.allow(Types::STRING) && !types.allow(Types::OBJECT.or(Types::ARRAY)))
}

fn malformed(message: &str) -> ApiError {
    ApiError::new(ErrorKind::Malformed, message.to_owned()).violation("", "syntax")
}
