//! `GET /state`: the session `default`.

use serde_json::{Value, json};

use super::record_stream::{Part, RecordStream};
use super::redaction::{redacted, redactor};
use super::{AdminFeed, Context};
use crate::request::{Problem, redact_target, time_text};

/// How many of the last requests are shown.
const MAX_CALLS: usize = 256;

pub(super) fn get(ctx: &Context<'_>) -> Result<AdminFeed, Problem> {
    let session = ctx.mock.sessions().default_session();
    let (state, entries) = (session.state(), session.entries(0));
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
    let calls = redacted(calls.into(), &mut redactor(&state));
    let mut parts = vec![Part::Text(format!("{{\"now\":{},\"records\":{{", json!(time_text(state.now()).as_str())))];
    let wanted = ctx.query.get("kind");
    let kinds = state.store.kinds().filter(|(name, _)| wanted.is_none_or(|wanted| wanted == *name));
    for (place, (kind, _)) in kinds.enumerate() {
        let comma = if place > 0 { "," } else { "" };
        parts.push(Part::Text(format!("{comma}{}:[", json!(kind))));
        parts.push(Part::Records(kind.to_owned()));
        parts.push(Part::Text("]".to_owned()));
    }
    parts.push(Part::Text(format!("}},\"calls\":{calls}}}")));
    Ok(AdminFeed::Records(Box::new(RecordStream::new(state, parts))))
}
