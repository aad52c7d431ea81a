//! Which records a scenario can say so that reading them gives the same records again.

use serde_json::json;

use crate::model::{FieldValue, Ownership, Record, Store, write_json_text};
use crate::openapi::{Contract, DocumentedFields, FieldType, Resource, singular};
use crate::scenarios::seed::untyped::{is_documented, is_relative, shows_id};

/// A kind of records as scenarios write it.
pub(super) struct RecordKind<'a> {
    /// The key below `records`.
    pub(super) plural: String,
    rules: Rules<'a>,
    ownership: &'a Ownership,
}

enum Rules<'a> {
    /// A resources file describes the fields.
    Resource(&'a Resource),
    /// The contracts document the fields, if there are any.
    Documented(Option<DocumentedFields>),
}

/// A record as it is written.
pub(super) struct Written<'r> {
    /// The record as scenarios have it.
    pub(super) line: String,
    /// Whether it does not have its id as a field although others of its kind do.
    pub(super) hides_id: bool,
    /// The fields that scenarios cannot say, in order.
    pub(super) more: Vec<(&'r str, &'r FieldValue)>,
}

impl<'a> RecordKind<'a> {
    /// The kind; `None` if scenarios cannot have its records.
    pub(super) fn of(contract: &'a Contract, ownership: &'a Ownership, kind: &str) -> Option<Self> {
        let documented = || Rules::Documented(DocumentedFields::of(contract, kind));
        if let Some(resource) = contract.resources.get(kind) {
            let rules = if resource.fields.is_empty() { documented() } else { Rules::Resource(resource) };
            let is_first = contract.resources.plural(&resource.plural).is_some_and(|first| first.kind == kind);
            return is_first.then(|| Self { plural: resource.plural.clone(), rules, ownership });
        }
        let mut operations = contract.operations.iter();
        if !operations.any(|operation| operation.role.resource.as_deref() == Some(kind)) {
            return None;
        }
        let is_plural = |name: &String| contract.resources.plural(name).is_none() && singular(name) == kind;
        let plural = plurals(kind).into_iter().find(is_plural)?;
        Some(Self { plural, rules: documented(), ownership })
    }

    /// The record as it is written; `None` if scenarios cannot have it.
    pub(super) fn write<'r>(&self, record: &'r Record, store: &Store) -> Option<Written<'r>> {
        match &self.rules {
            Rules::Resource(resource) => write_described(resource, record, store),
            Rules::Documented(documented) => Some(self.write_documented(documented.as_ref(), record)),
        }
    }

    /// The fields of such a record have an order. So all fields from the first one that scenarios cannot say are separate.
    fn write_documented<'r>(&self, documented: Option<&DocumentedFields>, record: &'r Record) -> Written<'r> {
        let is_own_id = |value: &FieldValue| match value {
            FieldValue::Text(text) => *text == record.id,
            FieldValue::Integer(number) => record.id == number.to_string(),
            _ => false,
        };
        let is_allowed = |name: &str, value: &FieldValue| match name {
            "id" => shows_id(documented) && is_own_id(value),
            _ => self.is_documented(documented, name, value),
        };
        let mut more: Vec<_> = record.fields.iter().collect();
        let count = more.iter().position(|(name, value)| !is_allowed(name, value)).unwrap_or(more.len());
        let allowed: Vec<_> = more.drain(..count).collect();
        let has_id = allowed.iter().any(|(name, _)| *name == "id");
        let id = FieldValue::from(&record.id);
        let own = (!has_id).then_some(("id", &id));
        Written { line: object(own.into_iter().chain(allowed)), hides_id: !has_id && shows_id(documented), more }
    }

    fn is_documented(&self, documented: Option<&DocumentedFields>, name: &str, value: &FieldValue) -> bool {
        let is_valid = |documented: &DocumentedFields| {
            let schema = documented.schema(name);
            is_documented(self.ownership, documented, name)
                && schema.is_none_or(|schema| schema.is_valid(&json!(value)))
        };
        documented.is_none_or(is_valid) && !value.as_text().is_some_and(|text| is_relative(name, text))
    }
}

/// `None` if the fields of the resource have another order in the record.
fn write_described<'r>(resource: &Resource, record: &'r Record, store: &Store) -> Option<Written<'r>> {
    let (fields, mut more) = (&resource.fields, Vec::new());
    let mut values = record.fields.iter();
    let id = FieldValue::from(&record.id);
    let mut written = vec![("id", &id)];
    for field in fields {
        let (name, value) = values.next().filter(|(name, _)| *name == field.name)?;
        match value {
            // Fields that are left out have their default.
            FieldValue::Null if field.default.is_null() && !field.required => {}
            FieldValue::Null if !field.required => written.push((name, value)),
            value if name != "id" && fits(&field.kind, value, store) => written.push((name, value)),
            value => more.push((name, value)),
        }
    }
    more.extend(values);
    Some(Written { line: object(written.into_iter()), hides_id: false, more })
}

/// Whether a value of a scenario with that type is read as this value.
fn fits(kind: &FieldType, value: &FieldValue, store: &Store) -> bool {
    match (kind, value) {
        (FieldType::Text, FieldValue::Text(_))
        | (FieldType::Boolean, FieldValue::Bool(_))
        | (FieldType::Integer, FieldValue::Integer(_))
        | (FieldType::Decimal, FieldValue::Decimal(_) | FieldValue::Integer(_)) => true,
        (FieldType::Any, value) => !value.is_null(),
        (FieldType::Date, FieldValue::Text(text)) => text.parse::<jiff::civil::Date>().is_ok(),
        (FieldType::Time, FieldValue::Text(text)) => {
            text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::Date>().is_ok()
        }
        (FieldType::Ref(kind), FieldValue::Text(id)) => store.get(kind, id).is_some(),
        (FieldType::List(element), FieldValue::List(list)) => list.iter().all(|value| fits(element, value, store)),
        (FieldType::Object(parts), FieldValue::Object(fields)) => {
            let is_same = |((name, kind), (known, value)): (&(String, FieldType), (&str, &FieldValue))| {
                name == known && (value.is_null() || fits(kind, value, store))
            };
            parts.len() == fields.iter().count() && parts.iter().zip(fields.iter()).all(is_same)
        }
        _ => false,
    }
}

/// An object in one line.
pub(super) fn object<'f>(fields: impl Iterator<Item = (&'f str, &'f FieldValue)>) -> String {
    let mut out = String::from("{");
    for (index, (name, value)) in fields.enumerate() {
        out.push_str(if index == 0 { "" } else { ", " });
        write_json_text(name, &mut out);
        out.push_str(": ");
        value.write_exact(&mut out);
    }
    out.push('}');
    out
}

/// The words whose singular may be this one, the usual one first.
fn plurals(kind: &str) -> [String; 4] {
    let ies = kind.strip_suffix('y').map(|stem| format!("{stem}ies"));
    [ies.unwrap_or_else(|| format!("{kind}s")), format!("{kind}s"), format!("{kind}es"), kind.to_owned()]
}
