use serde_json::Value;

use crate::source::{Complaint, Tree};

/// The effect `copy: {from, to}`: a value of the answer stands in a second place as well. Both are JSON pointers; `*` is
/// every element of a list, the same one on both sides. An object that is copied to the top adds its names there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Where the value is.
    pub from: Vec<String>,
    /// Where it stands besides.
    pub to: Vec<String>,
}

impl Copy {
    pub(super) fn read(tree: &Tree) -> Result<Self, Complaint> {
        let mut entries = tree.entries("`copy`")?;
        let way = |tree: &Tree| -> Result<Vec<String>, Complaint> {
            Ok(tree.text()?.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect())
        };
        let copy = Self { from: way(entries.need("from")?)?, to: way(entries.need("to")?)? };
        entries.finish()?;
        Ok(copy)
    }

    /// Copies; says whether anything changed.
    pub fn apply(&self, answer: &mut Value) -> bool {
        copy(answer, &self.from, &self.to)
    }
}

fn copy(at: &mut Value, from: &[String], to: &[String]) -> bool {
    match (from, to) {
        ([star, from @ ..], [other, to @ ..]) if star == "*" && other == "*" => match at {
            Value::Array(list) => list.iter_mut().fold(false, |changed, element| copy(element, from, to) | changed),
            _ => false,
        },
        ([step, from @ ..], [other, to @ ..]) if step == other => {
            at.get_mut(step.as_str()).is_some_and(|below| copy(below, from, to))
        }
        _ => {
            let found = from.iter().try_fold(&*at, |value, step| match step.parse::<usize>() {
                Ok(index) => value.get(index),
                Err(_) => value.get(step),
            });
            let Some(found) = found.cloned() else { return false };
            put(at, to, found)
        }
    }
}

/// Puts a value into an object, making the objects on the way; nothing changes where the same stands already.
pub(super) fn put(into: &mut Value, way: &[String], value: Value) -> bool {
    match (way, into) {
        ([], into @ Value::Object(_)) if value.is_object() => {
            let (Value::Object(map), Value::Object(more)) = (into, value) else { return false };
            let before = map.len();
            for (name, value) in more {
                map.entry(name).or_insert(value);
            }
            map.len() > before
        }
        ([], into) => {
            let changed = *into != value;
            *into = value;
            changed
        }
        ([first, rest @ ..], Value::Object(map)) => {
            let below = map
                .entry(first.clone())
                .or_insert_with(|| if rest.is_empty() { Value::Null } else { Value::Object(Default::default()) });
            match (rest, below.is_object() && value.is_object() && rest.is_empty()) {
                // A whole object replaces what stands under a name.
                ([], true) => {
                    let changed = *below != value;
                    *below = value;
                    changed
                }
                _ => put(below, rest, value),
            }
        }
        ([first, rest @ ..], Value::Array(list)) => {
            match first.parse::<usize>().ok().and_then(|index| list.get_mut(index)) {
                Some(below) => put(below, rest, value),
                None => false,
            }
        }
        _ => false,
    }
}
