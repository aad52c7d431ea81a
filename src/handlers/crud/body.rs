//! Fields and ids in request bodies.

use compact_str::CompactString;
use serde_json::{Map, Value};

use crate::model::exact_number::digits_of;
use crate::openapi::template::last_fixed_segment;
use crate::openapi::{Operation, singular, snake};

/// A scalar as an id.
pub(super) fn scalar(value: &Value) -> Option<CompactString> {
    match value {
        Value::String(text) if !text.is_empty() => Some(digits_of(text).unwrap_or(text).into()),
        Value::Number(number) => Some(number.to_string().into()),
        _ => None,
    }
}

/// The fields of a record in a body, without the envelope. An envelope has the name of the kind, or the name that the
/// path or the response has for it: a matter is a `conversation` under `/v2/conversations`.
pub(super) fn fields<'b>(operation: &Operation, body: &'b Value, kind: &str) -> &'b Map<String, Value> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    let Some(map) = body.as_object() else { return &EMPTY };
    let last = || last_fixed_segment(&operation.path);
    let is_envelope = |name: &str| {
        let name = snake(name);
        let is_in_path = || last().is_some_and(|last| singular(last) == name);
        let is_in_response = || {
            let example = operation.success_response().and_then(|response| response.sample());
            let path = example.and_then(|example| operation.record_path(example, &[kind]));
            path.is_some_and(|path| path.field_path.last().is_some_and(|last| snake(last) == name))
        };
        name == kind || map.len() == 1 && (name == "data" || is_in_path() || is_in_response())
    };
    let envelope = map.iter().find(|(name, value)| is_wrapped(value) && is_envelope(name));
    let envelope = envelope.or_else(|| undocumented_envelope(operation, map));
    match envelope.and_then(|(_, inner)| inner.as_object().or_else(|| inner.get(0)?.as_object())) {
        Some(inner) => inner,
        None => map,
    }
}

/// Whether a value can be a record in an envelope: an object, or a list of one object.
fn is_wrapped(value: &Value) -> bool {
    value.is_object() || value.as_array().is_some_and(|list| list.len() == 1 && list[0].is_object())
}

/// The only member of a body, if the documented record has no such field: `{"user_info": {…}}`.
fn undocumented_envelope<'b>(operation: &Operation, map: &'b Map<String, Value>) -> Option<(&'b String, &'b Value)> {
    let (name, value) = map.iter().next().filter(|(_, value)| map.len() == 1 && value.is_object())?;
    let sample = operation.success_response()?.sample()?;
    let record = operation.record_path(sample, &[])?.of(sample).as_object()?;
    let shares_fields = value.as_object()?.keys().any(|field| record.contains_key(field));
    (shares_fields && !record.keys().any(|field| snake(field) == snake(name))).then_some((name, value))
}

/// The elements of a body that has several records: a list, or an object with a list under the name of the collection.
pub(super) fn elements<'b>(operation: &Operation, body: &'b Value) -> Option<&'b [Value]> {
    let list = match body {
        Value::Array(list) => list,
        Value::Object(map) if map.len() == 1 => {
            let (name, value) = map.iter().next()?;
            let last = last_fixed_segment(&operation.path)?;
            value.as_array().filter(|_| snake(name) == snake(last))?
        }
        _ => return None,
    };
    (!list.is_empty() && list.iter().all(Value::is_object)).then_some(list.as_slice())
}

/// The id of the record that a body names.
pub(super) fn id(operation: &Operation, body: &Value, kind: &str) -> Option<CompactString> {
    let fields = fields(operation, body, kind);
    let names = ["uid".to_owned(), "id".to_owned(), format!("{kind}_uid"), format!("{kind}_id")];
    names.iter().find_map(|name| fields.get(name).and_then(scalar))
}
