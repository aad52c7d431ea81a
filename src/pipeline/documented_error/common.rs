use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::Value;

use crate::openapi::{MediaSpec, Operation, ResponseSpec};

/// Maximum number of different errors that are tried for one response.
const MAX_ERRORS: usize = 8;

/// The errors that the contracts document, the most frequent ones first. They are counted when they are first needed.
#[derive(Default)]
pub(in crate::pipeline) struct CommonErrors {
    by_scope: OnceLock<HashMap<Scope, Vec<Place>>>,
}

/// Name of the contract's file, or all of them; and the status, or all of them.
type Scope = (Option<String>, Option<u16>);

/// An error response: index of its operation, and its index among the errors of that.
type Place = (usize, usize);

impl CommonErrors {
    /// The most frequent errors: first those of the status in the file, then all of the file, then all.
    pub(super) fn of<'o>(&self, operations: &'o [Operation], file: Option<&str>, status: u16) -> Vec<&'o ResponseSpec> {
        let by_scope = self.by_scope.get_or_init(|| count(operations));
        let file = file.map(str::to_owned);
        let scopes = [(file.clone(), Some(status)), (file, None), (None, Some(status)), (None, None)];
        let places = scopes.iter().filter_map(|scope| by_scope.get(scope)).flatten();
        places.filter_map(|(operation, index)| Some(operations[*operation].errors().nth(*index)?.1)).collect()
    }
}

fn count(operations: &[Operation]) -> HashMap<Scope, Vec<Place>> {
    let mut counts: HashMap<Scope, HashMap<String, (usize, Place)>> = HashMap::new();
    for (operation, known) in operations.iter().enumerate() {
        for (index, (status, spec)) in known.errors().enumerate() {
            let Some(shape) = spec.first().and_then(shape) else { continue };
            let file = Some(known.file.to_string());
            let mut scopes = vec![(None, None), (file.clone(), None)];
            if status.is_some() {
                scopes.extend([(None, status), (file, status)]);
            }
            for scope in scopes {
                let entry = counts.entry(scope).or_default().entry(shape.clone()).or_insert((0, (operation, index)));
                entry.0 += 1;
            }
        }
    }
    let sorted = |shapes: HashMap<String, (usize, Place)>| {
        let mut places: Vec<(usize, Place)> = shapes.into_values().collect();
        places.sort_by_key(|(count, place)| (std::cmp::Reverse(*count), *place));
        places.into_iter().take(MAX_ERRORS).map(|(_, place)| place).collect()
    };
    counts.into_iter().map(|(scope, shapes)| (scope, sorted(shapes))).collect()
}

/// What equal errors have in common: the schema, else the names in the example.
fn shape(media: &MediaSpec) -> Option<String> {
    let schema = media.schema.as_ref().map(|schema| schema.raw().to_string());
    schema.or_else(|| {
        let (_, example) = media.examples.first()?;
        let names: Option<Vec<&String>> = example.as_object().map(|map| map.keys().collect());
        Some(names.map_or_else(|| Value::to_string(example), |names| format!("{names:?}")))
    })
}
