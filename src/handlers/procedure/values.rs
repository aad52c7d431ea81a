//! Values and records that the steps of a procedure use.

use std::sync::Arc;

use compact_str::CompactString;

use super::{MAX_TARGETS, Run};
use crate::diagnostics::Span;
use crate::expressions::{EvalError, Expression, Value};
use crate::model::{FieldValue, Fields, Record};
use crate::openapi::Values;
use crate::request::ApiError;

impl Run<'_, '_> {
    /// Values by name, as the fields of a kind store them.
    pub(super) fn fields(
        &mut self,
        span: Span,
        kind: Option<&str>,
        values: &Values,
    ) -> Result<Vec<(CompactString, FieldValue)>, ApiError> {
        let resources = self.runner.resources();
        let resource = kind.and_then(|kind| resources.get(kind));
        let converted = |name: &str, value: FieldValue| match resource.and_then(|resource| resource.field(name)) {
            Some(field) => field.kind.converted(value),
            None => value,
        };
        match values {
            Values::Each(each) => {
                let mut fields = Vec::with_capacity(each.len());
                for (name, expression) in each {
                    let value = self.field(span, expression)?;
                    fields.push((name.clone(), converted(name, value)));
                }
                Ok(fields)
            }
            Values::Object(expression) => {
                let object = self.field(span, expression)?;
                let fields = object.as_object().into_iter().flat_map(Fields::iter);
                Ok(fields.map(|(name, value)| (name.into(), converted(name, value.clone()))).collect())
            }
        }
    }

    pub(super) fn field(&mut self, span: Span, expression: &Expression) -> Result<FieldValue, ApiError> {
        self.value(span, expression)?.into_field().map_err(|error| self.failed(span, &error.message))
    }

    pub(super) fn value(&mut self, span: Span, expression: &Expression) -> Result<Value, ApiError> {
        let value = expression.evaluate(&self.variables, self.runner);
        value.map_err(|EvalError { message }| self.failed(span, &message))
    }

    pub(super) fn holds(&mut self, span: Span, condition: &Expression) -> Result<bool, ApiError> {
        let holds = condition.holds(&self.variables, self.runner);
        holds.map_err(|EvalError { message }| self.failed(span, &message))
    }

    pub(super) fn elements(&mut self, span: Span, list: &Expression) -> Result<Vec<Value>, ApiError> {
        let list = self.value(span, list)?;
        let elements: Vec<Value> = list.elements().into_iter().flatten().collect();
        match elements.len() > MAX_TARGETS {
            true => Err(self.failed(span, &format!("the list has more than {MAX_TARGETS} elements"))),
            false => Ok(elements),
        }
    }

    /// A record, or the records of a list; none for `null`.
    pub(super) fn records(&mut self, span: Span, records: &Expression) -> Result<Vec<Arc<Record>>, ApiError> {
        let value = self.value(span, records)?;
        let elements: Vec<Value> = value.elements().map_or_else(|| vec![value.clone()], Iterator::collect);
        let count = elements.len();
        let records = elements.into_iter().filter_map(|element| match element {
            // An earlier step can have changed it.
            Value::Record(record) => Some(self.runner.current(record)),
            _ => None,
        });
        let records: Vec<_> = records.collect();
        match count {
            _ if records.len() < count => Err(self.failed(span, "expected a record or a list of records")),
            _ if count > MAX_TARGETS => Err(self.failed(span, &format!("more than {MAX_TARGETS} records change"))),
            _ => Ok(records),
        }
    }
}
