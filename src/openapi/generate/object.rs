//! Objects: properties, further members, and the keywords that constrain their names and number.

use rand::Rng;
use serde_json::{Map, Value};

use super::{FULL_DEPTH, MAX_ATTEMPTS, Maker, Mode};

/// Maximum number of members that are added to reach `minProperties`.
const MAX_ADDED: u64 = 256;

/// The names in `required`.
pub(super) fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The declared properties.
pub(super) fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

/// The names that must be present if `name` is: `dependentRequired`, and lists in `dependencies` of drafts up to 7.
fn dependents<'s>(schema: &'s Value, name: &str) -> impl Iterator<Item = &'s str> {
    let lists = ["dependentRequired", "dependencies"].into_iter();
    let lists = lists.filter_map(|key| schema.get(key)?.get(name)?.as_array());
    lists.flatten().filter_map(Value::as_str).collect::<Vec<_>>().into_iter()
}

impl<R: Rng> Maker<'_, R> {
    /// An object for a schema.
    pub(super) fn make_object(&mut self, schema: &Value, depth: usize) -> Map<String, Value> {
        let mut made = Map::new();
        for (name, property) in properties(schema) {
            let is_required = required(schema).any(|known| known == name);
            if (depth <= FULL_DEPTH || is_required) && *property != Value::Bool(false) {
                made.insert(name.clone(), self.make(property, name, depth + 1));
            }
        }
        self.complete_object(schema, &mut made, depth);
        made
    }

    /// Adds the missing members that the schema requires, and removes those beyond `maxProperties`.
    pub(super) fn complete_object(&mut self, schema: &Value, made: &mut Map<String, Value>, depth: usize) {
        for name in required(schema) {
            self.add_member(schema, made, name, depth);
        }
        if ["dependentRequired", "dependencies"].iter().any(|key| schema.get(*key).is_some()) {
            let mut names: Vec<String> = made.keys().cloned().collect();
            while let Some(name) = names.pop() {
                for dependent in
                    dependents(schema, &name).filter(|dependent| !made.contains_key(*dependent)).collect::<Vec<_>>()
                {
                    self.add_member(schema, made, dependent, depth);
                    names.push(dependent.to_owned());
                }
            }
        }
        let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
        self.add_further_members(schema, made, bound("minProperties").unwrap_or(0).min(MAX_ADDED), depth);
        if let Some(most) = bound("maxProperties") {
            let optional: Vec<String> =
                made.keys().filter(|name| required(schema).all(|known| known != *name)).rev().cloned().collect();
            for name in optional {
                if made.len() as u64 > most {
                    made.shift_remove(&name);
                }
            }
        }
        if self.mode == Mode::Checked {
            self.apply_condition(schema, made, depth);
        }
    }

    fn add_member(&mut self, schema: &Value, made: &mut Map<String, Value>, name: &str, depth: usize) {
        if !made.contains_key(name) {
            let value = match self.member_schema(schema, name) {
                Some(member) => self.make(&member, name, depth + 1),
                None => self.make(&Value::Null, name, depth + 1),
            };
            made.insert(name.to_owned(), value);
        }
    }

    /// The schema of a member: of the property, of a matching pattern, or of all further members.
    pub(super) fn member_schema(&mut self, schema: &Value, name: &str) -> Option<Value> {
        if let Some(property) = schema.get("properties").and_then(|known| known.get(name)) {
            return Some(property.clone());
        }
        let patterns = schema.get("patternProperties").and_then(Value::as_object);
        for (pattern, member) in patterns.into_iter().flatten() {
            if self.accepts(&serde_json::json!({"pattern": pattern}), &Value::from(name)) {
                return Some(member.clone());
            }
        }
        schema.get("additionalProperties").filter(|rest| rest.is_object()).cloned()
    }

    /// Adds members with names that no property has, until there are enough.
    fn add_further_members(&mut self, schema: &Value, made: &mut Map<String, Value>, least: u64, depth: usize) {
        let pattern = schema.get("patternProperties").and_then(Value::as_object).and_then(|known| known.iter().next());
        let is_closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
        let outer = self.variant;
        for attempt in 0..least.saturating_mul(MAX_ATTEMPTS as u64) {
            if made.len() as u64 >= least {
                break;
            }
            self.variant = attempt as usize;
            let name = match (schema.get("propertyNames"), pattern) {
                (_, Some((pattern, _))) if is_closed => {
                    self.make(&serde_json::json!({"type": "string", "pattern": pattern}), "key", depth + 1)
                }
                (Some(names), _) => {
                    let names = super::merge::merge(&serde_json::json!({"type": "string"}), self.root.follow(names));
                    self.make(&names, "key", depth + 1)
                }
                _ => Value::from(format!("key{}", made.len() + 1)),
            };
            self.variant = 0;
            if let Some(name) = name.as_str().filter(|name| !made.contains_key(*name)) {
                self.add_member(schema, made, name, depth);
            }
        }
        self.variant = outer;
    }

    /// Completes the object for `then` or `else`, whichever applies.
    fn apply_condition(&mut self, schema: &Value, made: &mut Map<String, Value>, depth: usize) {
        let Some(condition) = schema.get("if") else { return };
        let whole = Value::Object(std::mem::take(made));
        let branch = if self.accepts(condition, &whole) { "then" } else { "else" };
        let value = match schema.get(branch) {
            Some(branch) => self.repair(branch, whole, "", depth + 1),
            None => whole,
        };
        if let Value::Object(map) = value {
            *made = map;
        }
    }
}
