//! Multipart forms (RFC 7578).

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::{FutureExt as _, stream};
use multer::Multipart;

use super::malformed;
use super::shape::Field;
use crate::request::{ApiError, media_type_parameter};

/// The boundary of a content type, at most 70 characters (RFC 2046, section 5.1.1).
pub(super) fn boundary(content_type: &str) -> Option<String> {
    media_type_parameter(content_type, "boundary").filter(|boundary| (1..=70).contains(&boundary.len()))
}

/// Reads the fields in order.
///
/// # Errors
/// When the body is not a multipart form.
pub(super) fn read(body: &Bytes, boundary: String) -> Result<Vec<Field>, ApiError> {
    let broken = || malformed("The body is not a valid multipart form");
    let body = stream::iter([Ok::<_, Infallible>(body.clone())]);
    let mut form = Multipart::new(body, boundary);
    let read_all = async {
        let mut fields = Vec::new();
        while let Some(field) = form.next_field().await.map_err(|_| broken())? {
            fields.push(read_field(field).await.ok_or_else(broken)?);
        }
        Ok(fields)
    };
    // The whole body is in memory, so the future never waits.
    read_all.now_or_never().unwrap_or_else(|| Err(broken()))
}

async fn read_field(field: multer::Field<'_>) -> Option<Field> {
    let name = field.name()?.to_owned();
    let file_name = field.file_name().map(str::to_owned);
    let content_type = field.content_type().map(ToString::to_string);
    let content = field.bytes().await.ok()?;
    Some(Field { name, file_name, content_type, content: String::from_utf8_lossy(&content).into_owned() })
}
