//! Bounds the work of validating with a recursive schema.
//!
//! If a schema contains itself along several paths for one field (`{oneOf: [self, self, self]}` below each name), each
//! level of a value is visited several times per visit of the level above: the time is exponential in the depth.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::openapi::escape_pointer;

/// Maximum number of visits to the parts of one value.
const MAX_VISITS: u64 = 100_000;

/// The number of visits that validating a value takes; `None` if there are too many. `paths` is the number of visits to each
/// part for a visit of its parent.
pub(super) fn visits(value: &Value, paths: u32) -> Option<u64> {
    let mut left = MAX_VISITS;
    spend(value, 1, paths.into(), &mut left).then(|| MAX_VISITS - left)
}

/// Counts the visits to the parts of a value that is visited so many times; `false` if none are left.
fn spend(value: &Value, visits: u64, paths: u64, left: &mut u64) -> bool {
    let Some(rest) = left.checked_sub(visits) else { return false };
    *left = rest;
    let below = visits.saturating_mul(paths);
    match value {
        Value::Object(map) => map.values().all(|value| spend(value, below, paths, left)),
        Value::Array(list) => list.iter().all(|value| spend(value, below, paths, left)),
        _ => true,
    }
}

/// Along how many paths a schema applies recursive schemas to one part of a value; `None` if that is one at most.
/// `components` are sections of schemas by name, in the form that the references of `root` address.
pub(super) fn paths_to_parts(root: &Value, components: &Map<String, Value>) -> Option<u32> {
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
    (count.most > 1).then_some(count.most)
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
    let mut targets_of: HashMap<&str, HashSet<&'a str>> = HashMap::new();
    for (pointer, schema) in all {
        targets(schema, targets_of.entry(pointer).or_default());
    }
    targets_of.values_mut().for_each(|found| found.retain(|target| all.contains_key(*target)));
    let mut sources_of: HashMap<&str, HashSet<&str>> = HashMap::new();
    for (pointer, found) in &targets_of {
        for target in found {
            sources_of.entry(target).or_default().insert(pointer);
        }
    }
    let none = HashSet::new();
    let mut left: HashSet<&str> = targets_of.keys().copied().collect();
    for (forward, backward) in [(&targets_of, &sources_of), (&sources_of, &targets_of)] {
        let next = |from: &str| forward.get(from).unwrap_or(&none);
        let mut counts: HashMap<&str, usize> =
            left.iter().map(|from| (*from, next(from).iter().filter(|to| left.contains(*to)).count())).collect();
        let mut ends: Vec<&str> = left.iter().copied().filter(|from| counts[from] == 0).collect();
        while let Some(end) = ends.pop() {
            left.remove(end);
            for before in backward.get(end).unwrap_or(&none) {
                if let Some(count) = counts.get_mut(before).filter(|count| **count > 0) {
                    *count -= 1;
                    if *count == 0 {
                        ends.push(before);
                    }
                }
            }
        }
    }
    left.into_iter().map(str::to_owned).collect()
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
