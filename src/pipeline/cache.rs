use super::{Engine, Flow};
use crate::request::{Context, Outcome, Stop};

/// Serves a GET request from the cache.
pub(super) fn find_response(_: &Engine, ctx: &mut Context<'_>) -> Flow {
    if !ctx.state.faults.is_empty() {
        return Ok(());
    }
    match ctx.cache.find(ctx.request, ctx.state) {
        Some(response) => {
            ctx.outcome = Outcome::Cached(response);
            Err(Stop::Finished)
        }
        None => Ok(()),
    }
}

/// Stores the response to a GET request.
pub(super) fn store_response(_: &Engine, ctx: &mut Context<'_>) -> Flow {
    let is_cacheable = ctx.operation_index.is_some() && ctx.state.faults.is_empty();
    if let (true, Outcome::Finished(response)) = (is_cacheable, &ctx.outcome) {
        ctx.cache.store(ctx.request, ctx.state, response);
    }
    Ok(())
}
