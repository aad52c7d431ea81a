//! Paths into a JSON value: the steps of a JSON pointer. A number is the index of a list; in an object it is no name.

use serde_json::{Map, Value};

use crate::diagnostics::{Diagnostic, YamlNode};

/// Reads a JSON pointer: `/data/0/uid`.
///
/// # Errors
/// When it is not text.
pub(super) fn parse_pointer(node: &YamlNode) -> Result<Vec<String>, Diagnostic> {
    Ok(node.text()?.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect())
}

/// Reads the path to a field of a body: `client_package/valid_until`.
///
/// # Errors
/// When it is not text.
pub(super) fn parse_field(node: &YamlNode) -> Result<Vec<String>, Diagnostic> {
    Ok(node.text()?.split('/').map(str::to_owned).collect())
}

/// The value at a path.
pub(super) fn find<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, step| match (value, step.parse::<usize>()) {
        (Value::Array(list), Ok(index)) => list.get(index),
        (Value::Object(map), Err(_)) => map.get(step),
        _ => None,
    })
}

/// Sets the value at a path, creates missing objects on the way, and returns whether anything changed. An object that is
/// set at the top adds its missing members there.
pub(super) fn set(target: &mut Value, path: &[String], value: Value) -> bool {
    match path {
        [] => match (target, value) {
            (Value::Object(map), Value::Object(members)) => add_missing(map, members),
            (target, value) => replace(target, value),
        },
        [first, rest @ ..] => match target {
            Value::Array(list) => {
                let element = first.parse::<usize>().ok().and_then(|index| list.get_mut(index));
                element.is_some_and(|element| set_below(element, rest, value))
            }
            Value::Object(map) => match map.get_mut(first) {
                Some(member) => set_below(member, rest, value),
                None => {
                    let mut member = if rest.is_empty() { Value::Null } else { Value::Object(Map::new()) };
                    let is_changed = set_below(&mut member, rest, value);
                    map.insert(first.clone(), member);
                    is_changed
                }
            },
            _ => false,
        },
    }
}

fn set_below(target: &mut Value, path: &[String], value: Value) -> bool {
    if path.is_empty() { replace(target, value) } else { set(target, path, value) }
}

fn replace(target: &mut Value, value: Value) -> bool {
    let is_changed = *target != value;
    *target = value;
    is_changed
}

fn add_missing(map: &mut Map<String, Value>, members: Map<String, Value>) -> bool {
    let before = map.len();
    for (name, value) in members {
        map.entry(name).or_insert(value);
    }
    map.len() != before
}

/// A pointer as text.
pub(super) fn pointer_text(path: &[String]) -> String {
    format!("/{}", path.join("/"))
}
