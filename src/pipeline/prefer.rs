use serde_json::json;

use super::negotiate::{self, PREFERENCE_APPLIED, Prefer};
use super::{Engine, Flow, response_headers};
use crate::openapi::generate::generate;
use crate::request::{Context, Response};

/// Responds as the client prefers (`Prefer: code=422, example=name, dynamic=true`), from the contract alone.
pub(super) fn respond_as_preferred(engine: &Engine, ctx: &mut Context<'_>) -> Flow {
    let Some(preferred) = Prefer::read(ctx.request) else { return Ok(()) };
    let operation = ctx.operation;
    let (status, spec) = match preferred.select(operation) {
        Ok(found) => found,
        Err(message) => return Err(Response::json(400, json!({"standin": message}).to_string()).into()),
    };
    let stream = format!("{} {status}", operation.key);
    let mut response = negotiate::write_documented(ctx, (status, spec), |media| {
        let generated = || media.schema.as_ref().map(|schema| generate(schema, &mut ctx.state.ids.stream(&stream)));
        match preferred.dynamic {
            true => generated().or_else(|| media.example(None)),
            false => media.example(preferred.example.as_deref()),
        }
    });
    response_headers::add_documented(engine, spec, &mut response);
    response.headers.extend(preferred.applied().map(|applied| (PREFERENCE_APPLIED, applied)));
    Err(response.into())
}
