use http::StatusCode;
use serde_json::json;

use super::negotiate::{self, Prefer};
use super::{Engine, Flow};
use crate::openapi::generate::generate;
use crate::request::{Context, Response};

/// Responds as the client prefers (`Prefer: code=422, example=name, dynamic=true`), from the contract alone.
pub(super) fn respond_as_preferred(_: &Engine, ctx: &mut Context<'_>) -> Flow {
    let Some(preferred) = Prefer::of(ctx.request) else { return Ok(()) };
    let operation = ctx.operation;
    let status = preferred.status.unwrap_or_else(|| operation.success());
    let Some(response) = operation.response(status) else {
        let known = operation.documented_statuses().join(", ");
        let message = format!("{} documents no {status}; it documents {known}", operation.key);
        return Err(Response::json(400, json!({"standin": message}).to_string()).into());
    };
    let media = negotiate::choose(response, ctx.request).or_else(|| response.first());
    let Some(media) = media else {
        return Err(Response::empty(StatusCode::from_u16(status).unwrap_or(StatusCode::OK)).into());
    };
    let stream = format!("{} {status}", operation.key);
    let generated = || media.schema.as_ref().map(|schema| generate(schema, &mut ctx.state.ids.stream(&stream)));
    let body = if preferred.dynamic {
        generated().or_else(|| media.example(None))
    } else {
        media.example(preferred.example.as_deref())
    };
    Err(negotiate::written(status, media, body.unwrap_or_default()).into())
}
