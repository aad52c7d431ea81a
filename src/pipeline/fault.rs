use std::time::Duration;

use http::HeaderValue;
use serde_json::Map;

use super::negotiate::{self, PREFERENCE_APPLIED};
use super::{Engine, Flow};
use crate::diagnostics::{FieldError, JsonFields, nearest};
use crate::faults::{CallFacts, Fault, FaultEffect, RANDOM_STREAM};
use crate::request::{ApiError, Context, ErrorKind, FAULTS_HEADER, Query, Response};

/// Applies the faults of the session, and the delay that the client prefers (`Prefer: delay=200ms`).
pub(super) fn apply_faults(engine: &Engine, ctx: &mut Context<'_>) -> Flow {
    if let Some((delay, written)) = negotiate::preferred_delay(ctx.request) {
        ctx.faults.get_or_insert_default().delivery.delay += delay;
        let applied = HeaderValue::try_from(format!("delay={written}"));
        ctx.headers.extend(applied.ok().map(|applied| (PREFERENCE_APPLIED, applied)));
    }
    if ctx.state.faults.is_empty() {
        return Ok(());
    }
    let mut faults = std::mem::take(&mut ctx.state.faults);
    let caller = faults.need_token().then(|| {
        let query = Query::parse(ctx.request.query.as_deref());
        engine.api.tokens.authenticate(ctx.state, &ctx.request.headers, &query).ok()
    });
    let facts = CallFacts {
        operation: ctx.operation_index.map(|_| (&ctx.operation.method, &*ctx.operation.path)),
        method: &ctx.request.method,
        path: ctx.local_path,
        token: caller.iter().flatten().map(|caller| caller.kind.as_str()).next().unwrap_or_default(),
    };
    let now = ctx.state.now();
    let effect = faults.apply(&facts, now, || ctx.state.ids.stream(RANDOM_STREAM));
    ctx.state.faults = faults;
    apply(ctx, effect)
}

fn apply(ctx: &mut Context<'_>, mut effect: FaultEffect) -> Flow {
    if effect.applied.is_empty() {
        return Ok(());
    }
    let ids = HeaderValue::try_from(effect.applied.join(", "));
    ctx.headers.extend(ids.ok().map(|ids| (FAULTS_HEADER, ids)));
    ctx.headers.append(&mut effect.headers);
    let preferred = ctx.faults.take().map_or(Duration::ZERO, |preferred| preferred.delivery.delay);
    effect.delivery.delay += preferred;
    let status = effect.status.take();
    ctx.faults = Some(Box::new(effect));
    match status {
        None => Ok(()),
        Some(fault) => Err(match fault.body {
            Some(body) => {
                let status = http::StatusCode::from_u16(fault.code).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
                Response::fixed(status, &body).into()
            }
            None => ApiError::new(ErrorKind::Fault, fault.message).status(fault.code).into(),
        }),
    }
}

impl Engine {
    /// Rejects a fault for an operation or a kind of token that does not exist.
    ///
    /// # Errors
    /// Each wrong field of the fault.
    pub fn check_fault(&self, fault: &Fault) -> Result<(), Vec<FieldError>> {
        let mut errors = JsonFields::of(Map::new(), &[]);
        let rule = fault.matches();
        let operations = &self.contract.operations;
        if let Some(operation) = rule.operation.as_ref().filter(|operation| !operation.is_pattern())
            && !operations.iter().any(|known| *known.key == *operation.as_str())
        {
            let near = nearest(operation.as_str(), operations.iter().map(|operation| &*operation.key));
            let advice =
                near.map_or_else(|| "`standin routes` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
            errors.reject("operation", format!("there is no operation `{}`; {advice}", operation.as_str()));
        }
        let tokens = &self.api.tokens;
        if let Some(kind) = rule.token.as_ref().filter(|kind| tokens.kind(kind).is_none()) {
            let known = tokens.kind_names().join(", ");
            let known =
                if known.is_empty() { "the API has no tokens".to_owned() } else { format!("there are {known}") };
            errors.reject("token", format!("there is no kind of token `{kind}`; {known}"));
        }
        errors.finish()
    }
}
