//! The schemas that describe one object: its own and those that `allOf`, `oneOf` and `anyOf` combine.

use serde_json::Value;

use crate::openapi::Schema;

/// Combinations nested deeper than this are ignored.
const MAX_DEPTH: usize = 16;

/// The schemas of one object.
pub(super) struct ObjectSchemas<'s> {
    schema: &'s Schema,
    all: Vec<&'s Value>,
}

impl<'s> ObjectSchemas<'s> {
    /// The schemas of the object at a path of names; lists on the path stand for their elements.
    pub(super) fn at<'n>(schema: &'s Schema, field_path: impl IntoIterator<Item = &'n str>) -> Self {
        let mut found = Self { schema, all: Vec::new() };
        found.add(schema.raw(), 0);
        field_path.into_iter().fold(found, |found, name| found.below(name))
    }

    /// The schemas of a property that is an object.
    pub(super) fn below(&self, name: &str) -> Self {
        let mut found = Self { schema: self.schema, all: Vec::new() };
        self.parts(name).for_each(|part| found.add(part, 0));
        found
    }

    fn add(&mut self, raw: &'s Value, depth: usize) {
        let raw = self.schema.follow(raw);
        if depth > MAX_DEPTH {
            return;
        }
        if let Some(element) = raw.get("items") {
            return self.add(element, depth + 1);
        }
        self.all.push(raw);
        let parts = ["allOf", "oneOf", "anyOf"].iter().filter_map(|key| raw.get(*key)?.as_array()).flatten();
        parts.for_each(|part| self.add(part, depth + 1));
    }

    fn parts(&self, name: &str) -> impl Iterator<Item = &'s Value> {
        self.all
            .iter()
            .filter_map(move |holder| holder.get("properties")?.get(name))
            .map(|part| self.schema.follow(part))
    }

    /// The names of the declared properties.
    pub(super) fn names(&self) -> impl Iterator<Item = &'s str> {
        let known = self.all.iter().filter_map(|holder| holder.get("properties")?.as_object());
        known.flat_map(|known| known.keys().map(String::as_str))
    }

    /// The first schema of a property.
    pub(super) fn part(&self, name: &str) -> Option<&'s Value> {
        self.parts(name).next()
    }

    /// Whether the object may have properties that are not declared.
    pub(super) fn allows_others(&self) -> bool {
        self.all.iter().all(|holder| holder.get("additionalProperties") != Some(&Value::Bool(false)))
    }

    /// Whether the contract says that the object may have members of any name.
    pub(super) fn is_open(&self) -> bool {
        let mut rules = self.all.iter().filter_map(|holder| holder.get("additionalProperties")).peekable();
        rules.peek().is_some() && rules.all(|rule| *rule != Value::Bool(false))
    }

    /// Whether a property is required.
    pub(super) fn requires(&self, name: &str) -> bool {
        let mut named = self.all.iter().filter_map(|holder| holder.get("required")?.as_array()).flatten();
        named.any(|known| known.as_str() == Some(name))
    }
}

/// Whether a schema allows null. `nullable` without `type` has no effect, as in OpenAPI 3.0, and an `enum` must list null.
pub(super) fn allows_null(schema: &Value) -> bool {
    let is_nullable = || ["nullable", "x-nullable"].iter().any(|key| schema.get(*key) == Some(&Value::Bool(true)));
    if schema.get("enum").and_then(Value::as_array).is_some_and(|values| !values.contains(&Value::Null)) {
        return false;
    }
    match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "null") || is_nullable(),
        Some(_) => is_nullable(),
        None => ["oneOf", "anyOf", "allOf", "enum", "const", "not"].iter().all(|key| schema.get(*key).is_none()),
    }
}
