//! A value made from a schema, where a contract has neither example nor resource to answer with.
//!
//! What the schema says by example wins; then its type, format, pattern and bounds, and what a property's name tells.

mod pattern;
mod repair;

use rand::Rng;
use rand::RngExt as _;
use serde_json::{Map, Number, Value};

use super::Schema;
use super::names::{is_id, snake};
use super::random::{uid, uuid};

pub use repair::repair;

/// Below this depth only what is required is made: schemas that contain themselves come to an end.
const FULL_DEPTH: usize = 4;
/// Below this depth nothing is made.
pub(super) const MAX_DEPTH: usize = 12;
/// So many values are made at most for one body: a schema may branch at every level.
const MAX_VALUES: usize = 5_000;
/// Elements that are made for a list which wants many.
pub(super) const MAX_ELEMENTS: u64 = 16;

/// A value that the schema allows, as far as its keywords are understood: `not`, `if` and the like are not.
pub fn generate(schema: &Schema, random: &mut impl Rng) -> Value {
    Maker::new(schema, random).make(schema.raw(), "", 0)
}

/// A value as [`generate`] makes it, but new each time: what the schema says by example is left aside.
pub fn fresh(schema: &Schema, name: &str, random: &mut impl Rng) -> Value {
    Maker::new(schema, random).without_given(schema.follow(schema.raw()), name, 0)
}

pub(super) struct Maker<'a, R> {
    pub(super) root: &'a Schema,
    pub(super) random: &'a mut R,
    pub(super) made: usize,
    pub(super) mended: usize,
}

/// The first type that a schema names, `null` only where there is no other; what its keywords speak of where it names
/// none.
pub(super) fn kind_of(schema: &Value) -> Option<&str> {
    match schema.get("type") {
        Some(Value::String(kind)) => Some(kind),
        Some(Value::Array(kinds)) => {
            Some(kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null"))
        }
        _ if schema.get("properties").is_some() || schema.get("additionalProperties").is_some() => Some("object"),
        _ if schema.get("items").is_some() => Some("array"),
        _ => None,
    }
}

pub(super) fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

pub(super) fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

pub(super) fn choices(schema: &Value) -> Option<&Vec<Value>> {
    ["oneOf", "anyOf"].iter().find_map(|key| schema.get(*key).and_then(Value::as_array)).filter(|list| !list.is_empty())
}

impl<'a, R: Rng> Maker<'a, R> {
    pub(super) fn new(root: &'a Schema, random: &'a mut R) -> Self {
        Self { root, random, made: 0, mended: 0 }
    }

    pub(super) fn make(&mut self, schema: &'a Value, name: &str, depth: usize) -> Value {
        let schema = self.root.follow(schema);
        let first = |key: &str| schema.get(key).and_then(Value::as_array).and_then(|values| values.first());
        self.made += 1;
        let is_enough = depth > MAX_DEPTH || self.made > MAX_VALUES;
        let given =
            ["example", "const", "default"].iter().find_map(|key| schema.get(*key).filter(|value| !value.is_null()));
        let allowed = || {
            let allowed = schema.get("enum").and_then(Value::as_array);
            allowed.and_then(|allowed| allowed.iter().find(|value| !value.is_null()).or_else(|| allowed.first()))
        };
        match given.or_else(|| first("examples")).or_else(allowed) {
            // An example may be shorter than its own schema allows, or break it: it is mended.
            Some(given) if !is_enough => return self.mend_given(schema, given.clone(), name, depth),
            Some(given) => return given.clone(),
            None => {}
        }
        if is_enough {
            return match kind_of(schema) {
                Some("array") => Value::Array(Vec::new()),
                Some("object") => Value::Object(Map::new()),
                _ => Value::Null,
            };
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            let mut whole = self.object(schema, depth);
            let mut other = None;
            for part in parts {
                match self.make(part, name, depth + 1) {
                    Value::Object(part) => whole.extend(part),
                    Value::Null => {}
                    value => other = Some(value),
                }
            }
            return match other {
                Some(value) if whole.is_empty() => value,
                _ => Value::Object(whole),
            };
        }
        if let Some(choice) = choices(schema).and_then(|choices| choices.first()) {
            let made = self.make(choice, name, depth + 1);
            return match made {
                Value::Object(mut made) => {
                    for (name, value) in self.object(schema, depth) {
                        made.entry(name).or_insert(value);
                    }
                    Value::Object(made)
                }
                made => made,
            };
        }
        match kind_of(schema).unwrap_or("string") {
            "object" => Value::Object(self.object(schema, depth)),
            "array" => {
                let least = schema.get("minItems").and_then(Value::as_u64);
                let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(u64::MAX);
                let wanted = if depth > FULL_DEPTH { least.unwrap_or(0) } else { least.unwrap_or(1).max(1) };
                let element = schema.get("items").unwrap_or(&Value::Null);
                (0..wanted.min(most).min(MAX_ELEMENTS)).map(|_| self.make(element, name, depth + 1)).collect()
            }
            "boolean" => Value::Bool(true),
            "integer" => Value::from(self.number(schema, true) as i64),
            "number" => Number::from_f64(self.number(schema, false)).map_or(Value::Null, Value::Number),
            "null" => Value::Null,
            _ => Value::String(self.text(schema, name)),
        }
    }

    fn object(&mut self, schema: &'a Value, depth: usize) -> Map<String, Value> {
        let mut made = Map::new();
        for (name, property) in properties(schema) {
            let is_required = required(schema).any(|known| known == name);
            if depth <= FULL_DEPTH || is_required {
                made.insert(name.clone(), self.make(property, name, depth + 1));
            }
        }
        self.complete(schema, &mut made, depth);
        made
    }

    /// Adds what is required and not there, also where no property describes it.
    pub(super) fn complete(&mut self, schema: &'a Value, made: &mut Map<String, Value>, depth: usize) {
        for name in required(schema) {
            if !made.contains_key(name) {
                let property = schema.get("properties").and_then(|known| known.get(name)).unwrap_or(&Value::Null);
                let value = self.make(property, name, depth + 1);
                made.insert(name.to_owned(), value);
            }
        }
    }

    /// A value that the schema itself gives, mended; examples with names of their own are no place for a guess.
    fn mend_given(&mut self, schema: &'a Value, given: Value, name: &str, depth: usize) -> Value {
        match (kind_of(schema), &given) {
            (Some("object"), Value::Object(_)) | (Some("array"), Value::Array(_)) => {
                self.shaped(schema, given, name, depth)
            }
            (Some("string"), Value::String(_)) | (Some("boolean"), Value::Bool(_)) | (None, _) => given,
            (Some("number" | "integer"), Value::Number(_)) => given,
            (Some(_), _) => super::schema::coerce_scalar(kind_of(schema).unwrap_or_default(), &given)
                .unwrap_or_else(|| self.without_given(schema, name, depth)),
        }
    }

    /// A value made as if the schema gave none.
    fn without_given(&mut self, schema: &'a Value, name: &str, depth: usize) -> Value {
        match kind_of(schema) {
            Some("object") => Value::Object(self.object(schema, depth)),
            Some("array") => {
                let element = schema.get("items").unwrap_or(&Value::Null);
                Value::Array(vec![self.make(element, name, depth + 1)])
            }
            Some("boolean") => Value::Bool(true),
            Some("integer") => Value::from(self.number(schema, true) as i64),
            Some("number") => Number::from_f64(self.number(schema, false)).map_or(Value::Null, Value::Number),
            _ => Value::String(self.text(schema, name)),
        }
    }

    pub(super) fn number(&mut self, schema: &Value, integer: bool) -> f64 {
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        // `exclusiveMinimum: true` is the style of drafts up to 4.
        let open = |key: &str| schema.get(key) == Some(&Value::Bool(true));
        let step = bound("multipleOf").filter(|step| *step > 0.0);
        let width = step.unwrap_or(1.0);
        let low = bound("exclusiveMinimum").or_else(|| bound("minimum").filter(|_| open("exclusiveMinimum")));
        let low = low.map(|bound| (bound / width).floor() * width + width).or_else(|| bound("minimum"));
        let high = bound("exclusiveMaximum").or_else(|| bound("maximum").filter(|_| open("exclusiveMaximum")));
        let high = high.map(|bound| (bound / width).ceil() * width - width).or_else(|| bound("maximum"));
        let low = low.unwrap_or_else(|| high.map_or(1.0, |high| high.min(1.0)));
        let high = high.unwrap_or(low + 99.0);
        if high < low {
            // Bounds that leave no whole step between them: what lies in the middle.
            return if integer {
                low
            } else {
                (bound("exclusiveMinimum").unwrap_or(low) + bound("exclusiveMaximum").unwrap_or(high)) / 2.0
            };
        }
        let value = (low + self.random.random::<f64>() * (high - low)).floor().clamp(low, high);
        let value = if integer { value.ceil() } else { value };
        step.map_or(value, |step| {
            let up = (value / step).ceil() * step;
            if up > high { (high / step).floor() * step } else { up }
        })
    }

    pub(super) fn text(&mut self, schema: &Value, name: &str) -> String {
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
            && let Some(made) = pattern::matching(pattern, schema, self.random)
        {
            return made;
        }
        let name = snake(name);
        let random = &mut *self.random;
        let made = match schema.get("format").and_then(Value::as_str).unwrap_or_default() {
            "date-time" => "2026-02-08T10:00:00Z".to_owned(),
            "date" => "2026-02-08".to_owned(),
            "time" => "10:00:00Z".to_owned(),
            "duration" => "PT1H".to_owned(),
            "email" | "idn-email" => "someone@example.com".to_owned(),
            "uri" | "url" | "iri" => "https://example.com/".to_owned(),
            "uri-reference" | "iri-reference" => "/".to_owned(),
            "uuid" => uuid(random),
            "ipv4" => "192.0.2.1".to_owned(),
            "ipv6" => "2001:db8::1".to_owned(),
            "hostname" | "idn-hostname" => "example.com".to_owned(),
            "byte" => "c3RhbmRpbg==".to_owned(),
            "regex" => ".*".to_owned(),
            "json-pointer" => "/a".to_owned(),
            _ if is_id(&name) => uid(random).into(),
            _ if name.ends_with("_at") || name.ends_with("time") => "2026-02-08T10:00:00Z".to_owned(),
            _ if name.ends_with("date") => "2026-02-08".to_owned(),
            _ if name.contains("email") => "someone@example.com".to_owned(),
            _ if name.contains("phone") => "+15550100000".to_owned(),
            _ if name.ends_with("url") || name.ends_with("uri") => "https://example.com/".to_owned(),
            _ if name.ends_with("time_zone") || name.ends_with("timezone") => "UTC".to_owned(),
            _ if name.ends_with("currency") => "USD".to_owned(),
            _ if name.is_empty() => "text".to_owned(),
            _ => name.replace('_', " "),
        };
        let length =
            |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|length| usize::try_from(length).ok());
        let mut made: String = made.chars().take(length("maxLength").unwrap_or(usize::MAX)).collect();
        let missing = length("minLength").unwrap_or(0).min(4096).saturating_sub(made.chars().count());
        made.extend(std::iter::repeat_n('x', missing));
        made
    }
}

/// Whether a value is of a type of JSON Schema.
pub(super) fn is_kind(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "null" => value.is_null(),
        _ => true,
    }
}
