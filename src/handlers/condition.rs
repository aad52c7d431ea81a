//! Conditions on one field, and the order of values.

use std::borrow::Cow;
use std::cmp::Ordering;

use rust_decimal::Decimal;

use crate::model::FieldValue;
use crate::request::{Query, RecordView};

/// Names of query parameters and the field that each stands for: `entity_type` for `payable_type`.
pub(crate) type Aliases<'a> = &'a [(String, String)];

/// A condition on one field.
pub(super) struct Condition<'a> {
    pub(super) field: Cow<'a, str>,
    pub(super) operator: &'a str,
    /// The values of which one must match; one only, unless the operator is `in`.
    pub(super) values: Vec<Cow<'a, str>>,
}

/// The conditions of parameters with brackets: `filter[matter_uid][eq]=x`, `updated_at[gte]=2026-01-01`.
pub(super) fn bracket_conditions<'a>(query: &'a Query, aliases: Aliases<'a>) -> Vec<Condition<'a>> {
    let read = |(name, value): (&'a str, &'a str)| {
        let (field, operator) = match name.strip_prefix("filter[") {
            Some(rest) => rest.strip_suffix(']')?.split_once("][").unwrap_or((rest.strip_suffix(']')?, "eq")),
            None => name.strip_suffix(']')?.split_once('[')?,
        };
        // `filter[uid_in]=a,b` is the same as `filter[uid][in]=a,b`.
        let (field, operator) = match field.strip_suffix("_in") {
            Some(field) if operator == "eq" => (field, "in"),
            _ => (field, operator),
        };
        Some(Condition::new(resolve_alias(field, aliases), operator, value))
    };
    query.iter().filter_map(read).collect()
}

/// The field that a name stands for.
pub(super) fn resolve_alias<'a>(field: &'a str, aliases: Aliases<'a>) -> &'a str {
    aliases.iter().find(|(alias, _)| alias == field).map_or(field, |(_, field)| field)
}

impl<'a> Condition<'a> {
    pub(super) fn new(field: &'a str, operator: &'a str, value: &'a str) -> Self {
        let values = match operator {
            "in" => value.split(',').map(|value| value.trim().into()).collect(),
            _ => vec![value.into()],
        };
        Self { field: field.into(), operator, values }
    }

    /// The value of the field; `in_any_style` also finds it as `Name`, or in the plural, for `name`.
    pub(super) fn field_of(&self, view: &RecordView, in_any_style: bool) -> Option<FieldValue> {
        let id = matches!(&*self.field, "id" | "uid").then(|| FieldValue::from(view.id()));
        id.or_else(|| view.get(&self.field).cloned()).or_else(|| {
            let mut fields = view.iter().filter(|_| in_any_style);
            fields.find(|(name, _)| is_same_or_plural(name, &self.field)).map(|(_, value)| value.clone())
        })
    }

    pub(super) fn matches(&self, known: Option<&FieldValue>) -> bool {
        let order = |value: &str| compare_text(known, value);
        let equals = |value: &str| match known {
            // One matching label of a list is enough.
            Some(FieldValue::List(labels)) => labels.iter().any(|label| label.as_text() == Some(value)),
            // A label with its value, or a label of any value.
            Some(FieldValue::Object(labels)) => match value.split_once('=') {
                Some((name, value)) => labels.get(name).is_some_and(|known| known.as_text() == Some(value)),
                None => labels.get(value).is_some(),
            },
            _ => order(value) == Ordering::Equal,
        };
        let any = |holds: &dyn Fn(&str) -> bool| self.values.iter().any(|value| holds(value));
        match self.operator {
            "eq" | "in" => any(&equals),
            "not_eq" | "neq" => !any(&equals),
            "gt" => any(&|value| order(value) == Ordering::Greater),
            "gte" => any(&|value| order(value) != Ordering::Less),
            "lt" => any(&|value| order(value) == Ordering::Less),
            "lte" => any(&|value| order(value) != Ordering::Greater),
            // An unknown operator does not filter.
            _ => true,
        }
    }
}

/// Whether a name is another one, or its plural, in any style: `Labels` for `label`.
pub(super) fn is_same_or_plural(name: &str, wanted: &str) -> bool {
    fn plain(name: &str) -> impl Iterator<Item = char> {
        name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase)
    }
    plain(name).eq(plain(wanted)) || plain(name).eq(plain(wanted).chain(['s']))
}

/// A total order for sorting: by type, and within a type by value. Lists and objects have no order among themselves.
pub(super) fn compare(a: Option<&FieldValue>, b: Option<&FieldValue>) -> Ordering {
    let (a, b) = (a.unwrap_or(&FieldValue::Null), b.unwrap_or(&FieldValue::Null));
    let rank = |value: &FieldValue| match value {
        FieldValue::Null => 0,
        FieldValue::Bool(_) => 1,
        FieldValue::Integer(_) | FieldValue::Decimal(_) | FieldValue::Number(_) => 2,
        FieldValue::Text(_) => 3,
        FieldValue::List(_) => 4,
        FieldValue::Object(_) => 5,
    };
    match (a, b) {
        (FieldValue::Text(a), FieldValue::Text(b)) => a.cmp(b),
        (FieldValue::Bool(a), FieldValue::Bool(b)) => a.cmp(b),
        _ if rank(a) == 2 && rank(b) == 2 => a.as_decimal().cmp(&b.as_decimal()),
        _ => rank(a).cmp(&rank(b)),
    }
}

/// Compares a field with the text of a query parameter.
pub(super) fn compare_text(known: Option<&FieldValue>, value: &str) -> Ordering {
    match known {
        Some(FieldValue::Bool(known)) => known.cmp(&(value == "true")),
        Some(number @ (FieldValue::Integer(_) | FieldValue::Decimal(_))) => match value.trim().parse::<Decimal>() {
            Ok(value) => compare(Some(number), Some(&value.into())),
            Err(_) => Ordering::Less,
        },
        _ => compare(known, Some(&FieldValue::from(value))),
    }
}
