//! Paths that have one record for each combination of their parameters, such as `/settings/{business_uid}`.

use std::sync::Arc;

use compact_str::CompactString;
use http::Method;
use serde_json::Value;

use super::create::from_example;
use super::{lookup, respond, update};
use crate::request::{ApiError, Context};

/// Reads, changes or deletes the record of the path. Until a request changes it, it is the contract's example.
///
/// # Errors
/// Not found, if its parents do not exist.
pub(super) fn serve(ctx: &mut Context<'_>) -> Result<Option<Value>, ApiError> {
    if !ctx.resources.documented_behaviour_only {
        lookup::check_parents(ctx)?;
    }
    let kind = ctx.operation.path.split('/').map(|part| if part.starts_with('{') { "*" } else { part });
    let kind = kind.collect::<Vec<_>>().join("/");
    let key = match ctx.path.is_empty() {
        true => ctx.caller.owner.clone().unwrap_or_else(|| "-".into()),
        false => CompactString::from(ctx.path.join("/")),
    };
    let stored = ctx.state.store.get(&kind, &key).cloned();
    let record = stored.unwrap_or_else(|| Arc::new(from_example(ctx, &kind, key.clone())));
    let method = &ctx.operation.method;
    if method == Method::DELETE {
        ctx.state.store.remove(&kind, &key);
        return Ok(respond::one(ctx, &record));
    }
    let record = if method == Method::GET { record } else { update::update(ctx, &record, ctx.body)? };
    Ok(respond::one(ctx, &record))
}
