//! Fields and ids in request bodies.

use compact_str::CompactString;
use serde_json::{Map, Value};

use crate::model::exact_number::digits_of;
use crate::openapi::template::last_fixed_segment;
use crate::openapi::{Operation, RecordPath, singular, snake};

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
            let path = example.and_then(|example| RecordPath::find(example, &[kind, last().unwrap_or_default()]));
            path.is_some_and(|path| path.field_path.last().is_some_and(|last| snake(last) == name))
        };
        name == kind || map.len() == 1 && (name == "data" || is_in_path() || is_in_response())
    };
    let envelope = map.iter().find(|(name, value)| value.is_object() && is_envelope(name));
    match envelope.and_then(|(_, inner)| inner.as_object()) {
        Some(inner) => inner,
        None => map,
    }
}

/// The id of the record that a body names.
pub(super) fn id(operation: &Operation, body: &Value, kind: &str) -> Option<CompactString> {
    let fields = fields(operation, body, kind);
    let names = ["uid".to_owned(), "id".to_owned(), format!("{kind}_uid"), format!("{kind}_id")];
    names.iter().find_map(|name| fields.get(name).and_then(scalar))
}
