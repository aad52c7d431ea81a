//! Which operations are on which kind of record, and where their responses have it. It is found when a request first needs it.

use std::collections::HashMap;
use std::sync::OnceLock;

use foldhash::fast::RandomState;
use parking_lot::RwLock;

use super::{Operation, RecordPath, Resources, Schema};

/// The records in the documented responses of all operations.
#[derive(Debug, Default)]
pub struct DocumentedRecords(OnceLock<Index>);

#[derive(Debug)]
struct Index {
    /// The operations on each kind, by their indexes, in the order of the contract.
    by_kind: HashMap<Box<str>, Vec<u32>, RandomState>,
    /// One for each operation.
    records: Box<[OnceLock<Box<DocumentedRecord>>]>,
}

/// The record in the documented success of an operation.
#[derive(Debug)]
pub struct DocumentedRecord {
    /// Where it is, by the names that the operation has for it.
    pub path: Option<RecordPath>,
    /// Where it is, also by the plural of its resource.
    pub path_by_plural: Option<RecordPath>,
    /// The schemas of ids of new records, by kind and name of the field.
    pub id_schemas: IdSchemas,
    /// The operations whose path has one segment more, by their indexes.
    below: OnceLock<Box<[u32]>>,
}

/// The schemas of ids of new records that were found so far.
#[derive(Debug, Default)]
pub struct IdSchemas(RwLock<Vec<IdSchema>>);

#[derive(Debug)]
struct IdSchema {
    kind: Box<str>,
    field: Box<str>,
    schema: Option<Schema>,
}

impl DocumentedRecords {
    /// The operations on a kind, by their indexes, in the order of the contract.
    pub fn of_kind(&self, operations: &[Operation], kind: &str) -> &[u32] {
        self.index(operations).by_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    /// The record in the response of an operation, given by its index.
    pub fn of_operation(
        &self,
        operations: &[Operation],
        resources: &Resources,
        index: usize,
    ) -> Option<&DocumentedRecord> {
        let record = self.index(operations).records.get(index)?;
        Some(record.get_or_init(|| Box::new(DocumentedRecord::find(&operations[index], resources))))
    }

    fn index(&self, operations: &[Operation]) -> &Index {
        self.0.get_or_init(|| {
            let mut by_kind: HashMap<Box<str>, Vec<u32>, RandomState> = HashMap::default();
            for (index, operation) in (0..).zip(operations) {
                if let Some(kind) = operation.role.resource.as_deref() {
                    by_kind.entry(kind.into()).or_default().push(index);
                }
            }
            Index { by_kind, records: operations.iter().map(|_| OnceLock::new()).collect() }
        })
    }
}

impl DocumentedRecord {
    fn find(operation: &Operation, resources: &Resources) -> Self {
        let sample = operation.success_response().and_then(|response| response.first()?.sample());
        let kind = operation.role.resource.as_deref().unwrap_or_default();
        let plural = resources.get(kind).map_or("", |resource| &resource.plural);
        let path = |names: &[&str]| operation.record_path(sample?, names);
        let (id_schemas, below) = (IdSchemas::default(), OnceLock::new());
        Self { path: path(&[]), path_by_plural: path(&[plural]), id_schemas, below }
    }

    /// The operations whose path has one segment more than `path`, that of the operation itself, by their indexes.
    pub fn operations_below(&self, operations: &[Operation], path: &str) -> &[u32] {
        let is_below = |operation: &Operation| {
            let below = operation.path.strip_prefix(path.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/'));
            below.is_some_and(|below| !below.contains('/'))
        };
        self.below.get_or_init(|| {
            let operations = (0..).zip(operations);
            operations.filter(|(_, operation)| is_below(operation)).map(|(index, _)| index).collect()
        })
    }
}

impl IdSchemas {
    /// The schema for a kind and a field, which is found once.
    pub fn get_or_find(&self, kind: &str, field: &str, find: impl FnOnce() -> Option<Schema>) -> Option<Schema> {
        let is_wanted = |known: &&IdSchema| *known.kind == *kind && *known.field == *field;
        // The lock is released before `find`.
        let known = self.0.read().iter().find(is_wanted).map(|known| known.schema.clone());
        known.unwrap_or_else(|| {
            let schema = find();
            self.0.write().push(IdSchema { kind: kind.into(), field: field.into(), schema: schema.clone() });
            schema
        })
    }
}
