//! `/sessions/{session}/quirks`.

use serde_json::{Map, Value, json};
use strum::VariantNames as _;

use super::{Answer, Context, ok};
use crate::diagnostics::JsonFields;
use crate::pipeline::Engine;
use crate::quirks::{Profile, Selection};
use crate::request::QuirkFlags;
use crate::session::Session;

pub(super) fn get(ctx: &Context<'_>) -> Answer {
    ok(&quirks_json(&ctx.engine, &*ctx.session()?))
}

pub(super) fn put(ctx: &Context<'_>) -> Answer {
    let mut body = JsonFields::read(&ctx.request.body, &["profile", "switches"])?;
    let profile = body.parsed::<Profile>("profile", &format!("write one of {}", Profile::VARIANTS.join(", ")));
    let changes = switches(&mut body, "switches");
    check_ids(&mut body, "switches", &changes, &ctx.engine);
    body.finish()?;
    let session = ctx.session_or_new()?;
    session.change(|state| {
        let flags = apply(&ctx.engine, state.flags(), profile, changes);
        state.set_quirk_flags(flags);
    });
    ok(&quirks_json(&ctx.engine, &session))
}

/// Switches as `+id` and `-id`.
pub(super) fn switches(body: &mut JsonFields, name: &str) -> Vec<(String, bool)> {
    let mut selection = Selection::default();
    for written in body.texts(name).unwrap_or_default() {
        if let Err(advice) = selection.change(&written) {
            body.reject(name, advice);
        }
    }
    selection.changes
}

/// Rejects switches of unknown quirks.
pub(super) fn check_ids(body: &mut JsonFields, name: &str, changes: &[(String, bool)], engine: &Engine) {
    for (id, on) in changes {
        let selection = Selection { profile: Profile::default(), changes: vec![(id.clone(), *on)] };
        if let Err(unknown) = engine.quirks().flags(&selection) {
            body.reject(name, unknown.to_string());
        }
    }
}

/// Flags after a profile, if one is given, and switches of known quirks.
pub(super) fn apply(
    engine: &Engine,
    flags: &QuirkFlags,
    profile: Option<Profile>,
    changes: Vec<(String, bool)>,
) -> QuirkFlags {
    let of_profile =
        profile.and_then(|profile| engine.quirks().flags(&Selection { profile, changes: Vec::new() }).ok());
    let mut flags = of_profile.unwrap_or_else(|| flags.clone());
    for (id, on) in changes {
        flags.set(&id, on);
    }
    flags
}

fn quirks_json(engine: &Engine, session: &Session) -> Value {
    let flags = session.state().flags().clone();
    let quirks = engine.quirks().iter().enumerate();
    let on: Map<String, Value> = quirks.map(|(index, quirk)| (quirk.id.clone(), flags.is_on(index).into())).collect();
    json!({"quirks": on})
}
