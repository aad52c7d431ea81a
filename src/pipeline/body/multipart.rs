//! Multipart forms (RFC 7578).

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::{FutureExt as _, stream};
use multer::{Field, Multipart};
use serde_json::Value;

use super::malformed;
use crate::request::{ApiError, is_media_type, media_type, media_type_parameter};

/// The boundary of a content type, at most 70 characters (RFC 2046, section 5.1.1).
pub(super) fn boundary(content_type: &str) -> Option<String> {
    media_type_parameter(content_type, "boundary").filter(|boundary| (1..=70).contains(&boundary.len()))
}

/// Reads the fields in order. The value of a field is its text, of a JSON part its JSON, of a file its name.
///
/// # Errors
/// When the body is not a multipart form.
pub(super) fn read(body: &Bytes, boundary: String) -> Result<Vec<(String, Value)>, ApiError> {
    let broken = || malformed("The body is not a valid multipart form");
    let body = stream::iter([Ok::<_, Infallible>(body.clone())]);
    let mut form = Multipart::new(body, boundary);
    let read_all = async {
        let mut fields = Vec::new();
        while let Some(field) = form.next_field().await.map_err(|_| broken())? {
            let name = field.name().ok_or_else(broken)?.to_owned();
            fields.push((name, read_value(field).await.map_err(|_| broken())?));
        }
        Ok(fields)
    };
    // The whole body is in memory, so the future never waits.
    read_all.now_or_never().unwrap_or_else(|| Err(broken()))
}

async fn read_value(field: Field<'_>) -> Result<Value, multer::Error> {
    if let Some(name) = field.file_name() {
        return Ok(name.into());
    }
    let kind = field.content_type().map(ToString::to_string).unwrap_or_default();
    let is_json = is_media_type(&kind, "application/json") || media_type(&kind).ends_with("+json");
    let text = String::from_utf8_lossy(&field.bytes().await?).into_owned();
    match serde_json::from_str(&text) {
        Ok(value) if is_json => Ok(value),
        _ => Ok(text.into()),
    }
}
