//! Deletion of records: one function for the CRUD handler, Rust handlers, procedures and effects.

use std::sync::Arc;

use super::{BehaviourRunner, Written};
use crate::model::Record;
use crate::openapi::{Resource, Resources, Trigger};
use crate::request::{ApiError, State};

/// What is left to do while a record is deleted.
enum Step<'r> {
    /// Deletes a record that belongs to it.
    Delete(Arc<Record>),
    /// Runs the effects of a record after those that belong to it were deleted.
    RunEffects(&'r Resource, Vec<Trigger>, Written),
}

impl<'r> BehaviourRunner<'r> {
    /// Deletes a record, if the store still has it, with everything that follows.
    ///
    /// # Errors
    /// That of a rule, or of an expression that cannot be evaluated.
    pub fn delete_record(&mut self, record: &Arc<Record>, operation: Option<&str>) -> Result<(), ApiError> {
        match self.state.store.remove(&record.kind, &record.id) {
            true => self.record_deleted(record, operation),
            false => Ok(()),
        }
    }

    /// Runs what follows when a record was deleted: the rules, the deletion of the records that belong to it, the effects.
    ///
    /// # Errors
    /// As [`BehaviourRunner::delete_record`].
    pub(super) fn record_deleted(&mut self, record: &Arc<Record>, operation: Option<&str>) -> Result<(), ApiError> {
        let operation = operation.map(|key| Trigger::Operation(key.to_owned()));
        let triggers = [Trigger::Delete].into_iter().chain(operation).collect();
        // A list instead of calls of this function: records can belong to each other in a chain of any length.
        let mut next = self.begin_deletion(Arc::clone(record), triggers)?;
        while let Some(step) = next.pop() {
            match step {
                Step::Delete(record) => {
                    if self.state.store.remove(&record.kind, &record.id) {
                        next.extend(self.begin_deletion(record, vec![Trigger::Delete])?);
                    }
                }
                Step::RunEffects(resource, triggers, written) => self.run_effects(resource, &triggers, &written)?,
            }
        }
        Ok(())
    }

    /// Runs the rules for a deleted record. Returns what follows them, the last step first.
    fn begin_deletion(&mut self, record: Arc<Record>, triggers: Vec<Trigger>) -> Result<Vec<Step<'r>>, ApiError> {
        self.forget_callbacks(&record);
        let Some(resource) = self.resources.get(&record.kind) else { return Ok(Vec::new()) };
        let owned = resource.owned_records(&self.state.store, &record.id);
        let written = Written { before: Some(record), after: None };
        self.check_rules(resource, &triggers, &written)?;
        let effects = Step::RunEffects(resource, triggers, written);
        Ok([effects].into_iter().chain(owned.into_iter().rev().map(Step::Delete)).collect())
    }
}

/// Deletes a record and those that belong to it, without rules and effects: the control API sets up states, as scenarios do.
pub fn delete_stored(state: &mut State, resources: &Resources, record: &Arc<Record>) {
    let mut next = vec![Arc::clone(record)];
    while let Some(record) = next.pop() {
        if state.store.remove(&record.kind, &record.id)
            && let Some(resource) = resources.get(&record.kind)
        {
            next.extend(resource.owned_records(&state.store, &record.id).into_iter().rev());
        }
    }
}
