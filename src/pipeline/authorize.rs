use super::{Engine, Flow};
use crate::request::Context;

/// Applies quirks that respond before the body is read: gateways, features, tokens.
pub(super) fn apply_access_quirks(engine: &Engine, ctx: &mut Context<'_>) -> Flow {
    engine.rules(ctx).respond(&engine.quirks, ctx)
}
