//! `allOf`, `oneOf` and `anyOf`.

use rand::Rng;
use serde_json::{Map, Value};

use super::merge::merge;
use super::{Maker, kind_of};
use crate::openapi::schema::Discriminator;

/// The branches of a schema: of its `oneOf`, otherwise of its `anyOf`.
pub(super) fn choices(schema: &Value) -> Option<&Vec<Value>> {
    ["oneOf", "anyOf"].iter().find_map(|key| schema.get(*key).and_then(Value::as_array)).filter(|list| !list.is_empty())
}

/// A schema without its branches, if any other keyword constrains values.
fn without_choices(schema: &Value) -> Option<Value> {
    const ANNOTATIONS: [&str; 7] =
        ["oneOf", "anyOf", "discriminator", "title", "description", "nullable", "x-nullable"];
    let map = schema.as_object()?;
    map.keys().any(|key| !ANNOTATIONS.contains(&key.as_str())).then(|| {
        let mut map = map.clone();
        map.retain(|key, _| !ANNOTATIONS.contains(&key.as_str()));
        Value::Object(map)
    })
}

impl<R: Rng> Maker<'_, R> {
    /// A value for a schema with branches.
    pub(super) fn make_choice(&mut self, schema: &Value, choices: &[Value], name: &str, depth: usize) -> Value {
        let choice = &choices[self.variant % choices.len()];
        // Further variants are variants of the branch.
        let outer = self.variant;
        self.variant = outer / choices.len();
        let root = self.root;
        let value = match without_choices(schema) {
            Some(rest) => self.make(&merge(root.follow(choice), &rest), name, depth + 1),
            None => self.make(choice, name, depth + 1),
        };
        self.variant = outer;
        match (Discriminator::of(schema), value) {
            (Some(discriminator), Value::Object(mut map)) => {
                if let Some(value) = discriminator.value_of(choice) {
                    map.insert(discriminator.property.clone(), value.into());
                }
                Value::Object(map)
            }
            (_, value) => value,
        }
    }

    /// A value for a schema with `allOf`.
    pub(super) fn make_all_of(&mut self, schema: &Value, name: &str, depth: usize) -> Value {
        let root = self.root;
        let parts = || schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        let is_object = |part: &Value| {
            let part = root.follow(part);
            kind_of(part) == Some("object") || part.get("required").is_some() || part.get("allOf").is_some()
        };
        if parts().count() > 1 && !parts().any(is_object) && !is_object(schema) {
            let mut own = schema.clone();
            if let Value::Object(own) = &mut own {
                own.shift_remove("allOf");
            }
            let merged = parts().fold(own, |merged, part| merge(&merged, root.follow(part)));
            return self.make(&merged, name, depth + 1);
        }
        let mut whole = self.make_object(schema, depth);
        let mut scalar = None;
        for part in parts() {
            match self.make(part, name, depth + 1) {
                Value::Object(members) => add_members(&mut whole, members, root.follow(part)),
                Value::Null => {}
                value => scalar = Some(value),
            }
        }
        match scalar {
            Some(value) if whole.is_empty() => value,
            _ => Value::Object(whole),
        }
    }
}

/// Adds the members that were made for a part of an `allOf`. A member that the part requires without a property of its
/// own is a placeholder, and does not replace what another part describes.
fn add_members(whole: &mut Map<String, Value>, members: Map<String, Value>, part: &Value) {
    let is_placeholder = |name: &str| {
        ["allOf", "oneOf", "anyOf"].iter().all(|key| part.get(*key).is_none())
            && part.get("properties").is_none_or(|known| known.get(name).is_none())
    };
    for (name, value) in members {
        if !(whole.contains_key(&name) && is_placeholder(&name)) {
            whole.insert(name, value);
        }
    }
}
