use super::{Engine, Flow};
use crate::request::{Context, Outcome, Stop};

/// Serves a GET request from the cache.
pub(super) fn find_response(_: &Engine, ctx: &mut Context<'_>) -> Flow {
    match ctx.cache.find(ctx.request, ctx.state) {
        Some(response) => {
            ctx.outcome = Outcome::Cached(response.clone());
            Err(Stop::Finished)
        }
        None => Ok(()),
    }
}

/// Stores the response to a GET request.
pub(super) fn store_response(_: &Engine, ctx: &mut Context<'_>) -> Flow {
    if let (Some(_), Outcome::Finished(response)) = (ctx.operation_index, &ctx.outcome) {
        ctx.cache.store(ctx.request, ctx.state, response);
    }
    Ok(())
}
