use serde_json::Value;

use crate::openapi::Schema;

/// How deep combined schemas are searched for a type.
const MAX_DEPTH: usize = 8;

/// The type that values of a schema have: its `type`, or the first one that a schema of `allOf`, `anyOf` or `oneOf` has.
/// `null` does not count.
pub(super) fn schema_type<'s>(owner: &'s Schema, schema: &'s Value) -> Option<&'s str> {
    find_type(owner, schema, 0)
}

fn find_type<'s>(owner: &'s Schema, schema: &'s Value, depth: usize) -> Option<&'s str> {
    let schema = owner.follow(schema);
    let own = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        kind => kind.and_then(Value::as_str).filter(|kind| *kind != "null"),
    };
    own.or_else(|| {
        (depth < MAX_DEPTH).then(|| combined(schema).find_map(|part| find_type(owner, part, depth + 1))).flatten()
    })
}

/// The schema of a property, also where a combined schema declares it.
pub(super) fn property<'s>(owner: &'s Schema, schema: &'s Value, name: &str) -> Option<&'s Value> {
    find_property(owner, schema, name, 0)
}

fn find_property<'s>(owner: &'s Schema, schema: &'s Value, name: &str, depth: usize) -> Option<&'s Value> {
    let schema = owner.follow(schema);
    let own = schema.get("properties").and_then(|properties| properties.get(name));
    own.or_else(|| {
        let mut parts = combined(schema);
        (depth < MAX_DEPTH).then(|| parts.find_map(|part| find_property(owner, part, name, depth + 1))).flatten()
    })
}

fn combined(schema: &Value) -> impl Iterator<Item = &Value> {
    ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten()
}
