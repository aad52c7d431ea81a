//! What resources files describe beyond storing a record, for the writes of a request.

use std::sync::Arc;

use crate::handlers::procedure::run_after_write;
use crate::model::Record;
use crate::request::{ApiError, BehaviourRunner, Context, RecordView, RequestView};

/// Runs behaviour for a request.
pub(super) fn runner<'c>(ctx: &'c mut Context<'_>) -> BehaviourRunner<'c> {
    let view = RequestView::of(ctx);
    BehaviourRunner::new(ctx.state, ctx.resources, Some(view))
}

/// Runs what follows when a record was created, or changed if it was one `before`: the behaviour of its kind, and the
/// procedure that the resources files have for the operation.
///
/// # Errors
/// That of a rule, or of an expression that cannot be evaluated.
pub(super) fn after_write(
    ctx: &mut Context<'_>,
    before: Option<Arc<Record>>,
    record: Arc<Record>,
) -> Result<Arc<Record>, ApiError> {
    let operation = ctx.operation;
    let record = runner(ctx).record_written(before, record, Some(&operation.key))?;
    match ctx.after_procedure {
        Some(index) => {
            let written = ctx.state.store.log().len();
            let record = run_after_write(ctx, index, record)?;
            runner(ctx).run_for_steps(written, &record)
        }
        None => Ok(record),
    }
}

/// Deletes a record and runs the behaviour of its kind.
///
/// # Errors
/// As [`after_write`].
pub(super) fn delete(ctx: &mut Context<'_>, record: &Arc<Record>) -> Result<(), ApiError> {
    let operation = ctx.operation;
    runner(ctx).delete_record(record, Some(&operation.key))
}

/// The record as responses show it.
///
/// # Errors
/// If a derived field cannot be evaluated.
pub(super) fn shown(ctx: &mut Context<'_>, record: &Arc<Record>) -> Result<Arc<Record>, ApiError> {
    match ctx.resources.shows_stored(&record.kind) {
        true => Ok(Arc::clone(record)),
        false => runner(ctx).shown(record),
    }
}

/// Views of records as responses show them.
///
/// # Errors
/// As [`shown`].
pub(super) fn views(ctx: &mut Context<'_>, records: &[Arc<Record>]) -> Result<Vec<RecordView>, ApiError> {
    records.iter().map(|record| Ok(RecordView::of(&shown(ctx, record)?))).collect()
}
