//! The behaviour of what handlers and procedures have written: it follows when they are done.

use std::sync::Arc;

use super::BehaviourRunner;
use crate::model::{Change, Record, merge_changes};
use crate::request::ApiError;

impl BehaviourRunner<'_> {
    /// Runs the behaviour of all records that a handler has written. The records as they are then can differ from what it has
    /// returned.
    ///
    /// # Errors
    /// As [`BehaviourRunner::record_written`].
    pub fn run_for_log(&mut self, operation: &str) -> Result<(), ApiError> {
        let log = self.state.store.log();
        if !log.iter().any(|change| self.is_followed(change)) {
            return Ok(());
        }
        let changes = merge_changes(log.to_vec());
        changes.into_iter().try_for_each(|change| self.run_for(change, Some(operation)))
    }

    /// Runs the behaviour of what steps have written since the log had that length. Nothing more follows for `record`, which
    /// the operation itself has written. Returns it as it is then.
    ///
    /// # Errors
    /// As [`BehaviourRunner::record_written`].
    pub fn run_for_steps(&mut self, start: usize, record: &Arc<Record>) -> Result<Arc<Record>, ApiError> {
        let changes = self.state.store.log().get(start..).unwrap_or_default().to_vec();
        let is_other = |change: &Change| {
            let changed = change.record();
            changed.kind != record.kind || changed.id != record.id
        };
        for change in merge_changes(changes).into_iter().filter(is_other) {
            self.run_for(change, None)?;
        }
        Ok(self.current(Arc::clone(record)))
    }

    /// Whether something can follow a change.
    fn is_followed(&self, change: &Change) -> bool {
        let kind = &change.record().kind;
        self.resources.has_consequences(kind) || self.has_callbacks() || change.after.is_none() && self.has_callers()
    }

    fn run_for(&mut self, change: Change, operation: Option<&str>) -> Result<(), ApiError> {
        match (change.before, change.after) {
            // What followed an earlier change may have changed or deleted the record.
            (before, Some(after)) => match self.state.store.get(&after.kind, &after.id).cloned() {
                Some(current) => self.record_written(before, current, operation).map(drop),
                None => Ok(()),
            },
            (Some(before), None) => self.record_deleted(&before, operation),
            (None, None) => Ok(()),
        }
    }
}
