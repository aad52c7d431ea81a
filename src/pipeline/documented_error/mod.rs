//! Errors of an API without dialects, as its contract documents them: a client of the API can read no other.

mod common;
mod fill;
mod reduce;

pub(super) use common::CommonErrors;

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Engine, negotiate, response_headers};
use crate::openapi::{MediaSpec, Operation, ResponseSpec};
use crate::request::{ApiError, Context, Response};
use fill::Filler;

/// Writes an error as the operation documents its status, else as the contract documents most errors, else with its message
/// under the names that most clients know. `None` if the API has dialects.
pub(super) fn write_error(engine: &Engine, ctx: &Context<'_>, error: &ApiError) -> Option<Response> {
    if !engine.api.dialects.is_empty() {
        return None;
    }
    let operation = ctx.operation_index.map(|_| ctx.operation);
    let status = engine.dialect(ctx).status(error, operation);
    let own = operation.and_then(|operation| Some((operation.response(status)?, is_for_errors(operation, status))));
    let filler = Filler { message: &error.message, field: error.field.as_deref(), status, kind: error.kind };
    let written = own.and_then(|(spec, is_for_errors)| Some((spec, write_body(ctx, spec, &filler, is_for_errors)?)));
    let operations = engine.contract.operations.as_slice();
    let written = written.or_else(|| {
        let file = operation.map(|operation| &*operation.file);
        let others = engine.common_errors.of(operations, file, status);
        others.into_iter().find_map(|spec| Some((spec, write_body(ctx, spec, &filler, false)?)))
    });
    let Some((spec, mut response)) = written else { return Some(write_undocumented(&filler)) };
    response_headers::add_documented(engine, spec, &mut response);
    Some(response)
}

/// An error of a contract that documents none with a body.
fn write_undocumented(filler: &Filler<'_>) -> Response {
    let mut body = json!({"error": filler.message, "message": filler.message});
    if let Some(field) = filler.field {
        body["field"] = field.into();
    }
    Response::json(filler.status, Bytes::from(body.to_string()))
}

/// Whether the response of a status is documented for errors: it is not the default that stands for the success too.
fn is_for_errors(operation: &Operation, status: u16) -> bool {
    let schema = |spec: Option<&ResponseSpec>| Some(spec?.first()?.schema.as_ref()?.raw().to_string());
    let is_default = operation.documented_error(status).is_none();
    !is_default || schema(operation.response(status)) != schema(operation.success_response())
}

/// Writes the body of a documented error with the message, the field and the status of the actual one. `None` if no body is
/// documented, or it has no place for the message and is not known to be that of the error.
fn write_body(ctx: &Context<'_>, spec: &ResponseSpec, filler: &Filler<'_>, is_for_errors: bool) -> Option<Response> {
    let media = negotiate::choose(spec, ctx.request).or_else(|| spec.first())?;
    let body = fill_sample(media, filler, is_for_errors)?;
    Some(negotiate::write(ctx, filler.status, media, body))
}

fn fill_sample(media: &MediaSpec, filler: &Filler<'_>, is_for_errors: bool) -> Option<Value> {
    let sample = media.sample()?;
    let mut filled = sample.clone();
    if !filler.fill(&mut filled) && !is_for_errors {
        return None;
    }
    let Some(schema) = &media.schema else { return Some(filled) };
    let is_valid = |value: &Value| schema.is_valid(value);
    if media.is_generated() {
        let mut reduced = filled.clone();
        filler.reduce(&mut reduced, schema);
        filled = if is_valid(&reduced) { reduced } else { filled };
    }
    // A message can violate an enum or a length.
    if is_valid(&filled) || !is_valid(sample) {
        return Some(filled);
    }
    let mut filled = sample.clone();
    filler.fill_status(&mut filled);
    Some(if is_valid(&filled) { filled } else { sample.clone() })
}

/// The reason phrase of a status: `Not Found`.
fn reason(status: u16) -> &'static str {
    StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error")
}
