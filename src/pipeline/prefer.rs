use http::StatusCode;
use serde_json::json;

use super::negotiate::{self, PREFERENCE_APPLIED, Prefer};
use super::{Engine, Flow};
use crate::openapi::generate::generate;
use crate::request::{Context, Response};

/// Responds as the client prefers (`Prefer: code=422, example=name, dynamic=true`), from the contract alone.
pub(super) fn respond_as_preferred(_: &Engine, ctx: &mut Context<'_>) -> Flow {
    let Some(preferred) = Prefer::read(ctx.request) else { return Ok(()) };
    let operation = ctx.operation;
    let (status, response) = match preferred.select(operation) {
        Ok(found) => found,
        Err(message) => return Err(Response::json(400, json!({"standin": message}).to_string()).into()),
    };
    let media = negotiate::choose(response, ctx.request).or_else(|| response.first());
    let mut response = match media {
        None => Response::empty(StatusCode::from_u16(status).unwrap_or(StatusCode::OK)),
        Some(media) => {
            let stream = format!("{} {status}", operation.key);
            let generated = || media.schema.as_ref().map(|schema| generate(schema, &mut ctx.state.ids.stream(&stream)));
            let body = if preferred.dynamic {
                generated().or_else(|| media.example(None))
            } else {
                media.example(preferred.example.as_deref())
            };
            negotiate::write(status, media, body.unwrap_or_default())
        }
    };
    response.headers.extend(preferred.applied().map(|applied| (PREFERENCE_APPLIED, applied)));
    Err(response.into())
}
