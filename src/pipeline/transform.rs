use compact_str::CompactString;
use smallvec::SmallVec;

use super::{Engine, Flow, render};
use crate::quirks::{Effect, ReplyTarget, Stage, Target};
use crate::request::{Context, Outcome};

/// Effects with the indexes of their quirks.
type Effects<'a> = SmallVec<[(usize, &'a dyn Effect); 2]>;

/// Applies the quirks that change a success, before it is written.
pub(super) fn transform_success(engine: &Engine, ctx: &mut Context<'_>) -> Flow {
    let effects: Effects<'_> = engine.rules(ctx).matching(Stage::Transform, &engine.quirks, ctx).collect();
    if effects.is_empty() {
        return Ok(());
    }
    let remaining = transform_reply(engine, ctx, &effects);
    if remaining.is_empty() {
        return Ok(());
    }
    if let Some(mut document) = render::take_document(engine, ctx) {
        for (index, effect) in remaining {
            if effect.apply(Target::Success(ctx, &mut document.status, &mut document.body)) {
                ctx.state.mark_applied(*index);
            }
        }
        ctx.outcome = Outcome::Document(document);
    }
    Ok(())
}

/// Applies the first effects to the reply itself, and returns those that need its JSON document.
fn transform_reply<'e, 'a>(
    engine: &Engine,
    ctx: &mut Context<'_>,
    effects: &'e [(usize, &'a dyn Effect)],
) -> &'e [(usize, &'a dyn Effect)] {
    let mut reply = match std::mem::take(&mut ctx.outcome) {
        Outcome::Reply(reply) => reply,
        outcome => {
            ctx.outcome = outcome;
            return effects;
        }
    };
    let mut count = 0;
    if let Some((status, shape, zone)) = render::success_shape(ctx, &reply) {
        let mut sent = status;
        let data: &[CompactString] = engine.dialect(ctx).data();
        let store = &ctx.state.store;
        let mut target = ReplyTarget { store, reply: &mut reply, status: &mut sent, shape, zone: &zone, data };
        while let Some((index, effect)) = effects.get(count)
            && let Some(is_changed) = effect.apply_to_reply(&mut target)
        {
            if is_changed {
                ctx.state.mark_applied(*index);
            }
            count += 1;
        }
        reply.overridden_status = Some(sent);
    }
    ctx.outcome = Outcome::Reply(reply);
    &effects[count..]
}
