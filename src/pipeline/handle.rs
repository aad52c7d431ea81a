use super::{Engine, Flow};
use crate::handlers;
use crate::request::{ApiError, Context, ErrorKind, Outcome, UnknownIds};

/// Runs the operation's own handler, or else the CRUD handler.
pub(super) fn run_handler(engine: &Engine, ctx: &mut Context<'_>) -> Flow {
    let own = engine.endpoint(ctx).and_then(|endpoint| endpoint.functions.handler);
    if let Some(handler) = own.filter(|_| !needs_unknown_record(ctx)) {
        match handler(ctx) {
            // The contract documents a response where the handler knows none.
            Err(error) if ctx.state.settings.unknown_ids == UnknownIds::Example && is_about_unknown_id(&error) => {}
            reply => {
                ctx.outcome = Outcome::Reply(reply?);
                return Ok(());
            }
        }
    }
    ctx.outcome = handlers::serve_crud(ctx)?.map_or(Outcome::Empty, Outcome::Body);
    Ok(())
}

/// Whether an error says that a record named by the request does not exist.
fn is_about_unknown_id(error: &ApiError) -> bool {
    error.is_unknown_id || matches!(error.kind, ErrorKind::NotFound | ErrorKind::Absent)
}

/// Whether the path names an unknown record that is to be served as documented.
fn needs_unknown_record(ctx: &Context<'_>) -> bool {
    let role = &ctx.operation.role;
    match (ctx.state.settings.unknown_ids, role.item, &role.resource) {
        (UnknownIds::Example, Some(item), Some(kind)) => ctx.state.store.get(kind, &ctx.path[item]).is_none(),
        _ => false,
    }
}
