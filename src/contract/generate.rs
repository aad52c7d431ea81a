//! A value made from a schema, where a contract has neither example nor resource to answer with.
//!
//! What the schema says by example wins; then its type, format and bounds, and what a property's name tells.

use compact_str::CompactString;
use rand::Rng;
use rand::RngExt as _;
use serde_json::{Map, Number, Value};

use super::Schema;

/// Below this depth only what is required is made: schemas that contain themselves come to an end.
const FULL_DEPTH: usize = 4;
/// Below this depth nothing is made.
const MAX_DEPTH: usize = 12;

/// A value that the schema allows, as far as its keywords are understood: `pattern` and `not` are not.
pub fn generate(schema: &Schema, random: &mut impl Rng) -> Value {
    make(schema, schema.raw(), "", random, 0)
}

/// A UID: 16 lowercase alphanumerics.
pub fn uid(random: &mut impl Rng) -> CompactString {
    const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut uid = [0; 16];
    for half in uid.chunks_mut(8) {
        let mut drawn = random.next_u64();
        for place in half {
            *place = ALPHABET[(drawn % 36) as usize];
            drawn /= 36;
        }
    }
    uid.iter().map(|byte| char::from(*byte)).collect()
}

fn make(root: &Schema, schema: &Value, name: &str, random: &mut impl Rng, depth: usize) -> Value {
    let schema = root.follow(schema);
    let first = |key: &str| schema.get(key).and_then(Value::as_array).and_then(|values| values.first());
    let given =
        ["example", "default", "const"].iter().find_map(|key| schema.get(*key).filter(|value| !value.is_null()));
    match given.or_else(|| first("examples")).or_else(|| first("enum")) {
        // An example may be shorter than its own schema allows: what is required is added.
        Some(Value::Object(given)) if depth <= MAX_DEPTH => {
            let mut whole = given.clone();
            for (name, value) in object(root, schema, random, FULL_DEPTH + 1) {
                whole.entry(name).or_insert(value);
            }
            return Value::Object(whole);
        }
        Some(given) => return given.clone(),
        None => {}
    }
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let mut whole = object(root, schema, random, depth);
        for part in parts {
            match make(root, part, name, random, depth + 1) {
                Value::Object(part) => whole.extend(part),
                Value::Null => {}
                other if whole.is_empty() => return other,
                _ => {}
            }
        }
        return Value::Object(whole);
    }
    if let Some(choice) = first("oneOf").or_else(|| first("anyOf")) {
        return make(root, choice, name, random, depth + 1);
    }
    let kind = match schema.get("type") {
        Some(Value::String(kind)) => kind.as_str(),
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
        }
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ => "string",
    };
    match kind {
        "object" => Value::Object(object(root, schema, random, depth)),
        "array" => {
            let wanted = schema.get("minItems").and_then(Value::as_u64).unwrap_or(1).min(16);
            let count = if depth > FULL_DEPTH { schema.get("minItems").map_or(0, |_| wanted) } else { wanted };
            let element = schema.get("items").unwrap_or(&Value::Null);
            (0..count).map(|_| make(root, element, name, random, depth + 1)).collect()
        }
        "boolean" => Value::Bool(true),
        "integer" => Value::from(number(schema, random).round() as i64),
        "number" => Number::from_f64(number(schema, random)).map_or(Value::Null, Value::Number),
        "null" => Value::Null,
        _ => Value::String(text(schema, name, random)),
    }
}

fn object(root: &Schema, schema: &Value, random: &mut impl Rng, depth: usize) -> Map<String, Value> {
    let required = |name: &str| {
        let required = schema.get("required").and_then(Value::as_array);
        required.is_some_and(|required| required.iter().any(|known| known == name))
    };
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties
        .filter(|(name, _)| depth <= FULL_DEPTH || required(name))
        .map(|(name, property)| (name.clone(), make(root, property, name, random, depth + 1)))
        .collect()
}

fn number(schema: &Value, random: &mut impl Rng) -> f64 {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let low = bound("minimum").or_else(|| bound("exclusiveMinimum").map(|bound| bound + 1.0));
    let high = bound("maximum").or_else(|| bound("exclusiveMaximum").map(|bound| bound - 1.0));
    let low = low.unwrap_or_else(|| high.map_or(1.0, |high| high.min(1.0)));
    let high = high.unwrap_or(low + 99.0).max(low);
    let step = bound("multipleOf").filter(|step| *step > 0.0);
    let value = (low + random.random::<f64>() * (high - low)).floor().max(low);
    step.map_or(value, |step| (value / step).ceil() * step)
}

fn text(schema: &Value, name: &str, random: &mut impl Rng) -> String {
    let name = name.to_ascii_lowercase();
    let made = match schema.get("format").and_then(Value::as_str).unwrap_or_default() {
        "date-time" => "2026-02-08T10:00:00Z".to_owned(),
        "date" => "2026-02-08".to_owned(),
        "time" => "10:00:00Z".to_owned(),
        "email" => "someone@example.com".to_owned(),
        "uri" | "url" | "uri-reference" => "https://example.com/".to_owned(),
        "uuid" => {
            let bits = random.random::<u128>();
            let hex = format!("{bits:032x}");
            format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
        }
        "ipv4" => "192.0.2.1".to_owned(),
        "hostname" => "example.com".to_owned(),
        _ if name == "id" || name == "uid" || name.ends_with("_id") || name.ends_with("_uid") => uid(random).into(),
        _ if name.ends_with("_at") => "2026-02-08T10:00:00Z".to_owned(),
        _ if name.ends_with("date") => "2026-02-08".to_owned(),
        _ if name.contains("email") => "someone@example.com".to_owned(),
        _ if name.contains("phone") => "+15550100000".to_owned(),
        _ if name.ends_with("url") => "https://example.com/".to_owned(),
        _ if name == "currency" => "USD".to_owned(),
        _ if name.is_empty() => "text".to_owned(),
        _ => name.replace('_', " "),
    };
    let length = |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|length| usize::try_from(length).ok());
    let mut made: String = made.chars().take(length("maxLength").unwrap_or(usize::MAX)).collect();
    let missing = length("minLength").unwrap_or(0).min(4096).saturating_sub(made.chars().count());
    made.extend(std::iter::repeat_n('x', missing));
    made
}
