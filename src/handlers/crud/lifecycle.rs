//! Transitions between the states of a record.

use std::sync::Arc;

use crate::model::Record;
use crate::openapi::{Lifecycle, Transition};
use crate::request::{ApiError, Context, UnknownIds};

/// The transition that this operation is for a record, if any.
///
/// # Errors
/// Invalid, when the record is in a state from which the operation is not allowed.
pub(super) fn find_transition<'e>(ctx: &Context<'e>, record: &Record) -> Result<Option<&'e Transition>, ApiError> {
    let Some(lifecycle) = lifecycle_of(ctx, record) else { return Ok(None) };
    let state = record.text(&lifecycle.field);
    // A record made from the example for an unknown id has no state of its own.
    let is_example = ctx.state.settings.unknown_ids == UnknownIds::Example
        && ctx.state.store.get(&record.kind, &record.id).is_none();
    let rows: Vec<&Transition> = lifecycle.transitions.iter().filter(|row| row.on == ctx.operation.key).collect();
    let is_allowed =
        |row: &&&Transition| is_example || row.from.is_empty() || row.from.iter().any(|from| from == state);
    match (rows.iter().find(is_allowed), rows.first()) {
        (None, Some(row)) => Err(ApiError::invalid(&lifecycle.field, &row.error)),
        (found, _) => Ok(found.copied()),
    }
}

/// Stores the record in the state that the transition leads to.
pub(super) fn apply_transition(
    ctx: &mut Context<'_>,
    record: Arc<Record>,
    transition: Option<&Transition>,
) -> Arc<Record> {
    let Some(transition) = transition else { return record };
    let mut changed = Record::clone(&record);
    if let (Some(to), Some(lifecycle)) = (&transition.to, lifecycle_of(ctx, &record)) {
        changed.fields.set(&lifecycle.field, to.as_str());
    }
    for (name, value) in transition.set.iter() {
        changed.fields.set(name, value.clone());
    }
    ctx.state.store.put(changed)
}

fn lifecycle_of<'e>(ctx: &Context<'e>, record: &Record) -> Option<&'e Lifecycle> {
    ctx.resources.get(&record.kind).and_then(|resource| resource.lifecycle.as_ref())
}
