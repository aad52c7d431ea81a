use super::{Engine, Flow};
use crate::request::Context;

/// Adds the request to the journal of the session.
pub(super) fn add_entry(_: &Engine, ctx: &mut Context<'_>) -> Flow {
    if let Some(response) = ctx.outcome.response() {
        ctx.journal.add(ctx.request, ctx.state.now(), response);
    }
    Ok(())
}
