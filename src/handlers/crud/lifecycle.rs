//! Transitions between the states of a record.

use std::sync::Arc;

use super::behaviour::runner;
use crate::diagnostics::Span;
use crate::model::Record;
use crate::openapi::{Lifecycle, Resource, Transition};
use crate::request::{ApiError, Context, UnknownIds};

/// The transition that this operation is for a record, if any.
///
/// # Errors
/// Invalid, when the record is in a state from which the operation is not allowed.
pub(super) fn find_transition<'e>(
    ctx: &mut Context<'e>,
    record: &Arc<Record>,
) -> Result<Option<&'e Transition>, ApiError> {
    let Some((resource, lifecycle)) = lifecycle_of(ctx, record) else { return Ok(None) };
    let state = record.text(&lifecycle.field);
    // A record made from the example for an unknown id has no state of its own.
    let is_example = ctx.state.settings.unknown_ids == UnknownIds::Example
        && ctx.state.store.get(&record.kind, &record.id).is_none();
    let mut first = None;
    for row in lifecycle.transitions.iter().filter(|row| *row.on == *ctx.operation.key) {
        if let Some(condition) = &row.when
            && !runner(ctx).holds(resource, condition, record)?
        {
            continue;
        }
        if is_example || row.is_allowed_in(state) {
            return Ok(Some(row));
        }
        first = first.or(Some(row));
    }
    match first {
        Some(row) => Err(ApiError::invalid(&lifecycle.field, row.error_in(state))),
        None => Ok(None),
    }
}

/// Stores the record in the state that the transition leads to.
///
/// # Errors
/// If a value that it sets cannot be evaluated.
pub(super) fn apply_transition(
    ctx: &mut Context<'_>,
    record: Arc<Record>,
    transition: Option<&Transition>,
) -> Result<Arc<Record>, ApiError> {
    let (Some(row), Some((resource, lifecycle))) = (transition, lifecycle_of(ctx, &record)) else { return Ok(record) };
    let to = row.to.as_deref().map(|to| (lifecycle.field.as_str(), to));
    let mut runner = runner(ctx);
    let changed = runner.changed((resource, Span::default()), &record, to, &row.set)?;
    Ok(runner.put(changed))
}

fn lifecycle_of<'e>(ctx: &Context<'e>, record: &Record) -> Option<(&'e Resource, &'e Lifecycle)> {
    let resource = ctx.resources.get(&record.kind)?;
    Some((resource, resource.lifecycle.as_ref()?))
}
