//! Coerces request values to the types of a schema.
//!
//! Clients send numbers and booleans as strings and arrays as `{"0": …}` (a Rails convention), and the real API accepts
//! them. So a value is coerced first and validated afterwards.

use std::collections::HashSet;

use compact_str::CompactString;
use serde_json::Value;

use super::{MAX_DEPTH, Schema, keyword};
use crate::model::exact_number::{digits_of, number};

/// State of one coercion.
struct Coercion<'b> {
    /// JSON pointer to the current value.
    pointer: CompactString,
    /// Whether the scalar at a JSON pointer may be coerced.
    allow: &'b mut dyn FnMut(&str) -> bool,
    /// Schemas with `allOf` that were applied, by address, with the JSON pointers of the values.
    seen: HashSet<(usize, CompactString)>,
}

impl Schema {
    /// Coerces a value to the types of the schema. `allow` is called with a JSON pointer before a scalar is changed.
    pub fn coerce(&self, value: &mut Value, allow: &mut dyn FnMut(&str) -> bool) {
        let mut coercion = Coercion { pointer: CompactString::default(), allow, seen: HashSet::new() };
        self.coerce_value(self.raw(), value, &mut coercion, 0);
    }

    fn coerce_value(&self, schema: &Value, value: &mut Value, coercion: &mut Coercion<'_>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let schema = self.follow(schema);
        // Parts that refer to the whole schema would be applied again and again.
        if let Some(parts) = keyword(schema, "allOf") {
            if !coercion.seen.insert((std::ptr::from_ref(schema).addr(), coercion.pointer.clone())) {
                return;
            }
            for part in parts.as_array().into_iter().flatten() {
                self.coerce_value(part, value, coercion, depth + 1);
            }
        }
        let wanted = keyword(schema, "type").and_then(Value::as_str).unwrap_or_default();
        if let Some(coerced) = coerce_scalar(wanted, value)
            && (coercion.allow)(&coercion.pointer)
        {
            *value = coerced;
        }
        if wanted == "array"
            && let Value::Object(map) = value
            && map.keys().enumerate().all(|(index, key)| *key == index.to_string())
        {
            *value = std::mem::take(map).into_iter().map(|(_, element)| element).collect();
        }
        match value {
            Value::Object(map) => {
                let Some(known) = keyword(schema, "properties").and_then(Value::as_object) else { return };
                let mut absent = Vec::new();
                for (name, value) in map.iter_mut() {
                    let Some(part) = known.get(name) else { continue };
                    if value.is_null() && null_means_absent(self.follow(part)) {
                        absent.push(name.clone());
                        continue;
                    }
                    self.coerce_below(part, value, name, coercion, depth);
                }
                for name in absent {
                    map.shift_remove(&name);
                }
            }
            Value::Array(list) => {
                if let Some(element) = keyword(schema, "items") {
                    for (index, value) in list.iter_mut().enumerate() {
                        self.coerce_below(element, value, &index.to_string(), coercion, depth);
                    }
                }
            }
            _ => {}
        }
    }

    fn coerce_below(&self, schema: &Value, value: &mut Value, step: &str, coercion: &mut Coercion<'_>, depth: usize) {
        let length = coercion.pointer.len();
        coercion.pointer.push('/');
        coercion.pointer.push_str(step);
        self.coerce_value(schema, value, coercion, depth + 1);
        coercion.pointer.truncate(length);
    }
}

/// Whether `null` counts as an absent field. It does unless the schema explicitly allows or forbids null.
fn null_means_absent(schema: &Value) -> bool {
    let kinds = schema.get("type").and_then(Value::as_array);
    ["nullable", "x-nullable"].iter().all(|key| schema.get(*key).is_none()) && kinds.is_none()
}

/// The value converted to a scalar type, if it has another type and can be converted.
pub(in crate::openapi) fn coerce_scalar(wanted: &str, value: &Value) -> Option<Value> {
    match (wanted, value) {
        ("number" | "integer", Value::String(text)) => {
            let exact = number(text.trim())?;
            let is_whole = || text.trim().parse::<f64>().is_ok_and(|number| number.fract() == 0.0);
            (wanted == "number" || is_whole()).then_some(exact)
        }
        ("boolean", Value::String(text)) => match text.as_str() {
            "true" | "1" => Some(true.into()),
            "false" | "0" => Some(false.into()),
            _ => None,
        },
        ("string", Value::String(text)) => digits_of(text).map(Value::from),
        ("string", Value::Number(number)) => Some(number.to_string().into()),
        ("string", Value::Bool(truth)) => Some(truth.to_string().into()),
        _ => None,
    }
}
