//! Bounds the depth of values that a recursive schema validates.
//!
//! If a schema contains itself along several paths for one field (`{oneOf: [self, self, self]}` below each name), each
//! level of a value is visited several times per visit of the level above: the time is exponential in the depth.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::openapi::escape_pointer;

/// Maximum number of visits of one value.
const MAX_VISITS: f64 = 100_000.0;

/// Maximum depth of values that are validated; `None` if there is no limit. `components` are sections of schemas by name,
/// in the form that the references of `root` address.
pub(super) fn depth_limit(root: &Value, components: &Map<String, Value>) -> Option<usize> {
    let sections = components.iter().filter_map(|(section, named)| Some((section, named.as_object()?)));
    let named = sections.flat_map(|(section, named)| {
        named.iter().map(move |(name, schema)| (format!("#/components/{section}/{}", escape_pointer(name)), schema))
    });
    let all: HashMap<String, &Value> = named.collect();
    let recursive = recursive(&all);
    if recursive.is_empty() {
        return None;
    }
    let mut count = Count { all: &all, recursive: &recursive, known: HashMap::new(), most: 1 };
    count.paths(root);
    for pointer in &recursive {
        count.of_component(pointer);
    }
    (count.most > 1).then(|| (MAX_VISITS.ln() / f64::from(count.most).ln()) as usize)
}

/// The component that a reference points into.
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

/// The components that contain themselves, and those between two of them: what remains after repeatedly removing the
/// components without references to others and those that no other refers to.
fn recursive<'a>(all: &HashMap<String, &'a Value>) -> HashSet<String> {
    let mut edges: HashMap<&str, HashSet<&'a str>> = HashMap::new();
    for (pointer, schema) in all {
        targets(schema, edges.entry(pointer).or_default());
    }
    let mut left: HashSet<&str> = edges.keys().copied().collect();
    loop {
        let targeted: HashSet<&str> = left.iter().flat_map(|from| edges[from].iter().copied()).collect();
        let stays = |pointer: &&str| targeted.contains(pointer) && edges[pointer].iter().any(|to| left.contains(to));
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
    /// Number of paths of each component; 1 while it is being counted.
    known: HashMap<String, u32>,
    /// The highest number of paths for one value.
    most: u32,
}

impl Count<'_> {
    fn of_component(&mut self, pointer: &str) -> u32 {
        if let Some(known) = self.known.get(pointer) {
            return *known;
        }
        self.known.insert(pointer.to_owned(), 1);
        let schema = self.all.get(pointer).copied();
        let paths = schema.map_or(0, |schema| self.paths(schema));
        self.known.insert(pointer.to_owned(), paths);
        paths
    }

    /// Number of paths by which a schema applies recursive schemas to the members of one value.
    fn paths(&mut self, schema: &Value) -> u32 {
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
                    here = list.iter().fold(here, |sum, member| sum.saturating_add(self.paths(member)));
                }
                ("not" | "if" | "then" | "else", value) => here = here.saturating_add(self.paths(value)),
                ("properties" | "patternProperties" | "dependentSchemas", Value::Object(named)) => {
                    for value in named.values() {
                        leads_below |= self.paths(value) > 0;
                    }
                }
                ("items" | "additionalProperties" | "contains" | "unevaluatedProperties" | "propertyNames", value) => {
                    leads_below |= self.paths(value) > 0;
                }
                ("prefixItems", Value::Array(list)) => {
                    for value in list {
                        leads_below |= self.paths(value) > 0;
                    }
                }
                _ => {}
            }
        }
        let paths = here.saturating_add(u32::from(leads_below)).min(10_000);
        self.most = self.most.max(paths);
        paths
    }
}
