//! `GET /operations`.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Answer, Context, ok};
use crate::openapi::Operation;

/// The parameters of the list.
pub(super) const PARAMETERS: [&str; 1] = ["contains"];

pub(super) fn get(ctx: &Context<'_>) -> Answer {
    ctx.check_parameters(&PARAMETERS)?;
    let wanted = ctx.query.get("contains").unwrap_or_default().to_lowercase();
    let usage = ctx.mock.usage();
    let is_wanted = |index: usize| {
        let Operation { method, path, summary, .. } = &ctx.engine.contract().operations[index];
        wanted.is_empty() || format!("{method} {path} {summary}").to_lowercase().contains(&wanted)
    };
    let operations: Vec<Value> = usage
        .operations()
        .enumerate()
        .filter(|(index, _)| is_wanted(*index))
        .map(|(index, counts)| {
            let mut shown = ctx.engine.describe_operation(index);
            let documented = &ctx.engine.contract().operations[index];
            shown["tags"] = documented.tags.as_slice().into();
            shown["documented"] = documented.responses.statuses().collect::<Vec<u16>>().into();
            shown["quirks"] = ctx.engine.quirks_of(index).into();
            add_counts(&mut shown, &counts);
            shown
        })
        .collect();
    let mut others = json!({});
    add_counts(&mut others, &usage.others());
    ok(&json!({"operations": operations, "without_operation": others}))
}

/// Adds how many requests there were, and how many of them had which status.
fn add_counts(shown: &mut Value, counts: &[(StatusCode, u64)]) {
    let statuses: Map<String, Value> =
        counts.iter().map(|(status, count)| (status.as_str().to_owned(), (*count).into())).collect();
    shown["requests"] = counts.iter().map(|(_, count)| count).sum::<u64>().into();
    shown["statuses"] = statuses.into();
}
