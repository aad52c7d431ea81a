//! Bounds the work that the schemas of a contract can cause.
//!
//! Each `allOf`, `oneOf` and `anyOf` of nine branches whose branches have nine branches again, and so on for ten levels,
//! takes a few lines in a contract, and 9¹⁰ steps to validate or to list properties. A schema that combines more than
//! [`MAX_SCHEMAS`] others for one value is not enforced: its combinations are removed when the contract is read, with a
//! note, so that nothing else has to count.

use std::collections::HashMap;

use rayon::prelude::*;
use serde_json::{Map, Value};

use super::document::Document;
use super::{Code, Note, escape_pointer};

/// Maximum number of schemas that are combined for one value. The largest unions of well-known contracts have some hundred.
const MAX_SCHEMAS: u64 = 10_000;

/// Maximum length of a chain of combinations: each `$ref` and each combination adds one.
const MAX_CHAIN: usize = 256;

/// The minimum number of paths and components that a thread searches.
const MIN_PARTS: usize = 64;

/// The keywords that combine schemas for one value.
const COMBINING: [&str; 8] = ["allOf", "oneOf", "anyOf", "not", "if", "then", "else", "dependentSchemas"];

/// The beginnings of references to components, those of Swagger 2.0 included.
const COMPONENTS: [&str; 4] = ["#/components", "#/definitions", "#/parameters", "#/responses"];

/// Removes the combinations of schemas that are too large, and notes where.
pub(super) fn limit_composition(document: &mut Document, notes: &mut Vec<Note>) {
    // Nearly all contracts have none, so that they need no pointers.
    if !has_large(&document.root) {
        return;
    }
    let mut count = Count { root: &document.root, known: HashMap::new() };
    let mut large = Vec::new();
    count.find_large(&document.root, &mut String::new(), &mut large);
    let are_objects: Vec<bool> = large.iter().map(|pointer| is_object(&document.root, pointer)).collect();
    for (pointer, is_object) in large.iter().zip(are_objects) {
        if let Some(Value::Object(schema)) = document.root.pointer_mut(pointer) {
            schema.retain(|name, _| !COMBINING.contains(&name.as_str()));
            // A reference to a schema that is too large has the same problem under another name.
            schema.remove("$ref");
            if is_object {
                schema.insert("type".to_owned(), "object".into());
            }
        }
    }
    if let Some(first) = large.first() {
        let others = match large.len() - 1 {
            0 => String::new(),
            others => format!("; so do {others} others"),
        };
        let message = format!("combines more than {MAX_SCHEMAS} schemas for one value, or chains {MAX_CHAIN}{others}");
        notes.push(Note::new(Code::SchemaTooLarge, &document.file, first, message));
    }
}

fn members(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_object().map(Map::values).into_iter().flatten()
}

/// Whether a document has a schema that is too large. Its paths and components are searched on all processors.
fn has_large(root: &Value) -> bool {
    // The operations of paths, and the components of each section.
    let parts: Vec<&Value> = members(root).flat_map(members).flat_map(members).collect();
    // Each thread counts the components that it meets.
    let size = parts.len().div_ceil(rayon::current_num_threads()).max(MIN_PARTS);
    let is_large = |parts: &[&Value]| {
        let mut count = Count { root, known: HashMap::new() };
        parts.iter().any(|part| count.has_large(part))
    };
    parts.par_chunks(size).any(is_large)
}

/// Whether there is a schema below a value that is too large with the components of its document, which may be one of Swagger
/// 2.0 too.
pub(super) fn has_large_below(value: &Value, root: &Value) -> bool {
    Count { root, known: HashMap::new() }.has_large(value)
}

/// Whether the first branch of the first branch, and so on, describes an object.
fn is_object(root: &Value, pointer: &str) -> bool {
    let mut schema = root.pointer(pointer);
    // Deeper ones are rarely anything else.
    for _ in 0..32 {
        let Some(known) = schema else { return false };
        if known.get("type").is_some() || known.get("properties").is_some() {
            return known.get("properties").is_some() || known["type"] == "object";
        }
        schema = match known.get("$ref").and_then(Value::as_str) {
            Some(target) => root.pointer(target.trim_start_matches('#')),
            None => ["allOf", "oneOf", "anyOf"].iter().find_map(|key| known.get(*key)?.get(0)),
        };
    }
    true
}

struct Count<'a> {
    root: &'a Value,
    /// The counts of the components, by pointer; 1 while it is being counted.
    known: HashMap<&'a str, u64>,
}

impl<'a> Count<'a> {
    fn has_large(&mut self, value: &'a Value) -> bool {
        match value {
            Value::Object(map) => self.is_large(map) || map.values().any(|value| self.has_large(value)),
            Value::Array(list) => list.iter().any(|value| self.has_large(value)),
            _ => false,
        }
    }

    fn is_large(&mut self, schema: &'a Map<String, Value>) -> bool {
        // Most objects have few keys: comparing them is faster than looking up each keyword.
        let is_combination = schema.keys().any(|key| key == "$ref" || COMBINING.contains(&key.as_str()));
        is_combination && self.schema(schema, 0) > MAX_SCHEMAS
    }

    /// Finds the schemas that are too large: of those that contain each other, the innermost ones.
    fn find_large(&mut self, value: &'a Value, pointer: &mut String, found: &mut Vec<String>) {
        let length = pointer.len();
        match value {
            Value::Object(map) => {
                let before = found.len();
                for (name, value) in map {
                    pointer.push('/');
                    pointer.push_str(&escape_pointer(name));
                    self.find_large(value, pointer, found);
                    pointer.truncate(length);
                }
                if found.len() == before && self.is_large(map) {
                    found.push(pointer.clone());
                }
            }
            Value::Array(list) => {
                for (index, value) in list.iter().enumerate() {
                    pointer.push('/');
                    pointer.push_str(&index.to_string());
                    self.find_large(value, pointer, found);
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
    }

    /// The number of schemas that are combined for one value, with the schema itself.
    fn schema(&mut self, schema: &'a Map<String, Value>, chain: usize) -> u64 {
        if chain > MAX_CHAIN {
            return MAX_SCHEMAS + 1;
        }
        let mut sum: u64 = 1;
        let mut add = |count: u64| sum = sum.saturating_add(count);
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            add(self.component(target, chain + 1));
        }
        for key in COMBINING {
            match schema.get(key) {
                Some(Value::Array(list)) => {
                    list.iter().filter_map(Value::as_object).for_each(|part| add(self.schema(part, chain + 1)));
                }
                Some(Value::Object(named)) if key == "dependentSchemas" => {
                    named.values().filter_map(Value::as_object).for_each(|part| add(self.schema(part, chain + 1)));
                }
                Some(Value::Object(part)) => add(self.schema(part, chain + 1)),
                _ => {}
            }
        }
        sum
    }

    fn component(&mut self, target: &'a str, chain: usize) -> u64 {
        if let Some(known) = self.known.get(target) {
            return *known;
        }
        let is_component = COMPONENTS.iter().any(|holder| target.starts_with(holder));
        let found = is_component.then(|| self.root.pointer(&target[1..])).flatten();
        let Some(schema) = found.and_then(Value::as_object) else { return 1 };
        self.known.insert(target, 1);
        let count = self.schema(schema, chain);
        self.known.insert(target, count);
        count
    }
}
