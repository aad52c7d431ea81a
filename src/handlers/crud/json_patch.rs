//! JSON Patch (RFC 6902) of a record.

use http::header::CONTENT_TYPE;
use json_patch::{Patch, PatchErrorKind, PatchOperation, patch};
use serde_json::Value;

use super::example;
use crate::model::Record;
use crate::openapi::{is_merge_patch, is_patch};
use crate::request::{ApiError, Context, ErrorKind};

/// How deep a patched record may be: as deep as a body.
const MAX_DEPTH: usize = 127;
/// How many bytes of JSON, about, the operations of a patch may add or move: as much as the default maximum of a body.
/// Copying a value into itself doubles it.
const MAX_BYTES: usize = 8 << 20;

/// Whether the body of a request is a JSON Patch.
pub(super) fn is_sent(ctx: &Context<'_>) -> bool {
    let kind = ctx.request.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    is_patch(kind) && !is_merge_patch(kind) && ctx.body.is_array()
}

/// The record with all operations of a patch applied.
///
/// # Errors
/// Conflict if a `test` fails, invalid if the patch cannot be applied or makes the record too large or too deep. Then nothing
/// is changed.
pub(super) fn apply(record: &Record, body: &Value) -> Result<Record, ApiError> {
    let Patch(operations) = serde_json::from_value(body.clone())
        .map_err(|error| ApiError::new(ErrorKind::Invalid, format!("The body is not a JSON Patch: {error}")))?;
    let mut document = serde_json::to_value(&record.fields).unwrap_or_default();
    let mut budget = MAX_BYTES;
    for operation in &operations {
        check_growth(&document, operation, &mut budget)?;
        patch(&mut document, std::slice::from_ref(operation)).map_err(|error| {
            let kind = match error.kind {
                PatchErrorKind::TestFailed => ErrorKind::Conflict,
                _ => ErrorKind::Invalid,
            };
            ApiError::new(kind, format!("The patch cannot be applied: {error}"))
        })?;
    }
    Ok(Record::new(record.kind.clone(), record.id.clone(), example::fields(&document)))
}

/// Checks an operation before it is applied: a document that is too deep could not even be dropped.
fn check_growth(document: &Value, operation: &PatchOperation, budget: &mut usize) -> Result<(), ApiError> {
    let moved = match operation {
        PatchOperation::Add(add) => Some((&add.path, Some(&add.value))),
        PatchOperation::Replace(replace) => Some((&replace.path, Some(&replace.value))),
        PatchOperation::Copy(copy) => Some((&copy.path, document.pointer(copy.from.as_str()))),
        PatchOperation::Move(from) => Some((&from.path, document.pointer(from.from.as_str()))),
        PatchOperation::Remove(_) | PatchOperation::Test(_) => None,
    };
    let Some((path, Some(value))) = moved else { return Ok(()) };
    let (depth, size) = measure(value);
    *budget = budget.checked_sub(size).ok_or_else(|| too_large("large"))?;
    if path.as_str().matches('/').count() + depth > MAX_DEPTH { Err(too_large("deep")) } else { Ok(()) }
}

/// The depth of a value, and about how many bytes its JSON has.
fn measure(value: &Value) -> (usize, usize) {
    const SCALAR: usize = 8;
    let add = |(depth, size): (usize, usize), name: usize, below: &Value| {
        let (deeper, more) = measure(below);
        (depth.max(deeper + 1), size + name + more)
    };
    match value {
        Value::Array(list) => list.iter().fold((1, SCALAR), |total, element| add(total, 0, element)),
        Value::Object(map) => map.iter().fold((1, SCALAR), |total, (name, below)| add(total, name.len(), below)),
        Value::String(text) => (0, SCALAR + text.len()),
        _ => (0, SCALAR),
    }
}

fn too_large(quality: &str) -> ApiError {
    ApiError::new(ErrorKind::Invalid, format!("The patch makes the record too {quality}"))
}
