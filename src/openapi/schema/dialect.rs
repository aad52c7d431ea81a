//! Rewrites OpenAPI's dialects of JSON Schema to draft 2020-12.

use serde_json::{Map, Value};

use super::MAX_DEPTH;
use super::coerce::coerce_scalar;
use super::discriminator::Discriminator;

/// Rewrites a schema to draft 2020-12.
pub(super) fn to_2020_12(schema: &mut Value, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match schema {
        Value::Object(map) => {
            apply_discriminator(map);
            // Annotations; some contracts have values in them that no schema may have.
            for key in
                ["example", "examples", "xml", "discriminator", "externalDocs", "readOnly", "writeOnly", "deprecated"]
            {
                map.remove(key);
            }
            let nullable =
                ["nullable", "x-nullable"].iter().filter_map(|key| map.remove(*key)).any(|flag| flag == true);
            if nullable {
                if let Some(Value::String(kind)) = map.get("type") {
                    let both = Value::Array(vec![kind.clone().into(), "null".into()]);
                    map.insert("type".into(), both);
                }
                if let Some(Value::Array(values)) = map.get_mut("enum")
                    && !values.contains(&Value::Null)
                {
                    values.push(Value::Null);
                }
            }
            exclusive(map, "minimum", "exclusiveMinimum");
            exclusive(map, "maximum", "exclusiveMaximum");
            // A required name without a property is a mistake; some contracts let an object require itself.
            if let (Some(Value::Object(known)), Some(Value::Array(required))) =
                (map.get("properties").cloned(), map.get_mut("required"))
            {
                required.retain(|name| name.as_str().is_some_and(|name| known.contains_key(name)));
            }
            // `required: true` inside a property is 2.0 parameter style and does not constrain the value.
            if map.get("required").is_some_and(|required| !required.is_array()) {
                map.remove("required");
            }
            for (key, value) in map.iter_mut() {
                match key.as_str() {
                    "enum" | "default" | "const" => {}
                    "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => {
                        to_2020_12_named(value, depth + 1);
                    }
                    _ => to_2020_12(value, depth + 1),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| to_2020_12(value, depth + 1)),
        _ => {}
    }
}

/// Coerces defaults of a type other than their schema's, and removes those that cannot be coerced.
pub(super) fn repair_defaults(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            let wanted = map.get("type").and_then(Value::as_str).unwrap_or_default();
            let is_wrong = |value: &Value| match wanted {
                "string" => !value.is_string(),
                "integer" | "number" => !value.is_number(),
                "boolean" => !value.is_boolean(),
                "array" => !value.is_array(),
                "object" => !value.is_object(),
                _ => false,
            };
            if let Some(default) = map.get("default").filter(|default| is_wrong(default)) {
                match coerce_scalar(wanted, default) {
                    Some(coerced) => map.insert("default".into(), coerced),
                    None => map.shift_remove("default"),
                };
            }
            map.iter_mut().filter(|(name, _)| *name != "enum").for_each(|(_, value)| repair_defaults(value));
        }
        Value::Array(list) => list.iter_mut().for_each(repair_defaults),
        _ => {}
    }
}

/// Rewrites schemas by name. A property can be named `example` or `required`, which is not a keyword then.
pub(super) fn to_2020_12_named(named: &mut Value, depth: usize) {
    // Some contracts have a string in place of a property's schema.
    if let Value::Object(named) = named {
        named.retain(|_, schema| schema.is_object() || schema.is_boolean());
    }
    for (_, schema) in named.as_object_mut().into_iter().flatten() {
        to_2020_12(schema, depth + 1);
    }
}

/// Replaces the branches of a schema with a discriminator by conditions on its property.
fn apply_discriminator(map: &mut Map<String, Value>) {
    if !map.contains_key("discriminator") {
        return;
    }
    let is_nullable = ["nullable", "x-nullable"].iter().any(|key| map.get(*key) == Some(&Value::Bool(true)));
    let Some(discriminator) = Discriminator::of(&Value::Object(map.clone())).filter(|_| !is_nullable) else { return };
    let key = if map.contains_key("oneOf") { "oneOf" } else { "anyOf" };
    map.shift_remove(key);
    for (name, value) in discriminator.keywords() {
        match (map.get_mut(&name), value) {
            (Some(Value::Array(parts)), Value::Array(more)) => parts.extend(more),
            (_, value) => {
                map.insert(name, value);
            }
        }
    }
}

/// Rewrites `minimum: 0, exclusiveMinimum: true` of drafts up to 4 to `exclusiveMinimum: 0`.
fn exclusive(map: &mut Map<String, Value>, bound: &str, flag: &str) {
    if let Some(Value::Bool(on)) = map.get(flag) {
        let on = *on;
        map.remove(flag);
        if on && let Some(limit) = map.remove(bound) {
            map.insert(flag.into(), limit);
        }
    }
}
