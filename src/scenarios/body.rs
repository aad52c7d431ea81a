//! Bodies as values: JSON as itself, a text as a string, other bytes as a `data:` URL (RFC 2397).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// How the string of a body begins that is not text.
const DATA_URL: &str = "data:;base64,";

/// A body as a value: `null` if it is empty. Where the content type is not JSON, only objects and arrays are read as JSON, so
/// that the text `1.50` keeps its digits.
pub fn decode_body(body: &[u8], content_type: Option<&str>) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(value) if content_type.is_none_or(is_json) || value.is_object() || value.is_array() => value,
        _ => match std::str::from_utf8(body) {
            Ok(text) if !text.starts_with(DATA_URL) => text.into(),
            _ => format!("{DATA_URL}{}", STANDARD.encode(body)).into(),
        },
    }
}

/// The bytes of a body. A string is JSON if the content type is JSON or absent, else text.
pub fn encode_body(body: &Value, content_type: Option<&str>) -> Vec<u8> {
    match (body, data_of(body)) {
        (Value::String(text), data) if content_type.is_some_and(|kind| !is_json(kind)) => {
            data.and_then(|data| STANDARD.decode(data).ok()).unwrap_or_else(|| text.clone().into_bytes())
        }
        _ => body.to_string().into_bytes(),
    }
}

/// The Base64 of a body that is neither JSON nor text.
pub fn data_of(body: &Value) -> Option<&str> {
    body.as_str()?.strip_prefix(DATA_URL)
}

/// Whether a content type is JSON or based on it.
pub(super) fn is_json(content_type: &str) -> bool {
    content_type.to_ascii_lowercase().contains("json")
}
