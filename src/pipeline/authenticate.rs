use super::{Engine, Flow};
use crate::api;
use crate::request::{Caller, Context, ErrorKind, Query};

/// Finds the caller, and the business on whose behalf it acts.
///
/// A gateway does not know which directory owns a business: its own rejection comes before that of a foreign business.
pub(super) fn find_caller(engine: &Engine, ctx: &mut Context<'_>) -> Flow {
    ctx.set_query(Query::parse(ctx.request.query.as_deref()));
    let dialect = engine.dialect(ctx);
    match api::authenticate(ctx.state, &ctx.request.headers, ctx.query) {
        Ok(caller) => ctx.set_caller(caller),
        Err(_) if !dialect.requires_token() || dialect.is_public(&ctx.operation.path) => {
            // An anonymous caller can name the business that it asks about.
            let named = ctx.query.get("business_id");
            let business = named.filter(|named| ctx.state.store.get("business", named).is_some());
            ctx.set_caller(Caller { business: business.map(Into::into), ..Caller::anyone() });
        }
        Err(error) => {
            if error.kind == ErrorKind::ForeignBusiness {
                engine.rules(ctx).respond(&engine.quirks, ctx)?;
            }
            return Err(error.into());
        }
    }
    Ok(())
}
