//! `GET /state`: the session `default`.

use serde_json::{Map, Value, json};

use super::redaction::{redacted, redactor};
use super::{Answer, Context, ok};
use crate::request::{redact_target, time_text};

/// How many of the last requests are shown.
const MAX_CALLS: usize = 256;

pub(super) fn get(ctx: &Context<'_>) -> Answer {
    let session = ctx.mock.sessions().default_session();
    let (state, entries) = (session.state(), session.entries(0));
    let wanted = ctx.query.get("kind");
    let kinds = state.store.kinds().filter(|(name, _)| wanted.is_none_or(|wanted| wanted == *name));
    let records: Map<String, Value> = kinds
        .map(|(name, _)| (name.to_owned(), state.store.all(name).map(|record| json!(**record)).collect()))
        .collect();
    let calls: Vec<Value> = entries
        .iter()
        .skip(entries.len().saturating_sub(MAX_CALLS))
        .map(|entry| {
            let call = &entry.call;
            json!({
                "at": time_text(entry.at).as_str(),
                "method": call.method.as_str(),
                "path": redact_target(call.path()),
                "operation": call.operation.as_deref(),
                "status": call.status.as_u16(),
                "quirks": call.quirks.iter().map(AsRef::as_ref).collect::<Vec<&str>>(),
            })
        })
        .collect();
    let shown = json!({"now": time_text(state.now()).as_str(), "records": records, "calls": calls});
    ok(&redacted(shown, &mut redactor(&state)))
}
