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
    let is_allowed = |row: &&&Transition| is_example || row.is_allowed_in(state);
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
    let (Some(transition), Some(lifecycle)) = (transition, lifecycle_of(ctx, &record)) else { return record };
    ctx.state.store.put(lifecycle.changed(&record, transition.to.as_deref(), &transition.set))
}

fn lifecycle_of<'e>(ctx: &Context<'e>, record: &Record) -> Option<&'e Lifecycle> {
    ctx.resources.get(&record.kind).and_then(|resource| resource.lifecycle.as_ref())
}
