use super::{Engine, Flow};
use crate::api;
use crate::request::Context;

/// Selects the gateway by the prefix of the path.
pub(super) fn select_gateway(_: &Engine, ctx: &mut Context<'_>) -> Flow {
    (ctx.gateway, ctx.local_path) = api::enter(&ctx.request.path);
    Ok(())
}
