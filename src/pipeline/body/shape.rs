//! Turns the fields of a form into the object that the schema describes.

use serde_json::{Map, Value};

use super::form;
use super::schema_type::{property, schema_type};
use crate::openapi::Body;

/// Assembles an object from the fields of a form.
///
/// By the schema, repeated names become lists and a single value becomes a list of one; by the `encoding` of the contract,
/// a list arrives as one delimited value; a value of an object is read as JSON, which is the default of multipart parts.
pub(super) fn assemble<N: AsRef<str>>(fields: impl Iterator<Item = (N, Value)>, documented: Option<&Body>) -> Value {
    let mut body = Value::Object(Map::new());
    for (name, value) in fields {
        let Some(segments) = form::segments(name.as_ref()) else { continue };
        let is_list = documented.is_some_and(|documented| is_list(documented, &segments));
        form::insert(&mut body, &segments, value, is_list);
    }
    if let (Value::Object(fields), Some(documented)) = (&mut body, documented) {
        for (name, value) in fields {
            decode(documented, name, value);
        }
    }
    body
}

/// Whether the schema describes a list at this path.
fn is_list(documented: &Body, segments: &[&str]) -> bool {
    let owner = &documented.schema;
    let found = segments.iter().try_fold(owner.raw(), |schema, segment| {
        let is_index = segment.is_empty() || segment.parse::<usize>().is_ok();
        let items = || owner.follow(schema).get("items");
        property(owner, schema, segment).or_else(|| items().filter(|_| is_index))
    });
    found.is_some_and(|schema| schema_type(owner, schema) == Some("array"))
}

fn decode(documented: &Body, name: &str, value: &mut Value) {
    let owner = &documented.schema;
    let Some(schema) = property(owner, owner.raw(), name) else { return };
    match (schema_type(owner, schema), &*value) {
        (Some("array"), Value::Array(list)) => {
            if let Some(delimiter) = documented.delimiter(name) {
                *value = list.iter().flat_map(|element| split(element, delimiter)).collect();
            }
        }
        (Some("object"), Value::String(text)) => {
            if let Ok(object @ Value::Object(_)) = serde_json::from_str(text) {
                *value = object;
            }
        }
        _ => {}
    }
}

fn split(element: &Value, delimiter: &str) -> Vec<Value> {
    match element {
        Value::String(text) => text.split(delimiter).map(Value::from).collect(),
        other => vec![other.clone()],
    }
}
