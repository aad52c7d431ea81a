use smallvec::SmallVec;

use super::{Engine, Flow, render};
use crate::quirks::{Effect, Stage, Target};
use crate::request::{Context, Outcome};

/// Applies the quirks that change a success, before it is written.
pub(super) fn transform_success(engine: &Engine, ctx: &mut Context<'_>) -> Flow {
    let matching = engine.rules(ctx).matching(Stage::Transform, &engine.quirks, ctx);
    let effects: SmallVec<[(usize, &dyn Effect); 2]> = matching.collect();
    if effects.is_empty() {
        return Ok(());
    }
    if let Some(mut document) = render::take_document(engine, ctx) {
        for (index, effect) in effects {
            if effect.apply(Target::Success(ctx, &mut document.status, &mut document.body)) {
                ctx.state.mark_applied(index);
            }
        }
        ctx.outcome = Outcome::Document(document);
    }
    Ok(())
}
