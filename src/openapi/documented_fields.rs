//! The fields that the contracts document for a kind of record without an entry in a resources file.

use std::cell::OnceCell;

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
    /// The schema of each name, when it is first needed: it is compiled once for all records.
    schemas: Vec<OnceCell<Option<Schema>>>,
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
        let schemas = names.iter().map(|_| OnceCell::new()).collect();
        Some(Self { records, names, schemas })
    }

    /// The schema of the record in the first response that shows it.
    pub fn record(&self) -> &Schema {
        // There is a name, so there is a schema that has it.
        &self.records[0]
    }

    /// The names, sorted.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether a name is documented.
    pub fn contains(&self, name: &str) -> bool {
        self.index(name).is_some()
    }

    /// The first documented schema of a field in responses.
    pub fn schema(&self, name: &str) -> Option<&Schema> {
        let schema = || self.records.iter().find_map(|record| record.property(name));
        self.schemas[self.index(name)?].get_or_init(schema).as_ref()
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.names.binary_search_by(|known| known.as_str().cmp(name)).ok()
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
