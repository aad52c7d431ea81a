//! Stores the contract's examples as records, so that ids from the documentation exist and lists are not empty.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use compact_str::CompactString;
use http::Method;
use indexmap::IndexMap;
use rayon::prelude::*;
use serde_json::{Map, Value};

use super::body::scalar;
use super::example::read_parameter;
use crate::model::{FieldValue, Fields, Ownership, Record};
use crate::openapi::record_path::id_name;
use crate::openapi::template::parameter_names;
use crate::openapi::{Contract, MediaSpec, Operation, RoleKind, Schema};
use crate::request::State;

/// Stores the examples of every kind that has no records yet. A kind without an example that clients cannot create gets one
/// record generated from its schema. The records belong to the first owner in the store.
pub fn seed_examples(contract: &Contract, state: &mut State) {
    let ownership = Arc::clone(&state.ownership);
    let owner = state.store.all(&ownership.kind).next().map(|owner| owner.id.clone());
    // Handlers rely on required fields, which an example may lack.
    let is_strict = |kind: &str| {
        contract.resources.get(kind).is_some_and(|resource| resource.fields.iter().any(|field| field.required))
    };
    let collections = contract.operations.iter().filter(|operation| operation.role.is_collection);
    let kinds: BTreeSet<&str> = collections.filter_map(|operation| operation.role.resource.as_deref()).collect();
    let mut by_kind: HashMap<&str, Vec<&Operation>> = HashMap::new();
    for operation in &contract.operations {
        by_kind.entry(operation.role.resource.as_deref().unwrap_or_default()).or_default().push(operation);
    }
    let is_inferred = !contract.resources.documented_behaviour_only;
    let kinds = kinds.into_iter().filter(|kind| !is_strict(kind) && state.store.all(kind).next().is_none());
    let kinds: Vec<&str> = kinds.collect();
    let examples = |kind: &&str| {
        let operations = by_kind.get(kind).map(Vec::as_slice).unwrap_or_default();
        records(kind, operations, &ownership, owner.as_ref(), is_inferred)
    };
    let records: Vec<Vec<Record>> = kinds.par_iter().map(examples).collect();
    for record in records.into_iter().flatten() {
        state.store.put(record);
    }
}

/// The records in the examples of the operations on a kind, each once.
fn records(
    kind: &str,
    operations: &[&Operation],
    ownership: &Ownership,
    owner: Option<&CompactString>,
    is_inferred: bool,
) -> Vec<Record> {
    let mut records: IndexMap<CompactString, Fields> = IndexMap::new();
    for operation in sources(operations, is_inferred) {
        // All examples are of records with the same key.
        let own = operation.role.item.and_then(|_| parameter_names(&operation.path).next_back());
        let of_read = || read_parameter(operations.iter().copied(), kind);
        let parameter = own.unwrap_or_else(|| if is_inferred { of_read() } else { "" });
        for (id, document) in documents(operation, kind, parameter, is_inferred) {
            let fields = records.entry(id).or_default();
            add(fields, &document, ownership, owner);
            if is_inferred {
                add_parents(fields, operation);
            }
        }
    }
    records.into_iter().map(|(id, fields)| Record::new(kind, id, fields)).collect()
}

/// The operations on a kind whose examples become records: those with examples, else one whose response is generated.
/// Records that clients can create are not generated.
fn sources<'c>(operations: &[&'c Operation], is_inferred: bool) -> Vec<&'c Operation> {
    let shown = operations.iter().copied().filter(|operation| shows(operation));
    let (with_example, without): (Vec<&Operation>, Vec<&Operation>) =
        shown.partition(|operation| has_example(operation, is_inferred));
    if with_example.is_empty() {
        let creates = |operation: &&Operation| match operation.role.kind {
            RoleKind::Create => true,
            kind => kind == RoleKind::Update && operation.method == Method::PUT && operation.responses.contains(201),
        };
        if is_inferred && without.iter().any(creates) {
            return Vec::new();
        }
        let generated = without.iter().find(|operation| operation.role.kind == RoleKind::List).or(without.first());
        return generated.into_iter().copied().collect();
    }
    with_example
}

/// Sets the parents of the path for which the contract has an example.
fn add_parents(fields: &mut Fields, operation: &Operation) {
    for parent in &operation.role.parents {
        if let Some(id) = operation.path_examples(parent.index).first().and_then(scalar)
            && fields.get(&parent.field()).is_none()
        {
            fields.set(&parent.field(), id);
        }
    }
}

fn shows(operation: &Operation) -> bool {
    matches!(operation.role.kind, RoleKind::List | RoleKind::Read | RoleKind::Create | RoleKind::Update)
}

/// Whether the contract has an example of a record of an operation: in its response, and if `is_inferred` in its schema and
/// of its id.
fn has_example(operation: &Operation, is_inferred: bool) -> bool {
    let media = operation.success_response().and_then(|response| response.first());
    let has_id = || operation.role.item.is_some_and(|item| !operation.path_examples(item).is_empty());
    let has_own = media.is_some_and(|media| !media.is_generated());
    has_own || is_inferred && (has_id() || media.is_some_and(has_schema_example))
}

/// How deep the examples of a schema are looked for.
const MAX_DEPTH: usize = 5;

/// Whether the schema of a response has an example of the record or of one of its fields.
fn has_schema_example(media: &MediaSpec) -> bool {
    fn is_in(schema: &Schema, raw: &Value, depth: usize) -> bool {
        let raw = schema.follow(raw);
        let below = |key: &str| raw.get(key).is_some_and(|below| is_in(schema, below, depth + 1));
        let any = |key: &str| match raw.get(key) {
            Some(Value::Array(list)) => list.iter().any(|part| is_in(schema, part, depth + 1)),
            Some(Value::Object(map)) => map.values().any(|part| is_in(schema, part, depth + 1)),
            _ => false,
        };
        depth < MAX_DEPTH
            && (["example", "examples"].iter().any(|key| raw.get(*key).is_some())
                || below("items")
                || ["properties", "allOf", "oneOf", "anyOf"].into_iter().any(any))
    }
    media.schema.as_ref().is_some_and(|schema| is_in(schema, schema.raw(), 0))
}

/// The records in the examples of an operation, with their ids, which `parameter` names. `is_inferred` tells whether all its examples count, and
/// those of the path, instead of the first one.
fn documents(operation: &Operation, kind: &str, parameter: &str, is_inferred: bool) -> Vec<(CompactString, Value)> {
    let media = operation.success_response().and_then(|response| response.first());
    let samples: Vec<Cow<'_, Value>> = match media {
        Some(media) if is_inferred && !media.is_generated() => {
            media.examples.iter().map(|(_, example)| Cow::Borrowed(example)).collect()
        }
        media => media.and_then(MediaSpec::draft).into_iter().collect(),
    };
    let mut records: Vec<&Value> = Vec::new();
    for sample in &samples {
        let Some(path) = operation.record_path(sample, &[]) else { continue };
        let found = path.field_path.iter().try_fold(&**sample, |value, name| value.get(name));
        match found {
            Some(Value::Array(list)) if path.is_list => {
                records.extend(list.iter().map(|element| path.unwrapped(element)));
            }
            Some(found) if !path.is_list => records.push(found),
            _ => {}
        }
    }
    let with_id = |document: &Value| {
        let name = id_name(document, parameter, kind)?;
        Some((scalar(&document[name])?, document.clone()))
    };
    let mut documents: Vec<(CompactString, Value)> = records.iter().copied().filter_map(with_id).collect();
    let item = operation.role.item.filter(|_| is_inferred);
    for id in item.into_iter().flat_map(|item| operation.path_examples(item)).filter_map(scalar) {
        if !documents.iter().any(|(known, _)| *known == id) {
            let record = records.first().map(|record| (*record).clone()).unwrap_or_else(|| Value::Object(Map::new()));
            documents.push((id, record));
        }
    }
    documents
}

/// Adds the fields that are not set yet; references to an owner become references to `owner`.
fn add(fields: &mut Fields, document: &Value, ownership: &Ownership, owner: Option<&CompactString>) {
    for (name, value) in document.as_object().into_iter().flatten() {
        if fields.get(name).is_none() {
            let owner = owner.filter(|_| ownership.is_field(name));
            fields.set(name, owner.map_or_else(|| FieldValue::from(value), FieldValue::from));
        }
    }
}
