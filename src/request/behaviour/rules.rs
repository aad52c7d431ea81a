use super::{BehaviourRunner, Written, failed};
use crate::diagnostics::Span;
use crate::expressions::Value;
use crate::openapi::{Resource, Rule, RuleError, Trigger};
use crate::request::{ApiError, ErrorKind, UnknownIds};

impl BehaviourRunner<'_> {
    /// Checks the rules for what happens to a record.
    ///
    /// # Errors
    /// That of the first rule that rejects it.
    pub(super) fn check_rules(
        &mut self,
        resource: &Resource,
        triggers: &[Trigger],
        written: &Written,
    ) -> Result<(), ApiError> {
        let rules = &resource.behaviour.rules;
        if rules.is_empty() {
            return Ok(());
        }
        let variables = written.variables();
        let unknown_ids_exist = self.state.settings.unknown_ids == UnknownIds::Example;
        for rule in rules.iter().filter(|rule| rule.on.iter().any(|on| triggers.contains(on))) {
            if unknown_ids_exist && matches!(rule.error, RuleError::NotFound | RuleError::Absent) {
                continue;
            }
            let rejects = rule.reject.holds(&variables, self);
            if rejects.map_err(|error| failed(resource, Span::default(), &error))? {
                return Err(error(rule));
            }
        }
        Ok(())
    }
}

impl Written {
    /// The variables `record` and `before`. A deleted record is in both.
    pub(super) fn variables(&self) -> Vec<Value> {
        let record = self.after.clone().or_else(|| self.before.clone());
        vec![record.into(), self.before.clone().into()]
    }
}

fn error(rule: &Rule) -> ApiError {
    let error = ApiError::new(error_kind(rule.error), &rule.message);
    let error = rule.field.iter().fold(error, |error, field| error.field(field));
    rule.status.into_iter().fold(error, ApiError::status)
}

/// The kind of error of a rule or a step.
pub fn error_kind(error: RuleError) -> ErrorKind {
    match error {
        RuleError::Invalid => ErrorKind::Invalid,
        RuleError::Missing => ErrorKind::Missing,
        RuleError::Conflict => ErrorKind::Conflict,
        RuleError::NotFound => ErrorKind::NotFound,
        RuleError::Absent => ErrorKind::Absent,
        RuleError::Unauthorized => ErrorKind::Unauthorized,
    }
}
