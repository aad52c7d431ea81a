//! JSON Patch (RFC 6902) of a record.

use http::header::CONTENT_TYPE;
use json_patch::{Patch, PatchErrorKind};
use serde_json::Value;

use super::example;
use crate::model::Record;
use crate::request::{ApiError, Context, ErrorKind};

/// Whether the body of a request is a JSON Patch.
pub(super) fn is_sent(ctx: &Context<'_>) -> bool {
    let kind = ctx.request.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json-patch+json") && ctx.body.is_array()
}

/// The record with all operations of a patch applied.
///
/// # Errors
/// Conflict if a `test` fails, invalid if the patch cannot be applied. Then nothing is changed.
pub(super) fn apply(record: &Record, body: &Value) -> Result<Record, ApiError> {
    let patch: Patch = serde_json::from_value(body.clone())
        .map_err(|error| ApiError::new(ErrorKind::Invalid, format!("The body is not a JSON Patch: {error}")))?;
    let mut document = serde_json::to_value(&record.fields).unwrap_or_default();
    json_patch::patch(&mut document, &patch).map_err(|error| {
        let kind = match error.kind {
            PatchErrorKind::TestFailed => ErrorKind::Conflict,
            _ => ErrorKind::Invalid,
        };
        ApiError::new(kind, format!("The patch cannot be applied: {error}"))
    })?;
    Ok(Record { fields: example::fields(&document), ..record.clone() })
}
