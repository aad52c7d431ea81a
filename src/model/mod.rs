//! What a world remembers: records by kind and id, in the order in which they came.
//!
//! A [`Store`] is made of persistent maps, so that a fork or a snapshot of any number of records is a few
//! reference counts, and a reset is the snapshot again.

mod field_names;
mod ownership;
mod record;
mod value;

pub use field_names::{FieldNames, Hint};
pub use ownership::{Ownership, Subject, Through};
pub use record::Record;
pub use value::{FieldValue, Fields, decimal_text};

use std::sync::Arc;

use compact_str::CompactString;
use foldhash::fast::RandomState;

/// How many records one world holds at most: what comes over the network is bounded in count.
pub const MAX_RECORDS: usize = 3_000_000;

/// By kind or by id. Every call looks for several, and the hash of the standard library takes longer than all else.
type ByName<V> = imbl::GenericHashMap<CompactString, V, RandomState, imbl::shared_ptr::DefaultSharedPtr>;

/// The records of one world.
#[derive(Clone, Default)]
pub struct Store {
    tables: ByName<Table>,
    next: u64,
    count: usize,
    changes: u64,
}

#[derive(Clone, Default)]
struct Table {
    by_id: ByName<Row>,
    in_order: imbl::OrdMap<u64, Arc<Record>>,
    /// The highest id that is a number, also of records that are gone.
    highest: u64,
}

/// A record and its place in the order.
#[derive(Clone)]
struct Row {
    index: u64,
    record: Arc<Record>,
}

impl Store {
    /// The record of that kind and id.
    pub fn get(&self, kind: &str, id: &str) -> Option<&Arc<Record>> {
        self.tables.get(kind)?.by_id.get(id).map(|row| &row.record)
    }

    /// All records of a kind, oldest first.
    pub fn all(&self, kind: &str) -> impl DoubleEndedIterator<Item = &Arc<Record>> {
        self.tables.get(kind).into_iter().flat_map(|table| table.in_order.values())
    }

    /// The kinds that have records, by their names, and how many.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, usize)> {
        let mut kinds: Vec<_> = self.tables.iter().map(|(kind, table)| (kind.as_str(), table.in_order.len())).collect();
        kinds.sort_unstable();
        kinds.into_iter()
    }

    /// How many records there are in all.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no record at all.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How often something was remembered or forgotten.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// The next id of a kind whose ids are numbers: none is used twice.
    pub fn next_number(&self, kind: &str) -> u64 {
        self.tables.get(kind).map_or(0, |table| table.highest) + 1
    }

    /// Forgets a record; `false` when there is none.
    pub fn remove(&mut self, kind: &str, id: &str) -> bool {
        let Some(table) = self.tables.get_mut(kind) else { return false };
        let Some(row) = table.by_id.remove(id) else { return false };
        table.in_order.remove(&row.index);
        self.count -= 1;
        self.changes += 1;
        true
    }

    /// Remembers a record: a new one comes last, a changed one stays at its place.
    pub fn put(&mut self, record: Record) -> Arc<Record> {
        let record = Arc::new(record);
        let table = match self.tables.get_mut(record.kind.as_str()) {
            Some(table) => table,
            None => self.tables.entry(record.kind.clone()).or_default(),
        };
        let row = Row { index: self.next + 1, record: Arc::clone(&record) };
        let index = match table.by_id.insert(record.id.clone(), row) {
            Some(before) => {
                if let Some(row) = table.by_id.get_mut(record.id.as_str()) {
                    row.index = before.index;
                }
                before.index
            }
            None => {
                self.next += 1;
                self.count += 1;
                if let Some(number) = record.id.parse::<u64>().ok().filter(|_| record.id.len() < 16) {
                    table.highest = table.highest.max(number);
                }
                self.next
            }
        };
        table.in_order.insert(index, Arc::clone(&record));
        self.changes += 1;
        record
    }
}
