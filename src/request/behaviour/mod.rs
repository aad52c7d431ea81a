//! Runs what resources files describe beyond storing records: computed and derived fields, rules, effects.
//!
//! A write runs in this order: computed fields, rules, effects. The first error ends it; the caller then restores the state
//! from before, see [`State::mark`].

mod callbacks;
mod deletion;
mod effects;
mod log;
mod new_record;
mod notify;
mod rules;
mod view;
mod world;

use std::sync::Arc;

use compact_str::CompactString;

pub use deletion::delete_stored;
pub use rules::error_kind;
pub use view::RequestView;

use super::{ApiError, ErrorKind, Ids, State};
use crate::diagnostics::Span;
use crate::expressions::{EvalError, Expression, Value, World};
use crate::model::{FieldValue, LogMark, Record};
use crate::openapi::{Resource, Resources, Trigger};

/// Maximum number of steps of all expressions of one request, or of one event of time; see [`MAX_STEPS`](crate::expressions::MAX_STEPS).
pub(super) const MAX_REQUEST_STEPS: u32 = 10_000_000;

/// The steps for which a write of an effect counts.
const WRITE_STEPS: u32 = 100;

/// Runs the behaviour of records.
pub struct BehaviourRunner<'r> {
    state: &'r mut State,
    resources: &'r Resources,
    request: Option<RequestView<'r>>,
    /// The owner of what the request is about, or of the record that changes.
    owner: CompactString,
}

/// A place in a request, to which the state returns if what follows is rejected.
pub struct Mark {
    log: LogMark,
    ids: Ids,
    notifications: usize,
}

/// A record before and after a write. `before` is `None` if the write creates it, `after` if it deletes it.
#[derive(Clone)]
struct Written {
    before: Option<Arc<Record>>,
    after: Option<Arc<Record>>,
}

impl State {
    /// The writes so far, the place in the random stream, and the number of notifications.
    pub fn mark(&mut self) -> Mark {
        Mark { log: self.store.mark_log(), ids: self.ids.clone(), notifications: self.notifications.len() }
    }

    /// Takes back what the request has done since a mark.
    pub fn undo(&mut self, Mark { log, ids, notifications }: Mark) {
        self.store.undo_log(log);
        self.ids = ids;
        self.notifications.truncate(notifications);
    }
}

impl<'r> BehaviourRunner<'r> {
    /// A runner for a request, or for what happens without one.
    pub fn new(state: &'r mut State, resources: &'r Resources, request: Option<RequestView<'r>>) -> Self {
        let owner = request.as_ref().and_then(|request| request.caller.owner.clone()).unwrap_or_default();
        if request.is_none() {
            state.steps_left = MAX_REQUEST_STEPS;
        }
        Self { state, resources, request, owner }
    }

    /// The kinds of records.
    pub fn resources(&self) -> &'r Resources {
        self.resources
    }

    /// Records, ids and time.
    pub fn state(&mut self) -> &mut State {
        self.state
    }

    /// The owner of what the request is about.
    pub fn owner(&self) -> Option<CompactString> {
        Some(self.owner.clone()).filter(|owner| !owner.is_empty())
    }

    /// A record of the caller's owner.
    pub fn find_own(&self, kind: &str, id: &str) -> Option<Arc<Record>> {
        self.find(kind, id).filter(|record| self.is_own(record))
    }

    /// A record as the store has it now.
    pub fn current(&self, record: Arc<Record>) -> Arc<Record> {
        self.state.store.get(&record.kind, &record.id).map_or(record, Arc::clone)
    }

    /// Runs the behaviour of a record that was created, or changed if it was one `before`. Returns the record as it is then.
    ///
    /// # Errors
    /// That of a rule, or of an expression that cannot be evaluated.
    pub fn record_written(
        &mut self,
        before: Option<Arc<Record>>,
        record: Arc<Record>,
        operation: Option<&str>,
    ) -> Result<Arc<Record>, ApiError> {
        if operation.is_some() {
            self.remember_callbacks(Some(&record));
        }
        let trigger = if before.is_some() { Trigger::Update } else { Trigger::Create };
        let operation = operation.map(|key| Trigger::Operation(key.to_owned()));
        self.run(before, record, [trigger].into_iter().chain(operation).collect())
    }

    /// Runs the behaviour of a record whose state time has changed. That counts as no update.
    ///
    /// # Errors
    /// As [`BehaviourRunner::record_written`].
    pub fn state_changed(&mut self, before: Arc<Record>, record: Arc<Record>) -> Result<Arc<Record>, ApiError> {
        self.run(Some(before), record, Vec::new())
    }

    fn run(
        &mut self,
        before: Option<Arc<Record>>,
        record: Arc<Record>,
        mut triggers: Vec<Trigger>,
    ) -> Result<Arc<Record>, ApiError> {
        let Some(resource) = self.resources.get(&record.kind).filter(|resource| !resource.behaviour.is_empty()) else {
            return Ok(record);
        };
        let record = self.compute_fields(resource, record)?;
        if let Some(lifecycle) = &resource.lifecycle {
            let state = record.text(&lifecycle.field);
            if before.as_ref().is_none_or(|before| before.text(&lifecycle.field) != state) {
                triggers.push(Trigger::Enters(state.to_owned()));
            }
        }
        let (kind, id) = (record.kind.clone(), record.id.clone());
        let written = Written { before, after: Some(Arc::clone(&record)) };
        self.check_rules(resource, &triggers, &written)?;
        self.run_effects(resource, &triggers, &written)?;
        Ok(self.state.store.get(&kind, &id).map_or(record, Arc::clone))
    }

    /// A record in the state `to`, if there is one, with other fields set.
    ///
    /// # Errors
    /// If an expression cannot be evaluated.
    pub fn changed(
        &mut self,
        (resource, span): (&Resource, Span),
        record: &Arc<Record>,
        to: Option<(&str, &str)>,
        set: &[(CompactString, Expression)],
    ) -> Result<Record, ApiError> {
        let mut changed = Record::clone(record);
        if let Some((field, state)) = to {
            changed.fields.set(field, state);
        }
        let variables = [Value::Record(Arc::clone(record)), Value::Record(Arc::clone(record))];
        for (name, expression) in set {
            let value = self.field_value(resource, span, (name, expression), &variables)?;
            changed.fields.set(name, value);
        }
        Ok(changed)
    }

    /// Stores a record.
    pub fn put(&mut self, record: Record) -> Arc<Record> {
        self.state.store.put(record)
    }

    /// Counts a write of an effect.
    ///
    /// # Errors
    /// If the request has no steps left for it.
    fn count_write(&mut self, (resource, span): (&Resource, Span)) -> Result<(), ApiError> {
        match self.state.steps_left.checked_sub(WRITE_STEPS) {
            Some(left) => {
                self.state.steps_left = left;
                Ok(())
            }
            None => {
                Err(failed(resource, span, &EvalError { message: "the request writes too many records".to_owned() }))
            }
        }
    }

    /// Whether a condition on a record holds.
    ///
    /// # Errors
    /// If it cannot be evaluated.
    pub fn holds(
        &mut self,
        resource: &Resource,
        condition: &Expression,
        record: &Arc<Record>,
    ) -> Result<bool, ApiError> {
        let variables = [Value::Record(Arc::clone(record)), Value::Record(Arc::clone(record))];
        condition.holds(&variables, self).map_err(|error| failed(resource, Span::default(), &error))
    }

    /// The record as responses show it: with derived fields and without hidden ones.
    ///
    /// # Errors
    /// If an expression cannot be evaluated.
    pub fn shown(&mut self, record: &Arc<Record>) -> Result<Arc<Record>, ApiError> {
        let Some(resource) = self.resources.get(&record.kind).filter(|known| !known.behaviour.shows_stored()) else {
            return Ok(Arc::clone(record));
        };
        let mut shown = Record::clone(record);
        for (name, expression) in &resource.behaviour.derived {
            let variables = [Value::Record(Arc::clone(record))];
            let value = expression.evaluate(&variables, self).and_then(Value::into_field);
            shown.fields.set(name, value.map_err(|error| failed(resource, Span::default(), &error))?);
        }
        let hidden = &resource.behaviour.hidden;
        if !hidden.is_empty() {
            let visible = shown.fields.iter().filter(|(name, _)| !hidden.iter().any(|hidden| hidden == name));
            shown.fields = visible.map(|(name, value)| (name.into(), value.clone())).collect();
        }
        Ok(Arc::new(shown))
    }

    /// Stores the record with its computed fields.
    fn compute_fields(&mut self, resource: &Resource, record: Arc<Record>) -> Result<Arc<Record>, ApiError> {
        let mut computed = Arc::clone(&record);
        for (name, expression) in &resource.behaviour.computed {
            let variables = [Value::Record(Arc::clone(&computed))];
            let value = self.field_value(resource, Span::default(), (name, expression), &variables)?;
            if computed.get(name) != &value {
                Arc::make_mut(&mut computed).fields.set(name, value);
            }
        }
        Ok(match Arc::ptr_eq(&computed, &record) {
            true => record,
            false => self.state.store.put(Arc::unwrap_or_clone(computed)),
        })
    }

    /// The value of an expression as a field of a kind stores it.
    fn field_value(
        &mut self,
        resource: &Resource,
        span: Span,
        (name, expression): (&str, &Expression),
        variables: &[Value],
    ) -> Result<FieldValue, ApiError> {
        let value = expression.evaluate(variables, self).and_then(Value::into_field);
        let value = value.map_err(|error| failed(resource, span, &error))?;
        Ok(match resource.field(name) {
            Some(field) => field.kind.converted(value),
            None => value,
        })
    }
}

/// The error for an expression that cannot be evaluated.
fn failed(resource: &Resource, span: Span, error: &EvalError) -> ApiError {
    let place = match span.line {
        0 => format!("{}, `{}`", resource.file, resource.kind),
        line => format!("{}:{line}", resource.file),
    };
    ApiError::new(ErrorKind::Expression, format!("{place}: {error}"))
}
