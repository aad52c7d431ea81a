use smallvec::SmallVec;

use super::parameters::unmarked_path;
use super::{Engine, Flow};
use crate::quirks::{Effect, Stage, Target};
use crate::request::Context;

/// Rewrites the query for the handler where a quirk gives its parameters another meaning, and the path where its values
/// have the marks of their style.
pub(super) fn rewrite_query(engine: &Engine, ctx: &mut Context<'_>) -> Flow {
    if let Some(values) = unmarked_path(ctx) {
        ctx.set_rewritten_path(values);
    }
    let matching = engine.rules(ctx).matching(Stage::Rewrite, &engine.quirks, ctx);
    let effects: SmallVec<[(usize, &dyn Effect); 2]> = matching.collect();
    if effects.is_empty() {
        return Ok(());
    }
    let mut query = ctx.query.clone();
    for (index, effect) in effects {
        if effect.apply(Target::Query(&mut query)) {
            ctx.state.mark_applied(index);
        }
    }
    ctx.set_rewritten_query(query);
    Ok(())
}
