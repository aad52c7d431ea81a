//! Deletion of records: one function for the CRUD handler, Rust handlers, procedures and effects.

use std::sync::Arc;

use super::{BehaviourRunner, Written};
use crate::model::Record;
use crate::openapi::{Resources, Trigger};
use crate::request::{ApiError, State};

impl BehaviourRunner<'_> {
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
        self.forget_callbacks(record);
        let Some(resource) = self.resources.get(&record.kind) else { return Ok(()) };
        let operation = operation.map(|key| Trigger::Operation(key.to_owned()));
        let triggers: Vec<Trigger> = [Trigger::Delete].into_iter().chain(operation).collect();
        let written = Written { before: Some(Arc::clone(record)), after: None };
        self.check_rules(resource, &triggers, &written)?;
        for owned in resource.owned_records(&self.state.store, &record.id) {
            self.delete_record(&owned, None)?;
        }
        self.run_effects(resource, &triggers, &written)
    }
}

/// Deletes a record and those that belong to it, without rules and effects: the control API sets up states, as scenarios do.
pub fn delete_stored(state: &mut State, resources: &Resources, record: &Record) {
    if state.store.remove(&record.kind, &record.id) {
        let resource = resources.get(&record.kind);
        let owned = resource.map(|resource| resource.owned_records(&state.store, &record.id)).unwrap_or_default();
        for owned in owned {
            delete_stored(state, resources, &owned);
        }
    }
}
