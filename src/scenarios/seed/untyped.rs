//! Records of kinds without an entry in a resources file. They are checked against the contracts.

use compact_str::{CompactString, ToCompactString as _};
use serde_json::Value;

use super::Seeder;
use super::values::exact_json;
use crate::diagnostics::{Diagnostic, Key, Span, YamlNode};
use crate::model::{FieldValue, Fields, Ownership, Record};
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
            self.place_others(state, kind);
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
        let (span, id, shown) = match id {
            Some(tree) => self.untyped_id(kind, tree, documented)?,
            None => (tree.span, state.ids.uid(), None),
        };
        let mut fields: Vec<(CompactString, FieldValue)> = Vec::new();
        for (key, tree) in entries.rest() {
            let value = self.untyped_value(&key.name, tree)?;
            if let Some(documented) = documented {
                check_field(state, documented, key, tree, &value)?;
            }
            fields.push((key.name.as_str().into(), FieldValue::from(&value)));
        }
        if let Some(shown) = shown {
            let place = tree.entries(&what)?.rest().iter().position(|(key, _)| key.name == "id");
            fields.insert(place.unwrap_or(0).min(fields.len()), ("id".into(), shown));
        }
        if state.store.get(kind, &id).is_some() {
            return Err(Diagnostic::new(span, format!("there are two records of kind {kind} with the id `{id}`")));
        }
        let mut fields: Fields = fields.into_iter().collect();
        for (name, value) in self.more.of(kind, &id).into_iter().flat_map(Fields::iter) {
            fields.set(name, value.clone());
        }
        state.store.put(Record::new(kind, id, fields));
        Ok(())
    }

    /// The id of a record, and in a snapshot the value of its field `id`: requests that create records store it as a field,
    /// scenarios do not.
    fn untyped_id(
        &self,
        kind: &str,
        tree: &YamlNode,
        documented: Option<&DocumentedFields>,
    ) -> Result<(Span, CompactString, Option<FieldValue>), Diagnostic> {
        let Some(snapshot) = self.snapshot else { return Ok((tree.span, tree.text()?.into(), None)) };
        let value = FieldValue::from(&exact_json(tree));
        let id = match &value {
            FieldValue::Integer(number) => number.to_compact_string(),
            _ => tree.text()?.into(),
        };
        let is_shown = shows_id(documented) && !snapshot.hides_id(kind, &id);
        Ok((tree.span, id, is_shown.then_some(value)))
    }

    /// A value as written. A relative date (`today+10d`) becomes a time or a date, by the name of the field: `created_at`
    /// and `payment_time` are times, `due_date` and `paid_on` are dates.
    fn untyped_value(&self, name: &str, tree: &YamlNode) -> Result<Value, Diagnostic> {
        Ok(match tree.text().ok().and_then(|text| relative_form(name, text)) {
            Some(RelativeForm::Time) => self.time(tree)?.as_str().into(),
            Some(RelativeForm::Date) => self.date(tree)?.to_string().into(),
            None => exact_json(tree),
        })
    }
}

/// What a relative date becomes.
enum RelativeForm {
    Time,
    Date,
}

fn relative_form(name: &str, text: &str) -> Option<RelativeForm> {
    match name.rsplit('_').next().filter(|_| text.starts_with("today")) {
        Some("at" | "time") => Some(RelativeForm::Time),
        Some("date" | "on") => Some(RelativeForm::Date),
        _ => None,
    }
}

/// Whether the text of a field is read as a relative date.
pub(in crate::scenarios) fn is_relative(name: &str, text: &str) -> bool {
    relative_form(name, text).is_some()
}

/// Whether records of a kind, which have these documented fields, show their id in a field `id`.
pub(in crate::scenarios) fn shows_id(documented: Option<&DocumentedFields>) -> bool {
    documented.is_none_or(|documented| documented.contains("id"))
}

/// Whether a record may have a field.
pub(in crate::scenarios) fn is_documented(ownership: &Ownership, documented: &DocumentedFields, name: &str) -> bool {
    documented.contains(name) || ownership.is_reference(name)
}

/// Rejects a field that the contracts do not document, and a value that violates its documented schema.
fn check_field(
    state: &State,
    documented: &DocumentedFields,
    key: &Key,
    tree: &YamlNode,
    value: &Value,
) -> Result<(), Diagnostic> {
    if !is_documented(&state.ownership, documented, &key.name) {
        let known: Vec<&str> = documented.names().iter().map(String::as_str).collect();
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
