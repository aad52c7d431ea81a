//! Repairs values that violate their schema: invalid parts are replaced, the rest stays.

use rand::Rng;
use serde_json::Value;

use super::array::{item_schema, most_items};
use super::choice::choices;
use super::object::{properties, required};
use super::text::Lengths;
use super::{MAX_DEPTH, Maker, Mode, is_kind, is_valid, kind_of};
use crate::model::exact_number::{approximate, is_number};
use crate::openapi::Schema;
use crate::openapi::schema::{Discriminator, coerce_scalar};

/// Maximum number of values that are repaired in one body. Recursive schemas can apply endlessly many times.
const MAX_REPAIRED: usize = 10_000;

/// The value, with invalid parts replaced by valid ones. A valid value is returned unchanged.
pub fn repair(schema: &Schema, value: Value, random: &mut impl Rng) -> Value {
    if is_valid(schema, &value) {
        return value;
    }
    let repaired = Maker::new(schema, random, Mode::Checked).repair(schema.raw(), value, "", 0);
    if is_valid(schema, &repaired) {
        return repaired;
    }
    let made = super::generate(schema, random);
    if is_valid(schema, &made) {
        return made;
    }
    // If several branches allow one value, another branch can be valid by itself.
    let branches = choices(schema.follow(schema.raw())).into_iter().flatten();
    let mut maker = Maker::new(schema, random, Mode::Checked);
    let mut made = branches.map(|branch| maker.make(branch, "", 0));
    made.find(|made| is_valid(schema, made)).unwrap_or(repaired)
}

/// Whether a schema allows null. `nullable` without `type` has no effect, as in OpenAPI 3.0.
fn allows_null(schema: &Value) -> bool {
    let is_nullable = || ["nullable", "x-nullable"].iter().any(|key| schema.get(*key) == Some(&Value::Bool(true)));
    match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "null") || is_nullable(),
        kind => kind.is_some() && is_nullable(),
    }
}

/// The value of an enum that differs from a text only in case, otherwise the first one.
fn nearest_of_enum(allowed: &[Value], value: &Value) -> Option<Value> {
    let lowercase = |value: &Value| value.as_str().map(str::to_lowercase);
    let is_same = |known: &&Value| lowercase(known).is_some() && lowercase(known) == lowercase(value);
    allowed.iter().find(is_same).or_else(|| allowed.first()).cloned()
}

impl<R: Rng> Maker<'_, R> {
    /// A value with invalid parts replaced; `name` is the name of the property that it is for.
    pub(super) fn repair(&mut self, schema: &Value, value: Value, name: &str, depth: usize) -> Value {
        let root = self.root;
        let schema = root.follow(schema);
        self.repaired += 1;
        if depth > MAX_DEPTH * 2 || self.repaired > MAX_REPAIRED {
            return value;
        }
        if let Some(constant) = schema.get("const") {
            return constant.clone();
        }
        let is_unconstrained = kind_of(schema).is_none() && choices(schema).is_none() && schema.get("allOf").is_none();
        if value.is_null() && (self.allows_null(schema) || is_unconstrained) {
            return value;
        }
        if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
            && !allowed.contains(&value)
        {
            return nearest_of_enum(allowed, &value).unwrap_or(value);
        }
        if let Some(choices) = choices(schema) {
            return self.repair_choice(schema, choices, value, name, depth);
        }
        let parts = schema.get("allOf").and_then(Value::as_array);
        let value = parts.into_iter().flatten().fold(value, |value, part| self.repair(part, value, name, depth + 1));
        let value = self.repair_kind(schema, value, name, depth);
        if self.mode == Mode::Checked && schema.get("not").is_some() && !self.accepts(schema, &value) {
            return self.make(schema, name, depth);
        }
        value
    }

    /// Whether a schema and the parts of its `allOf` allow null.
    fn allows_null(&self, schema: &Value) -> bool {
        let schema = self.root.follow(schema);
        let mut parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        let allows = |part: &Value| {
            let part = self.root.follow(part);
            kind_of(part).is_none() || allows_null(part)
        };
        allows_null(schema) && parts.all(allows)
    }

    fn repair_choice(&mut self, schema: &Value, choices: &[Value], value: Value, name: &str, depth: usize) -> Value {
        let discriminator = Discriminator::of(schema);
        let selected = discriminator.as_ref().and_then(|discriminator| {
            let sent = value.get(&discriminator.property)?.as_str()?;
            choices.iter().find(|choice| discriminator.value_of(choice) == Some(sent))
        });
        let choice = selected.unwrap_or_else(|| self.best_choice(choices, &value));
        let mut value = self.repair(choice, value, name, depth + 1);
        if let (Some(discriminator), Value::Object(map)) = (&discriminator, &mut value)
            && let Some(value) = discriminator.value_of(choice)
        {
            map.insert(discriminator.property.clone(), value.into());
        }
        self.repair_members(schema, value, name, depth)
    }

    /// The branch with most of the value's fields, or with its type; the first of several equally good ones.
    fn best_choice<'c>(&self, choices: &'c [Value], value: &Value) -> &'c Value {
        let score = |choice: &&Value| {
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
        choices.iter().rev().max_by_key(score).unwrap_or(&Value::Null)
    }

    fn repair_kind(&mut self, schema: &Value, value: Value, name: &str, depth: usize) -> Value {
        let Some(kind) = kind_of(schema) else { return value };
        let types = schema.get("type").and_then(Value::as_array);
        let mut types = types.into_iter().flatten().filter_map(Value::as_str);
        if is_kind(kind, &value) || types.any(|kind| is_kind(kind, &value)) {
            return self.repair_members(schema, value, name, depth);
        }
        if let Some(coerced) = coerce_scalar(kind, &value) {
            return self.repair_members(schema, coerced, name, depth);
        }
        match (kind, value) {
            // A list in place of one object, and one object in place of a list.
            ("object", Value::Array(mut list)) if list.len() == 1 && list[0].is_object() => {
                self.repair_members(schema, list.remove(0), name, depth)
            }
            ("array", Value::Object(map)) if !map.is_empty() => {
                self.repair_members(schema, Value::Array(vec![Value::Object(map)]), name, depth)
            }
            _ => self.make(schema, name, depth),
        }
    }

    /// A value of the right type with its members repaired and its bounds respected.
    pub(super) fn repair_members(&mut self, schema: &Value, value: Value, name: &str, depth: usize) -> Value {
        match value {
            Value::Object(map) => self.repair_object(schema, map, depth),
            Value::Array(list) => {
                let repaired = list.into_iter().enumerate();
                let mut list: Vec<Value> = repaired
                    .map(|(index, item)| self.repair(item_schema(schema, index), item, name, depth + 1))
                    .take(usize::try_from(most_items(schema)).unwrap_or(usize::MAX))
                    .collect();
                self.complete_array(schema, &mut list, name, depth);
                Value::Array(list)
            }
            value if is_number(&value) => match Self::is_number_allowed(schema, &approximate(&value)) {
                true => value,
                false => self.make_number(schema, kind_of(schema) == Some("integer")),
            },
            Value::String(text) => {
                let is_allowed = Lengths::of(schema).allows(&text)
                    && (schema.get("pattern").is_none()
                        || self.mode == Mode::Checked && self.accepts(schema, &Value::from(text.as_str())));
                Value::String(if is_allowed { text } else { self.make_text(schema, name) })
            }
            other => other,
        }
    }

    fn repair_object(&mut self, schema: &Value, mut map: serde_json::Map<String, Value>, depth: usize) -> Value {
        let known = schema.get("properties").and_then(Value::as_object);
        let patterns = schema.get("patternProperties").and_then(Value::as_object);
        let is_known = |name: &str| known.is_some_and(|known| known.contains_key(name));
        if patterns.is_none() && schema.get("additionalProperties") == Some(&Value::Bool(false)) {
            map.retain(|name, _| is_known(name));
        } else if patterns.is_some() || schema.get("additionalProperties").is_some_and(Value::is_object) {
            let names: Vec<String> = map.keys().filter(|name| !is_known(name)).cloned().collect();
            for name in names {
                let value = map.get_mut(&name).map(Value::take).unwrap_or_default();
                match self.member_schema(schema, &name) {
                    Some(member) => {
                        let repaired = self.repair(&member, value, &name, depth + 1);
                        map.insert(name, repaired);
                    }
                    None if schema.get("additionalProperties") == Some(&Value::Bool(false)) => {
                        map.shift_remove(&name);
                    }
                    None => {
                        map.insert(name, value);
                    }
                }
            }
        }
        if let Some(names) = schema.get("propertyNames") {
            let all: Vec<String> = map.keys().cloned().collect();
            for name in all {
                if !self.accepts(names, &Value::from(name.as_str())) {
                    map.shift_remove(&name);
                }
            }
        }
        for (name, property) in properties(schema) {
            if *property == Value::Bool(false) {
                map.shift_remove(name);
            } else if let Some(value) = map.get_mut(name) {
                // `nullable` beside an `allOf` that does not allow null has no effect: such a member is left out.
                let is_optional = || required(schema).all(|known| known != name);
                if value.is_null()
                    && allows_null(self.root.follow(property))
                    && is_optional()
                    && !self.allows_null(property)
                {
                    map.shift_remove(name);
                    continue;
                }
                *value = self.repair(property, value.take(), name, depth + 1);
            }
        }
        self.complete_object(schema, &mut map, depth);
        Value::Object(map)
    }
}
