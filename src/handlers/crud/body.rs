//! Fields and ids in request bodies.

use compact_str::CompactString;
use serde_json::{Map, Value};

use super::object_schemas::ObjectSchemas;
use crate::openapi::template::last_fixed_segment;
use crate::openapi::{Operation, singular, snake};
use crate::request::{Context, Query};

pub(super) use crate::request::scalar_id as scalar;

/// The fields of a record in a body, without the envelope.
pub(super) fn fields<'b>(operation: &Operation, body: &'b Value, kind: &str) -> &'b Map<String, Value> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    let Some(map) = body.as_object() else { return &EMPTY };
    let inner = envelope(operation, body, kind).and_then(|name| map.get(name));
    inner.and_then(|inner| inner.as_object().or_else(|| inner.get(0)?.as_object())).unwrap_or(map)
}

/// The member of a body that holds the record. It has the name of the kind, or the name that the path or the response has
/// for it: a matter is a `conversation` under `/v2/conversations`.
fn envelope<'b>(operation: &Operation, body: &'b Value, kind: &str) -> Option<&'b str> {
    let map = body.as_object()?;
    let last = || last_fixed_segment(&operation.path);
    let is_envelope = |name: &str| {
        let is_shared = || is_shared_envelope(operation, map, name, kind);
        let name = snake(name);
        let is_in_path = || last().is_some_and(|last| singular(&snake(last)) == name);
        let is_in_response = || {
            let example = operation.success_response().and_then(|response| response.sample());
            let path = example.and_then(|example| operation.record_path(example, &[kind]));
            path.is_some_and(|path| path.field_path.last().is_some_and(|last| snake(last) == name))
        };
        let is_field = || {
            let sample = operation.success_response().and_then(|response| response.sample());
            let path = sample.and_then(|sample| operation.record_path(sample, &[kind]));
            path.zip(sample).is_some_and(|(path, sample)| path.of(sample).get(&name).is_some())
        };
        let is_only = || name == "data" && !is_field() || is_in_path() || is_in_response();
        name == kind || map.len() == 1 && is_only() || is_shared()
    };
    let envelope = map.iter().find(|(name, value)| is_wrapped(value) && is_envelope(name));
    envelope.or_else(|| undocumented_envelope(operation, map)).map(|(name, _)| name.as_str())
}

/// Whether a body has the form of the whole response, in which this member of the kind's name holds the record:
/// `{"warnings": […], "boats": [{…}]}`.
fn is_shared_envelope(operation: &Operation, map: &Map<String, Value>, name: &str, kind: &str) -> bool {
    let shared = || {
        let media = operation.success_response()?.first()?;
        let path = operation.record_path(media.sample()?, &[kind])?;
        let names = ObjectSchemas::at(media.schema.as_ref()?, []).names().collect::<Vec<_>>();
        let is_documented = map.keys().all(|name| names.contains(&name.as_str()));
        Some(matches!(path.field_path.as_slice(), [only] if only == name) && is_documented)
    };
    singular(&snake(name)) == kind && shared() == Some(true)
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
pub(super) fn elements<'b>(operation: &Operation, body: &'b Value, kind: &str) -> Option<&'b [Value]> {
    let list = match body {
        Value::Array(list) => list,
        Value::Object(map) => map.get(list_name(operation, map, kind)?)?.as_array()?,
        _ => return None,
    };
    (!list.is_empty() && list.iter().all(Value::is_object)).then_some(list.as_slice())
}

/// The member of a body that holds a list of records.
fn list_name<'b>(operation: &Operation, map: &'b Map<String, Value>, kind: &str) -> Option<&'b str> {
    let last = last_fixed_segment(&operation.path)?;
    let is_called =
        |name: &str| map.len() == 1 && snake(name) == snake(last) || is_shared_envelope(operation, map, name, kind);
    map.iter().find(|(name, value)| value.is_array() && is_called(name)).map(|(name, _)| name.as_str())
}

/// The member of a body that holds the record, or the list of records.
pub(super) fn envelope_name<'b>(operation: &Operation, body: &'b Value, kind: &str) -> Option<&'b str> {
    envelope(operation, body, kind).or_else(|| list_name(operation, body.as_object()?, kind))
}

/// How many members of the body of a search count, and how long their texts may be: as long as a query.
const MAX_SEARCHED: usize = 256;
const MAX_TEXT: usize = 8 << 10;

/// What the body of a search asks for, as a query; lists of scalars are joined with commas.
pub(super) fn search(ctx: &Context<'_>) -> Option<Query> {
    let map = ctx.body.as_object().filter(|_| !ctx.resources.documented_behaviour_only)?;
    let text = |value: &Value| match value {
        Value::Bool(truth) => Some(truth.to_string().into()),
        value => scalar(value),
    };
    let mut query = Query::default();
    for (name, value) in map.iter().take(MAX_SEARCHED) {
        let joined = || Some(value.as_array()?.iter().filter_map(text).collect::<Vec<_>>().join(","));
        let value = text(value).map(|text| text.to_string()).or_else(joined);
        if let Some(value) = value.filter(|value| value.len() <= MAX_TEXT) {
            query.set(name, &value);
        }
    }
    Some(query)
}

/// The id of the record that a body names.
pub(super) fn id(operation: &Operation, body: &Value, kind: &str) -> Option<CompactString> {
    let fields = fields(operation, body, kind);
    let names = ["uid".to_owned(), "id".to_owned(), format!("{kind}_uid"), format!("{kind}_id")];
    names.iter().find_map(|name| fields.get(name).and_then(scalar))
}
