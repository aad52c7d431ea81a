use super::{Engine, Flow};
use crate::request::Context;

/// Selects the gateway by the prefix of the path.
pub(super) fn select_gateway(engine: &Engine, ctx: &mut Context<'_>) -> Flow {
    let (gateway, path) = engine.api.gateways.split(&ctx.request.path);
    ctx.gateway = gateway.name.clone();
    ctx.local_path = path;
    Ok(())
}
