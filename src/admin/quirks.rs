//! `/sessions/{session}/quirks`.

use serde_json::{Map, Value, json};

use super::{Answer, Context, ok};
use crate::diagnostics::JsonFields;
use crate::pipeline::Engine;
use crate::quirks::Selection;
use crate::quirks::describe::quirk_json;
use crate::request::QuirkFlags;
use crate::session::Session;

pub(super) fn get(ctx: &Context<'_>) -> Answer {
    ok(&quirks_json(ctx.engine, &*ctx.session()?))
}

pub(super) fn put(ctx: &Context<'_>) -> Answer {
    let mut body = JsonFields::read(&ctx.request.body, &FIELDS)?;
    let wanted = WantedQuirks::read(&mut body, ctx.engine);
    body.finish()?;
    let session = ctx.session_or_new()?;
    wanted.apply(&session);
    ok(&quirks_json(ctx.engine, &session))
}

/// The fields that select quirks.
pub(super) const FIELDS: [&str; 2] = ["profile", "switches"];

/// Quirks to switch.
#[derive(Default)]
pub(super) struct WantedQuirks {
    /// The flags of a profile.
    profile: Option<QuirkFlags>,
    /// Known ids to switch on or off on top of it.
    changes: Vec<(String, bool)>,
}

impl WantedQuirks {
    /// Reads `profile` and `switches`; what the API does not have is rejected.
    pub(super) fn read(body: &mut JsonFields, engine: &Engine) -> Self {
        let profile = body.text("profile").and_then(|written| {
            let selection = Selection::of_profile(&written);
            let flags = selection.and_then(|selection| engine.quirks().flags(&selection).map_err(|e| e.to_string()));
            flags.map_err(|detail| body.reject("profile", detail)).ok()
        });
        let mut selection = Selection::default();
        for written in body.texts("switches").unwrap_or_default() {
            let mut single = Selection::default();
            let known = single
                .change(&written)
                .and_then(|()| engine.quirks().flags(&single).map(drop).map_err(|unknown| unknown.to_string()));
            match known {
                Ok(()) => selection.changes.append(&mut single.changes),
                Err(detail) => body.reject("switches", detail),
            }
        }
        Self { profile, changes: selection.changes }
    }

    /// Switches the quirks of a session.
    pub(super) fn apply(self, session: &Session) {
        if self.profile.is_none() && self.changes.is_empty() {
            return;
        }
        let Self { profile, changes } = self;
        session.change(|state| {
            let mut flags = profile.unwrap_or_else(|| state.flags().clone());
            for (id, on) in &changes {
                flags.set(id, *on);
            }
            state.set_quirk_flags(flags);
        });
    }
}

fn quirks_json(engine: &Engine, session: &Session) -> Value {
    let flags = session.state().flags().clone();
    let quirks = engine.quirks().iter().enumerate();
    let on: Map<String, Value> = quirks.map(|(index, quirk)| (quirk.id.clone(), flags.is_on(index).into())).collect();
    json!({"quirks": on})
}

/// `GET /quirks`: what there is to know of each quirk, and whether it is on in new sessions.
pub(super) fn catalog(ctx: &Context<'_>) -> Answer {
    let start = ctx.mock.sessions().start().fork();
    let quirks: Vec<Value> = ctx.engine.quirks().iter().map(|quirk| quirk_json(quirk, start.flags())).collect();
    ok(&json!({"quirks": quirks}))
}
