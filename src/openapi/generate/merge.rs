//! Merges two schemas into one that allows only what both allow.

use serde_json::{Map, Value, json};

/// The intersection of two schemas. Keywords that cannot be merged remain as parts of an `allOf`.
pub(super) fn merge(one: &Value, other: &Value) -> Value {
    let (Value::Object(one), Value::Object(other)) = (one, other) else {
        return if one == &Value::Bool(true) || one.is_null() { other.clone() } else { one.clone() };
    };
    let mut merged = one.clone();
    let mut rest = Map::new();
    for (key, value) in other {
        match merged.get(key) {
            None => {
                merged.insert(key.clone(), value.clone());
            }
            Some(known) if known == value => {}
            Some(known) => match merge_keyword(key, known, value) {
                Some(both) => {
                    merged.insert(key.clone(), both);
                }
                None => {
                    rest.insert(key.clone(), value.clone());
                }
            },
        }
    }
    if !rest.is_empty() {
        let parts = merged.entry("allOf").or_insert_with(|| json!([]));
        if let Value::Array(parts) = parts {
            parts.push(Value::Object(rest));
        }
    }
    Value::Object(merged)
}

fn merge_keyword(key: &str, one: &Value, other: &Value) -> Option<Value> {
    let number = |value: &Value| value.as_f64();
    match key {
        "minimum" | "minLength" | "minItems" | "minProperties" | "minContains" => {
            Some(if number(one)? >= number(other)? { one } else { other }.clone())
        }
        "maximum" | "maxLength" | "maxItems" | "maxProperties" | "maxContains" => {
            Some(if number(one)? <= number(other)? { one } else { other }.clone())
        }
        "exclusiveMinimum" if one.is_number() => Some(if number(one)? >= number(other)? { one } else { other }.clone()),
        "exclusiveMaximum" if one.is_number() => Some(if number(one)? <= number(other)? { one } else { other }.clone()),
        "type" => merge_types(one, other),
        "enum" => {
            let other = other.as_array()?;
            Some(one.as_array()?.iter().filter(|value| other.contains(value)).cloned().collect())
        }
        "required" | "allOf" => {
            let mut both = one.as_array()?.clone();
            both.extend(
                other.as_array()?.iter().filter(|name| !one.as_array().is_some_and(|one| one.contains(name))).cloned(),
            );
            Some(Value::Array(both))
        }
        "properties" | "patternProperties" => {
            let mut both = one.as_object()?.clone();
            for (name, schema) in other.as_object()? {
                let merged = both.get(name).map_or_else(|| schema.clone(), |known| json!({"allOf": [known, schema]}));
                both.insert(name.clone(), merged);
            }
            Some(Value::Object(both))
        }
        // Annotations and offered values: those of the first schema.
        "title" | "description" | "format" | "example" | "examples" | "default" | "deprecated" | "readOnly"
        | "writeOnly" | "nullable" | "xml" => Some(one.clone()),
        _ => None,
    }
}

/// The common types; `integer` is a part of `number`.
fn merge_types(one: &Value, other: &Value) -> Option<Value> {
    let list = |value: &Value| match value {
        Value::String(kind) => vec![kind.clone()],
        Value::Array(kinds) => kinds.iter().filter_map(|kind| kind.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    };
    let (one, other) = (list(one), list(other));
    let has =
        |list: &[String], kind: &str| list.iter().any(|known| known == kind || known == "number" && kind == "integer");
    let mut both: Vec<String> = one.iter().filter(|kind| has(&other, kind)).cloned().collect();
    both.extend(other.iter().filter(|kind| has(&one, kind) && !one.contains(kind)).cloned());
    (!both.is_empty()).then(|| both.into())
}
