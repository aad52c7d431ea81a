//! A value bent so that a schema allows it: what breaks the schema is replaced, the rest stays.

use rand::Rng;
use serde_json::{Number, Value};

use super::{MAX_DEPTH, MAX_ELEMENTS, Maker, choices, is_kind, kind_of, properties, required};
use crate::openapi::Schema;
use crate::openapi::schema::coerce_scalar;

/// So many values are mended at most: what refers to itself by several ways has endlessly many.
const MAX_MENDED: usize = 10_000;

/// The value, with what the schema does not allow replaced by what it does.
pub fn repair(schema: &Schema, value: Value, random: &mut impl Rng) -> Value {
    if !is_broken(schema, &value) {
        return value;
    }
    let mut maker = Maker::new(schema, random);
    let mended = maker.repair(schema.raw(), value, "", 0);
    if !is_broken(schema, &mended) {
        return mended;
    }
    // What mending has used up does not count.
    let mut maker = Maker::new(schema, random);
    let made = maker.make(schema.raw(), "", 0);
    if !is_broken(schema, &made) {
        return made;
    }
    // Where several choices allow one value, another choice may be allowed by itself alone.
    let others = choices(schema.follow(schema.raw())).into_iter().flatten();
    let mut others = others.map(|choice| maker.make(choice, "", 0));
    others.find(|made| !is_broken(schema, made)).unwrap_or(mended)
}

/// Whether a value breaks the schema. How text is written is left to examples, which show what the API writes.
fn is_broken(schema: &Schema, value: &Value) -> bool {
    schema.violations(value).iter().any(|violation| violation.rule != "format")
}

fn allows_null(schema: &Value) -> bool {
    let listed =
        schema.get("type").and_then(Value::as_array).is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"));
    listed || ["nullable", "x-nullable"].iter().any(|key| schema.get(*key) == Some(&Value::Bool(true)))
}

impl<'a, R: Rng> Maker<'a, R> {
    pub(super) fn repair(&mut self, schema: &'a Value, value: Value, name: &str, depth: usize) -> Value {
        let schema = self.root.follow(schema);
        self.mended += 1;
        if depth > MAX_DEPTH * 2 || self.mended > MAX_MENDED {
            return value;
        }
        if let Some(constant) = schema.get("const") {
            return constant.clone();
        }
        if value.is_null()
            && (allows_null(schema)
                || (kind_of(schema).is_none() && choices(schema).is_none() && schema.get("allOf").is_none()))
        {
            return value;
        }
        if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
            && !allowed.contains(&value)
        {
            let same = |known: &&Value| {
                let text = |value: &Value| value.as_str().map(str::to_lowercase);
                text(known).is_some() && text(known) == text(&value)
            };
            return allowed.iter().find(same).or_else(|| allowed.first()).cloned().unwrap_or(value);
        }
        if let Some(choices) = choices(schema) {
            let choice = self.best(choices, &value);
            let value = self.repair(choice, value, name, depth + 1);
            return self.shaped(schema, value, name, depth);
        }
        let parts = schema.get("allOf").and_then(Value::as_array);
        let value = parts.into_iter().flatten().fold(value, |value, part| self.repair(part, value, name, depth + 1));
        let Some(kind) = kind_of(schema) else { return value };
        let listed = |value: &Value| {
            let all = schema.get("type").and_then(Value::as_array);
            all.is_some_and(|kinds| kinds.iter().filter_map(Value::as_str).any(|kind| is_kind(kind, value)))
        };
        if is_kind(kind, &value) || listed(&value) {
            return self.shaped(schema, value, name, depth);
        }
        if let Some(bent) = coerce_scalar(kind, &value) {
            return bent;
        }
        match (kind, &value) {
            // A list where one is wanted, and one where a list is wanted.
            ("object", Value::Array(list)) if list.len() == 1 && list[0].is_object() => {
                self.shaped(schema, list[0].clone(), name, depth)
            }
            ("array", Value::Object(map)) if !map.is_empty() => {
                self.shaped(schema, Value::Array(vec![value]), name, depth)
            }
            _ => self.make(schema, name, depth),
        }
    }

    /// The choice that has most of the value's names, or its type.
    fn best(&self, choices: &'a [Value], value: &Value) -> &'a Value {
        let score = |choice: &&'a Value| {
            let choice = self.root.follow(choice);
            match value {
                Value::Object(map) => {
                    let known = properties(choice).filter(|(name, _)| map.contains_key(*name)).count();
                    let missing = required(choice).filter(|name| !map.contains_key(*name)).count();
                    10 * known as i64 - 5 * missing as i64
                }
                _ => i64::from(kind_of(choice).is_some_and(|kind| is_kind(kind, value))),
            }
        };
        // The first of several that are equally good.
        choices.iter().rev().max_by_key(score).unwrap_or(&Value::Null)
    }

    /// A value of the right type, with its parts mended and its bounds kept.
    pub(super) fn shaped(&mut self, schema: &'a Value, value: Value, name: &str, depth: usize) -> Value {
        match value {
            Value::Object(mut map) => {
                let known = schema.get("properties").and_then(Value::as_object);
                match schema.get("additionalProperties") {
                    Some(Value::Bool(false)) if schema.get("patternProperties").is_none() => {
                        map.retain(|name, _| known.is_some_and(|known| known.contains_key(name)));
                    }
                    Some(rest @ Value::Object(_)) => {
                        for (name, part) in &mut map {
                            if known.is_none_or(|known| !known.contains_key(name)) {
                                *part = self.repair(rest, part.take(), name, depth + 1);
                            }
                        }
                    }
                    _ => {}
                }
                for (name, property) in properties(schema) {
                    if let Some(part) = map.get_mut(name) {
                        let mended = self.repair(property, part.take(), name, depth + 1);
                        *part = mended;
                    }
                }
                self.complete(schema, &mut map, depth);
                Value::Object(map)
            }
            Value::Array(list) => {
                let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
                let element = schema.get("items").unwrap_or(&Value::Null);
                let mut list: Vec<Value> =
                    list.into_iter().map(|part| self.repair(element, part, name, depth + 1)).collect();
                while (list.len() as u64) < bound("minItems").unwrap_or(0).min(MAX_ELEMENTS) {
                    list.push(self.make(element, name, depth + 1));
                }
                list.truncate(bound("maxItems").and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX));
                Value::Array(list)
            }
            Value::String(text) => {
                let length = text.chars().count() as u64;
                let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
                let matches_resources = bound("minLength").is_none_or(|least| length >= least)
                    && bound("maxLength").is_none_or(|most| length <= most)
                    && schema.get("pattern").is_none();
                Value::String(if matches_resources { text } else { self.text(schema, name) })
            }
            Value::Number(number) => {
                let bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
                if bounds.iter().all(|key| schema.get(*key).is_none()) {
                    return Value::Number(number);
                }
                let integer = kind_of(schema) == Some("integer");
                let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
                let value = number.as_f64().unwrap_or_default();
                let matches_resources = bound("minimum").is_none_or(|low| value >= low)
                    && bound("maximum").is_none_or(|high| value <= high)
                    && schema.get("exclusiveMinimum").is_none()
                    && schema.get("exclusiveMaximum").is_none()
                    && bound("multipleOf").is_none_or(|step| (value / step).fract() == 0.0);
                match (matches_resources, integer) {
                    (true, _) => Value::Number(number),
                    (false, true) => Value::from(self.number(schema, true) as i64),
                    (false, false) => Number::from_f64(self.number(schema, false)).map_or(Value::Null, Value::Number),
                }
            }
            other => other,
        }
    }
}
