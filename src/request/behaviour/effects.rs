use std::sync::Arc;

use compact_str::CompactString;

use super::{BehaviourRunner, Written, failed};
use crate::expressions::{EvalError, Expression, Value, World as _};
use crate::model::{FieldValue, Record};
use crate::openapi::{Action, Effect, Resource, Target, Trigger};
use crate::request::{ApiError, set_updated};

/// Maximum number of elements of `for_each`, and of records that one effect changes.
const MAX_TARGETS: usize = 10_000;

impl BehaviourRunner<'_> {
    /// Runs the effects of what happened to a record, in the order of the file.
    pub(super) fn run_effects(
        &mut self,
        resource: &Resource,
        triggers: &[Trigger],
        written: &Written,
    ) -> Result<(), ApiError> {
        let effects = &resource.behaviour.effects;
        for effect in effects.iter().filter(|effect| effect.on.iter().any(|on| triggers.contains(on))) {
            // An earlier effect may have changed the record.
            let after = written.after.as_ref();
            let after = after.map(|after| self.state.store.get(&after.kind, &after.id).unwrap_or(after).clone());
            let written = Written { before: written.before.clone(), after };
            self.run_effect(resource, effect, written.variables())?;
        }
        Ok(())
    }

    fn run_effect(&mut self, resource: &Resource, effect: &Effect, mut variables: Vec<Value>) -> Result<(), ApiError> {
        let wrong = |error| failed(resource, effect.span, &error);
        if let Some(condition) = &effect.when
            && !condition.holds(&variables, self).map_err(wrong)?
        {
            return Ok(());
        }
        let Some(list) = &effect.for_each else { return self.act(resource, effect, &variables) };
        let list = list.evaluate(&variables, self).map_err(wrong)?;
        let Some(items) = list.elements() else { return Ok(()) };
        check_count(resource, effect, items.len())?;
        for item in items {
            variables.push(item);
            self.act(resource, effect, &variables)?;
            variables.pop();
        }
        Ok(())
    }

    fn act(&mut self, resource: &Resource, effect: &Effect, variables: &[Value]) -> Result<(), ApiError> {
        self.count_write((resource, effect.span))?;
        match &effect.action {
            Action::Set(set) => {
                if let Some(Value::Record(record)) = variables.first() {
                    let mut changed = Record::clone(record);
                    for (name, expression) in set {
                        let value = self.field_value(resource, effect.span, (name, expression), variables)?;
                        changed.fields.set(name, value);
                    }
                    self.state.store.put(changed);
                }
            }
            Action::Create { kind, id, set } => {
                let id = match id {
                    Some(id) => {
                        id.evaluate(variables, self).map_err(|error| failed(resource, effect.span, &error))?.as_id()
                    }
                    None => None,
                };
                let owner = variables.first().and_then(|record| self.owner_of(record));
                let mut fields = Vec::with_capacity(set.len());
                for (name, expression) in set {
                    fields
                        .push((name.clone(), self.value_for(kind, (resource, effect), (name, expression), variables)?));
                }
                let record = self.new_record(kind, id, fields, owner);
                self.record_written(None, record, None)?;
            }
            Action::Update { target, set } => {
                for found in self.targets(resource, effect, target, variables)? {
                    self.count_write((resource, effect.span))?;
                    let mut variables = variables.to_vec();
                    variables.push(Value::Record(Arc::clone(&found)));
                    let mut changed = Record::clone(&found);
                    for (name, expression) in set {
                        let value = self.value_for(&found.kind, (resource, effect), (name, expression), &variables)?;
                        changed.fields.set(name, value);
                    }
                    set_updated(self.state, &mut changed, |name| set.iter().any(|(known, _)| known == name));
                    let changed = self.state.store.put(changed);
                    self.record_written(Some(found), changed, None)?;
                }
            }
            Action::Notify(notify) => self.notify((resource, effect), notify, variables)?,
            Action::Delete { target } => {
                for found in self.targets(resource, effect, target, variables)? {
                    self.count_write((resource, effect.span))?;
                    self.delete_record(&found, None)?;
                }
            }
        }
        Ok(())
    }

    /// The records that an effect changes.
    fn targets(
        &mut self,
        resource: &Resource,
        effect: &Effect,
        target: &Target,
        variables: &[Value],
    ) -> Result<Vec<Arc<Record>>, ApiError> {
        let wrong = |error| failed(resource, effect.span, &error);
        match target {
            Target::Id { kind, id, missing } => {
                let id = id.evaluate(variables, self).map_err(wrong)?.as_id();
                let found = id.as_ref().and_then(|id| self.state.store.get(kind, id).cloned());
                match (found, missing) {
                    (Some(found), _) => Ok(vec![found]),
                    (None, None) => Ok(Vec::new()),
                    (None, Some(message)) => Err(ApiError::invalid(&format!("{kind}_id"), message).unknown()),
                }
            }
            Target::Where { kind, condition } => {
                let (mut found, mut place) = (Vec::new(), 0);
                let mut variables = variables.to_vec();
                while let Some((next, record)) = self.next(kind, place) {
                    place = next;
                    variables.push(Value::Record(Arc::clone(&record)));
                    if condition.holds(&variables, self).map_err(wrong)? {
                        found.push(record);
                    }
                    variables.pop();
                }
                check_count(resource, effect, found.len())?;
                Ok(found)
            }
        }
    }

    /// The value of an expression of one kind for a field of another kind.
    fn value_for(
        &mut self,
        kind: &str,
        (resource, effect): (&Resource, &Effect),
        (name, expression): (&CompactString, &Expression),
        variables: &[Value],
    ) -> Result<FieldValue, ApiError> {
        let value = self.field_value(resource, effect.span, ("", expression), variables)?;
        let field = self.resources.get(kind).and_then(|resource| resource.field(name));
        Ok(field.map_or(value.clone(), |field| field.kind.converted(value)))
    }

    pub(super) fn owner_of(&self, record: &Value) -> Option<CompactString> {
        let own = match record {
            Value::Record(record) => self.state.ownership.of(record).map(CompactString::from),
            _ => None,
        };
        own.or_else(|| Some(self.owner.clone()).filter(|owner| !owner.is_empty()))
    }
}

fn check_count(resource: &Resource, effect: &Effect, count: usize) -> Result<(), ApiError> {
    match count > MAX_TARGETS {
        true => {
            let message = format!("the effect changes more than {MAX_TARGETS} records");
            Err(failed(resource, effect.span, &EvalError { message }))
        }
        false => Ok(()),
    }
}
