//! Stores the contract's examples as records, so that ids from the documentation exist and lists are not empty.

use std::collections::BTreeSet;
use std::sync::Arc;

use compact_str::CompactString;
use serde_json::Value;

use super::body::scalar;
use crate::model::{FieldValue, Fields, Ownership, Record};
use crate::openapi::record_path::id_name;
use crate::openapi::template::parameter_names;
use crate::openapi::{Contract, Operation, RoleKind};
use crate::request::State;

/// Stores the examples of every kind that has no records yet. A kind without an example gets one record generated from its
/// schema. The records belong to the first owner in the store.
pub fn seed_examples(contract: &Contract, state: &mut State) {
    let ownership = Arc::clone(&state.ownership);
    let owner = state.store.all(&ownership.kind).next().map(|owner| owner.id.clone());
    // Handlers rely on required fields, which an example may lack.
    let is_strict = |kind: &str| {
        contract.resources.get(kind).is_some_and(|resource| resource.fields.iter().any(|field| field.required))
    };
    let collections = contract.operations.iter().filter(|operation| operation.role.is_collection);
    let kinds: BTreeSet<&str> = collections.filter_map(|operation| operation.role.resource.as_deref()).collect();
    for kind in kinds.into_iter().filter(|kind| !is_strict(kind)) {
        if state.store.all(kind).next().is_some() {
            continue;
        }
        let shown: Vec<&Operation> = contract.operations.iter().filter(|operation| shows(operation, kind)).collect();
        let (with_example, without): (Vec<&Operation>, Vec<&Operation>) =
            shown.into_iter().partition(|operation| has_example(operation));
        let generated = without.iter().find(|operation| operation.role.kind == RoleKind::List).or(without.first());
        let sources = if with_example.is_empty() { generated.into_iter().copied().collect() } else { with_example };
        for operation in sources {
            for (id, document) in documents(operation, kind) {
                let mut fields = state.store.get(kind, &id).map_or_else(Fields::new, |known| known.fields.clone());
                add(&mut fields, &document, &ownership, owner.as_ref());
                state.store.put(Record { kind: kind.into(), id, fields });
            }
        }
    }
}

fn shows(operation: &Operation, kind: &str) -> bool {
    let shown = matches!(operation.role.kind, RoleKind::List | RoleKind::Read | RoleKind::Create | RoleKind::Update);
    shown && operation.role.resource.as_deref() == Some(kind)
}

fn has_example(operation: &Operation) -> bool {
    let media = operation.success_response().and_then(|response| response.first());
    media.is_some_and(|media| !media.examples.is_empty())
}

/// The records in the example of an operation, with their ids.
fn documents(operation: &Operation, kind: &str) -> Vec<(CompactString, Value)> {
    let read = || {
        let sample = operation.success_response()?.first()?.draft()?;
        let path = operation.record_path(&sample, &[])?;
        let found = path.field_path.iter().try_fold(&sample, |value, name| value.get(name))?;
        Some(if path.is_list { found.as_array()?.clone() } else { vec![found.clone()] })
    };
    let parameter = operation.role.item.and_then(|_| parameter_names(&operation.path).next_back());
    let with_id = |document: Value| {
        let name = id_name(&document, parameter.unwrap_or_default(), kind)?;
        Some((scalar(&document[name])?, document))
    };
    read().unwrap_or_default().into_iter().filter_map(with_id).collect()
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
