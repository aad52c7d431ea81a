use super::{Engine, Flow};
use crate::request::{Caller, Context, ErrorKind, Query};

/// Finds the caller, and the owner on whose behalf it acts.
///
/// A gateway does not know which caller can act for an owner: its own rejection comes before that of a foreign owner.
pub(super) fn find_caller(engine: &Engine, ctx: &mut Context<'_>) -> Flow {
    ctx.set_query(Query::parse(ctx.request.query.as_deref()));
    let tokens = &engine.api.tokens;
    let dialect = engine.dialect(ctx);
    let is_open = !tokens.are_declared() || !dialect.requires_token() || dialect.is_public(&ctx.operation.path);
    match tokens.authenticate(ctx.state, &ctx.request.headers, ctx.query) {
        Ok(caller) => ctx.set_caller(caller),
        Err(_) if is_open => {
            // A caller without a token can name the owner that it asks about.
            let owner = tokens.owner_in_query(ctx.state, ctx.query);
            ctx.set_caller(Caller { owner, ..Caller::anonymous() });
        }
        Err(error) => {
            if error.kind == ErrorKind::ForeignOwner {
                engine.rules(ctx).respond(&engine.quirks, ctx)?;
            }
            return Err(error.into());
        }
    }
    Ok(())
}
