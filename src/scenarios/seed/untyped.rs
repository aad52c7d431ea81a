//! Records of kinds without an entry in a resources file. They are checked against the contracts.

use compact_str::CompactString;
use serde_json::Value;

use super::Seeder;
use crate::diagnostics::{Diagnostic, Key, YamlNode};
use crate::model::{FieldValue, Fields, Record};
use crate::openapi::{DocumentedFields, singular};
use crate::request::State;

impl Seeder<'_> {
    /// A kind that no resources file describes, but that a contract has under that plural.
    pub(super) fn undescribed_kind(&self, plural: &str) -> Option<String> {
        let kind = singular(plural);
        if self.resources.get(&kind).is_some() {
            return None;
        }
        let mut operations = self.contract.operations.iter();
        operations.any(|operation| operation.role.resource.as_deref() == Some(&kind)).then_some(kind)
    }

    pub(super) fn untyped_records(&mut self, state: &mut State, kind: &str, list: &[YamlNode]) {
        let documented = DocumentedFields::of(self.contract, kind);
        for tree in list {
            let record = self.untyped_record(state, kind, tree, documented.as_ref());
            if self.diagnostics.collect(record).is_none() {
                self.broken.extend(super::id_of(tree));
            }
        }
    }

    /// Adds a record with the fields as written, after relative dates are resolved.
    fn untyped_record(
        &mut self,
        state: &mut State,
        kind: &str,
        tree: &YamlNode,
        documented: Option<&DocumentedFields>,
    ) -> Result<(), Diagnostic> {
        let what = format!("a {kind}");
        let mut entries = tree.entries(&what)?;
        let id = entries.take_nullable("id").or_else(|| entries.take_nullable("uid"));
        let (span, id) = match id {
            Some(id) => (id.span, CompactString::from(id.text()?)),
            None => (tree.span, state.ids.uid()),
        };
        let mut fields = Fields::new();
        for (key, tree) in entries.rest() {
            let value = self.untyped_value(&key.name, tree)?;
            if let Some(documented) = documented {
                check_field(state, documented, key, tree, &value)?;
            }
            fields.set(&key.name, FieldValue::from(&value));
        }
        if state.store.get(kind, &id).is_some() {
            return Err(Diagnostic::new(span, format!("there are two records of kind {kind} with the id `{id}`")));
        }
        state.store.put(Record { kind: kind.into(), id, fields });
        Ok(())
    }

    /// A value as written. A relative date (`today+10d`) becomes a time or a date, by the name of the field: `created_at`
    /// and `payment_time` are times, `due_date` and `paid_on` are dates.
    fn untyped_value(&self, name: &str, tree: &YamlNode) -> Result<Value, Diagnostic> {
        let is_relative = tree.text().is_ok_and(|text| text.starts_with("today"));
        Ok(match name.rsplit('_').next() {
            Some("at" | "time") if is_relative => self.time(tree)?.as_str().into(),
            Some("date" | "on") if is_relative => self.date(tree)?.to_string().into(),
            _ => tree.to_json(),
        })
    }
}

/// Rejects a field that the contracts do not document, and a value that violates its documented schema.
fn check_field(
    state: &State,
    documented: &DocumentedFields,
    key: &Key,
    tree: &YamlNode,
    value: &Value,
) -> Result<(), Diagnostic> {
    let names = documented.names();
    if names.binary_search(&key.name).is_err() && !state.ownership.is_reference(&key.name) {
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        return Err(Diagnostic::unknown(key.span, "field", &key.name, &known));
    }
    let violations = documented.schema(&key.name).map_or_else(Vec::new, |schema| schema.violations(value));
    match violations.into_iter().next() {
        Some(violation) => {
            let message = format!("`{}` violates the contract: {}", key.name, violation.message);
            Err(Diagnostic::new(tree.span, message))
        }
        None => Ok(()),
    }
}
