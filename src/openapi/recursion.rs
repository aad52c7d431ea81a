//! How deep a value may be so that a schema which contains itself is checked in bounded time.
//!
//! A schema that leads back to itself by several ways at one place (`{oneOf: [self, self, self]}` below each name) has each
//! level of a value visited several times for each visit of the level above: 20 levels of 120 bytes do not end.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

/// So many visits of one place may be.
const MAX_VISITS: f64 = 100_000.0;

/// The depth below which a value is not checked; `None` where any depth may be. `components` are shelves of schemas by
/// name, as the references of `root` name them.
pub(super) fn depth_limit(root: &Value, components: &Map<String, Value>) -> Option<usize> {
    let shelves = components.iter().filter_map(|(shelf, named)| Some((shelf, named.as_object()?)));
    let named = shelves.flat_map(|(shelf, named)| {
        named.iter().map(move |(name, schema)| (format!("#/components/{shelf}/{}", super::escaped(name)), schema))
    });
    let all: HashMap<String, &Value> = named.collect();
    let recursive = recursive(&all);
    if recursive.is_empty() {
        return None;
    }
    let mut count = Count { all: &all, recursive: &recursive, known: HashMap::new(), most: 1 };
    count.field_paths(root);
    for pointer in &recursive {
        count.of_component(pointer);
    }
    (count.most > 1).then(|| (MAX_VISITS.ln() / f64::from(count.most).ln()) as usize)
}

/// The component that a reference leads into.
fn component(target: &str) -> Option<&str> {
    let end = target.match_indices('/').nth(3).map_or(target.len(), |(at, _)| at);
    target.starts_with("#/components/").then_some(&target[..end])
}

fn targets<'v>(value: &'v Value, found: &mut HashSet<&'v str>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str).and_then(component));
            map.values().for_each(|value| targets(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| targets(value, found)),
        _ => {}
    }
}

/// The components that contain themselves, and those between two of them: what is left when those that lead nowhere, and
/// those that nothing leads to, are taken away again and again.
fn recursive<'a>(all: &HashMap<String, &'a Value>) -> HashSet<String> {
    let mut edges: HashMap<&str, HashSet<&'a str>> = HashMap::new();
    for (pointer, schema) in all {
        targets(schema, edges.entry(pointer).or_default());
    }
    let mut left: HashSet<&str> = edges.keys().copied().collect();
    loop {
        let aimed: HashSet<&str> = left.iter().flat_map(|from| edges[from].iter().copied()).collect();
        let stays = |pointer: &&str| aimed.contains(pointer) && edges[pointer].iter().any(|to| left.contains(to));
        let next: HashSet<&str> = left.iter().copied().filter(stays).collect();
        if next.len() == left.len() {
            return left.into_iter().map(str::to_owned).collect();
        }
        left = next;
    }
}

struct Count<'a> {
    all: &'a HashMap<String, &'a Value>,
    recursive: &'a HashSet<String>,
    /// The ways of components; one that is being counted has one.
    known: HashMap<String, u32>,
    /// The most that one place has.
    most: u32,
}

impl Count<'_> {
    fn of_component(&mut self, pointer: &str) -> u32 {
        if let Some(known) = self.known.get(pointer) {
            return *known;
        }
        self.known.insert(pointer.to_owned(), 1);
        let schema = self.all.get(pointer).copied();
        let field_paths = schema.map_or(0, |schema| self.field_paths(schema));
        self.known.insert(pointer.to_owned(), field_paths);
        field_paths
    }

    /// By how many ways a schema leads from one value to schemas of what is in it that contain themselves.
    fn field_paths(&mut self, schema: &Value) -> u32 {
        let Value::Object(map) = schema else { return 0 };
        let mut here: u32 = 0;
        let mut leads_below = false;
        let target = map.get("$ref").and_then(Value::as_str).and_then(component);
        if let Some(target) = target.filter(|target| self.recursive.contains(*target)) {
            here = self.of_component(target);
        }
        for (key, value) in map {
            match (key.as_str(), value) {
                ("oneOf" | "anyOf" | "allOf", Value::Array(list)) => {
                    here = list.iter().fold(here, |sum, member| sum.saturating_add(self.field_paths(member)));
                }
                ("not" | "if" | "then" | "else", value) => here = here.saturating_add(self.field_paths(value)),
                ("properties" | "patternProperties" | "dependentSchemas", Value::Object(named)) => {
                    for value in named.values() {
                        leads_below |= self.field_paths(value) > 0;
                    }
                }
                ("items" | "additionalProperties" | "contains" | "unevaluatedProperties" | "propertyNames", value) => {
                    leads_below |= self.field_paths(value) > 0;
                }
                ("prefixItems", Value::Array(list)) => {
                    for value in list {
                        leads_below |= self.field_paths(value) > 0;
                    }
                }
                _ => {}
            }
        }
        let field_paths = here.saturating_add(u32::from(leads_below)).min(10_000);
        self.most = self.most.max(field_paths);
        field_paths
    }
}
