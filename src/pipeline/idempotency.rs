use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue, Method};

use super::{Engine, Flow};
use crate::openapi::{Operation, ParameterLocation};
use crate::request::{ApiError, Context, ErrorKind, Outcome, Request, Stop};

/// The header that clients send with POST, whether a contract documents it or not.
const COMMON: &str = "idempotency-key";
/// Says that a response is that of an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Serves a request that has the idempotency key of an earlier one: with its response if the body is the same, else with an
/// error.
pub(super) fn find_response(_: &Engine, ctx: &mut Context<'_>) -> Flow {
    let Some((header, key)) = key(ctx) else { return Ok(()) };
    let Some((body, response)) = ctx.state.idempotency.find(&key) else { return Ok(()) };
    if *body != ctx.request.body {
        let message = format!("The key in {header} was sent with another body before");
        return Err(ApiError::new(ErrorKind::Invalid, message).field(header).into());
    }
    let mut response = response.clone();
    response.meta.faults = ctx.faults.take();
    response.headers.push((REPLAYED, HeaderValue::from_static("true")));
    ctx.outcome = Outcome::Cached(response);
    Err(Stop::Finished)
}

/// Stores a success of a request with an idempotency key.
pub(super) fn store_response(_: &Engine, ctx: &mut Context<'_>) -> Flow {
    if let (Some((_, key)), Outcome::Finished(response)) = (key(ctx), &ctx.outcome)
        && response.status.is_success()
    {
        // Faults concern one request, not its repetition.
        let mut response = response.clone();
        response.meta.faults = None;
        Arc::make_mut(&mut ctx.state.idempotency).store(&key, &ctx.request.body, &response);
    }
    Ok(())
}

/// The header with the idempotency key of a request, and what identifies the request: caller, operation, path and key.
fn key(ctx: &Context<'_>) -> Option<(String, Vec<u8>)> {
    if ctx.resources.documented_behaviour_only || ctx.operation_index.is_none() {
        return None;
    }
    let header = declared(ctx.operation).or_else(|| (ctx.request.method == Method::POST).then_some(COMMON))?;
    let sent = ctx.request.headers.get(header)?.as_bytes();
    let caller = ctx.request.headers.get(AUTHORIZATION).map_or(&[][..], HeaderValue::as_bytes);
    // No part contains a line break.
    let Request { method, path, query, .. } = ctx.request;
    let target = [method.as_str(), path.as_str(), query.as_deref().unwrap_or_default()].map(str::as_bytes);
    let parts = [target[0], target[1], target[2], caller, sent];
    (!sent.is_empty()).then(|| (header.to_owned(), parts.join(&b'\n')))
}

/// The documented header for an idempotency key, under any name that ends like one.
fn declared(operation: &Operation) -> Option<&str> {
    let mut headers = operation.parameters.iter().filter(|known| known.location == ParameterLocation::Header);
    let is_key = |name: &str| {
        name.get(name.len().saturating_sub(COMMON.len())..).is_some_and(|end| end.eq_ignore_ascii_case(COMMON))
    };
    headers.find(|known| is_key(&known.name)).map(|known| known.name.as_str())
}
