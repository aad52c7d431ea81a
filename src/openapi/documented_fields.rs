//! The fields that the contracts document for a kind of record without an entry in a resources file.

use super::operation::Operation;
use super::role::RoleKind;
use super::template::parameter_names;
use super::{Contract, Schema};

/// The documented fields of a kind of record.
pub struct DocumentedFields {
    /// Schemas of the record in responses.
    records: Vec<Schema>,
    /// Names in responses, request bodies and paths.
    names: Vec<String>,
}

impl DocumentedFields {
    /// What all operations on records of this kind document. `None` if the contracts name no field of it.
    pub fn of(contract: &Contract, kind: &str) -> Option<Self> {
        let of_kind = |operation: &&Operation| operation.role.resource.as_deref() == Some(kind);
        let operations: Vec<&Operation> = contract.operations.iter().filter(of_kind).collect();
        let shown = |operation: &&&Operation| {
            matches!(operation.role.kind, RoleKind::List | RoleKind::Read | RoleKind::Create | RoleKind::Update)
        };
        let records: Vec<Schema> =
            operations.iter().filter(shown).filter_map(|operation| record_schema(operation)).collect();
        let mut names: Vec<String> = records.iter().flat_map(Schema::property_names).collect();
        if names.is_empty() {
            return None;
        }
        for operation in operations {
            names.extend(parameter_names(&operation.path).map(str::to_owned));
            let body = operation.body.as_ref().map(|body| &body.schema);
            names.extend(body.into_iter().flat_map(|schema| {
                let envelope = schema.part(&[kind]);
                envelope.as_ref().unwrap_or(schema).property_names()
            }));
        }
        names.sort();
        names.dedup();
        Some(Self { records, names })
    }

    /// The names, sorted.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The first documented schema of a field in responses.
    pub fn schema(&self, name: &str) -> Option<Schema> {
        self.records.iter().find_map(|record| record.property(name))
    }
}

/// The schema of the record in the success response of an operation.
fn record_schema(operation: &Operation) -> Option<Schema> {
    let media = operation.success_response()?.first()?;
    let sample = media.sample()?;
    let path = operation.record_path(sample, &[])?;
    let names: Vec<&str> = path.names().collect();
    media.schema.as_ref()?.part(&names)
}
