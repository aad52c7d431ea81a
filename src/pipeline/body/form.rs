//! Bracketed names of form fields.
//!
//! `serde_qs` was tried and differs for forms that clients really send: it rejects the whole form for one odd name
//! (`a=1&a[b]=2`, `a[b=1`), for lists of objects without indexes (`items[][price]=5`, as Ruby's Rack sends them) and for
//! bytes that are not UTF-8, and it sorts fields by name.

use serde_json::{Map, Value};

/// Maximum depth of a name, such as 3 for `a[b][c]`. Deeper fields are ignored.
const MAX_DEPTH: usize = 16;

/// Splits `a[b][]` into `a`, `b` and an empty segment; `None` for names without a first segment and for names that are
/// too deep.
pub(in crate::pipeline) fn segments(name: &str) -> Option<Vec<&str>> {
    let (first, rest) = name.split_once('[').unwrap_or((name, ""));
    let mut segments = vec![first];
    if !rest.is_empty() {
        segments.extend(rest.split('[').map(|segment| segment.trim_end_matches(']')));
    }
    (!first.is_empty() && segments.len() <= MAX_DEPTH).then_some(segments)
}

/// Adds a field: `a[b]=1` becomes `{"a": {"b": "1"}}`, `a[]=1&a[]=2` a list. A repeated name becomes a list where
/// `is_list` says so for its segments; elsewhere the last value wins.
pub(in crate::pipeline) fn insert(body: &mut Value, segments: &[&str], value: Value, is_list: bool) {
    let Some((first, rest)) = segments.split_first() else {
        *body = match (is_list, body.take()) {
            (true, Value::Array(mut list)) => {
                list.push(value);
                Value::Array(list)
            }
            (true, Value::Null) if !value.is_array() => Value::Array(vec![value]),
            (true, earlier) if !earlier.is_null() => Value::Array(vec![earlier, value]),
            _ => value,
        };
        return;
    };
    if first.is_empty() {
        if !body.is_array() {
            *body = Value::Array(Vec::new());
        }
        if let Value::Array(list) = body {
            push(list, rest, value, is_list);
        }
        return;
    }
    if !body.is_object() {
        *body = Value::Object(Map::new());
    }
    if let Value::Object(map) = body {
        insert(map.entry(*first).or_insert(Value::Null), rest, value, is_list);
    }
}

/// Adds a field of a list element. `a[][x]=1&a[][y]=2` is one element; a name that the last element has begins the next.
fn push(list: &mut Vec<Value>, segments: &[&str], value: Value, is_list: bool) {
    let name = segments.first().filter(|name| !name.is_empty());
    if let (Some(name), Some(Value::Object(last))) = (name, list.last_mut())
        && (!last.contains_key(*name) || segments.len() > 1)
    {
        insert(last.entry(*name).or_insert(Value::Null), &segments[1..], value, is_list);
        return;
    }
    let mut element = Value::Null;
    insert(&mut element, segments, value, is_list);
    list.push(element);
}
