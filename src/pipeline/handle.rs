use super::owner::infer_owner;
use super::{Engine, Flow};
use crate::apis::OperationFunctions;
use crate::handlers;
use crate::request::{ApiError, BehaviourRunner, Context, ErrorKind, Outcome, Reply, RequestView, UnknownIds};

/// Runs the operation's own handler, or else the CRUD handler. A caller that needs an owner and names none acts for that of
/// a record which the request names: a handler makes all checks before it writes, so that it can run again.
pub(super) fn run_handler(engine: &Engine, ctx: &mut Context<'_>) -> Flow {
    let mut outcome = serve(engine, ctx);
    if ctx.caller.owner.is_none()
        && matches!(&outcome, Err(error) if error.kind == ErrorKind::Unauthorized)
        && let Some(owner) = infer_owner(engine, ctx)
    {
        ctx.act_for(owner);
        outcome = serve(engine, ctx);
    }
    ctx.outcome = outcome?;
    if !ctx.operation.callbacks.is_empty() {
        let view = RequestView::of(ctx);
        BehaviourRunner::new(ctx.state, ctx.resources, Some(view)).remember_request();
    }
    Ok(())
}

fn serve(engine: &Engine, ctx: &mut Context<'_>) -> Result<Outcome, ApiError> {
    let functions = engine.endpoint(ctx).map(|endpoint| endpoint.functions()).unwrap_or_default();
    if functions.is_served() && !needs_unknown_record(ctx) {
        match serve_own(ctx, functions) {
            // The contract documents a response where the handler knows none.
            Err(error) if ctx.state.settings.unknown_ids == UnknownIds::Example && is_about_unknown_id(&error) => {}
            reply => return reply.map(Outcome::Reply),
        }
    }
    Ok(handlers::serve_crud(ctx)?.map_or(Outcome::Empty, Outcome::Body))
}

/// Runs the operation's own handler or procedure, and what follows its writes. Nothing is changed if that rejects the request; what
/// a Rust handler writes before it rejects one stays: a code that is used twice revokes its tokens.
fn serve_own(ctx: &mut Context<'_>, functions: OperationFunctions) -> Result<Reply, ApiError> {
    let mark = ctx.state.mark();
    let reply = match (functions.handler, functions.procedure) {
        (Some(handler), _) => handler(ctx)?,
        (None, Some(procedure)) => handlers::serve_procedure(ctx, procedure)?,
        (None, None) => Reply::empty(),
    };
    let view = RequestView::of(ctx);
    let followed = BehaviourRunner::new(ctx.state, ctx.resources, Some(view)).run_for_log(&ctx.operation.key);
    if followed.is_err() {
        ctx.state.undo(mark);
    }
    followed.map(|()| reply)
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
