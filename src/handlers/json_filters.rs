//! Filters of a list that a query has as one JSON object: `filters={"name": ["a", "b"], "label": {"colour=red": true}}`.

use std::borrow::Cow;

use serde_json::Value;

use super::condition::Condition;
use crate::model::exact_number::{digits_of, parse_json};

/// Names of the parameter.
const NAMES: [&str; 3] = ["filters", "filter", "where"];

/// The conditions in the value of a query parameter; `None` if it holds no JSON object.
pub(super) fn read<'a>(name: &str, text: &str) -> Option<Vec<Condition<'a>>> {
    if !NAMES.contains(&name) || !text.trim_start().starts_with('{') {
        return None;
    }
    let Ok(Value::Object(filters)) = parse_json(text) else { return None };
    let condition = |(field, wanted): (String, Value)| {
        let values = values(&wanted);
        (!values.is_empty()).then_some(Condition { field: field.into(), operator: "in", values })
    };
    Some(filters.into_iter().filter_map(condition).collect())
}

/// The values that a filter allows: one, those of a list, or the names of an object.
fn values<'a>(wanted: &Value) -> Vec<Cow<'a, str>> {
    match wanted {
        Value::Array(list) => list.iter().flat_map(values).collect(),
        Value::Object(map) => map.iter().filter(|(_, on)| **on == true).map(|(name, _)| name.clone().into()).collect(),
        Value::String(text) => vec![digits_of(text).unwrap_or(text).to_owned().into()],
        Value::Null => Vec::new(),
        scalar => vec![scalar.to_string().into()],
    }
}
