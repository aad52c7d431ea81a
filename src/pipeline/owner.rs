//! The owner of a request that names none although its caller can act for several.

use std::sync::Arc;

use compact_str::CompactString;
use serde_json::Value;

use super::Engine;
use crate::api::ActsFor;
use crate::model::Record;
use crate::quirks::{Stage, Target};
use crate::request::Context;

/// No more values of a request are looked up.
const MAX_IDS: usize = 100;

/// The owner of the first record that the request names, if the caller can act for that owner and no quirk forbids it. The
/// path comes before the query and the query before the body.
pub(super) fn infer_owner(engine: &Engine, ctx: &Context<'_>) -> Option<CompactString> {
    let kind = engine.api.tokens.kind(&ctx.caller.kind)?;
    let ActsFor::OwnedBy(field) = &kind.acts_for else { return None };
    let subject = ctx.caller.subject_id(kind.subject.as_deref()?)?;
    let may_act_for = |owner: &CompactString| {
        let record = ctx.state.ownership.owner(&ctx.state.store, owner);
        record.is_some_and(|record| record.text(field) == subject)
    };
    let mut ids: Vec<&str> = ctx.path.iter().map(|value| &**value).collect();
    ids.extend(ctx.sent_query.iter().map(|(_, value)| value));
    add_texts(ctx.body, &mut ids);
    let mut kinds: Vec<&str> = ctx.state.store.kinds().map(|(kind, _)| kind).collect();
    kinds.sort_unstable();
    let owner_of = |id: &&str| {
        let owners = kinds.iter().filter_map(|kind| owner_of(ctx, ctx.state.store.get(kind, id)?));
        owners.into_iter().find(|owner| may_act_for(owner))
    };
    let mut owner = ids.iter().take(MAX_IDS).find_map(owner_of);
    for (index, effect) in engine.rules(ctx).matching(Stage::Own, &engine.quirks, ctx) {
        if effect.apply(Target::Owner(&mut owner)) {
            ctx.state.mark_applied(index);
        }
    }
    owner
}

/// The owner that a record names; an owner owns itself.
fn owner_of(ctx: &Context<'_>, record: &Arc<Record>) -> Option<CompactString> {
    let ownership = &ctx.state.ownership;
    let own = (record.kind == ownership.kind).then_some(record.id.as_str());
    own.or_else(|| ownership.of(record)).map(CompactString::from)
}

/// Collects the texts of a body in their order.
fn add_texts<'b>(value: &'b Value, texts: &mut Vec<&'b str>) {
    match value {
        _ if texts.len() >= MAX_IDS => {}
        Value::String(text) => texts.push(text),
        Value::Array(list) => list.iter().for_each(|element| add_texts(element, texts)),
        Value::Object(map) => map.values().for_each(|member| add_texts(member, texts)),
        _ => {}
    }
}
