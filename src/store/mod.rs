//! What a world remembers: records by kind and id, in the order in which they came.
//!
//! A [`Store`] is made of persistent maps, so that a fork or a snapshot of any number of records is a few
//! reference counts, and a reset is the snapshot again.

mod datum;
mod names;
mod record;

pub use datum::{Datum, Fields, decimal_text};
pub use names::{FieldNames, Hint};
pub use record::Record;

use std::sync::Arc;

use compact_str::CompactString;
use foldhash::fast::RandomState;

/// How many records one world holds at most: what comes over the network is bounded in count.
pub const MAX_RECORDS: usize = 1_000_000;

/// The records of one world.
#[derive(Clone, Default)]
pub struct Store {
    tables: imbl::OrdMap<CompactString, Table>,
    next: u64,
    count: usize,
}

/// From an id to a row. Every call looks for several, and the hash of the standard library takes longer than all else.
type Places = imbl::GenericHashMap<CompactString, u64, RandomState, imbl::shared_ptr::DefaultSharedPtr>;

#[derive(Clone, Default)]
struct Table {
    places: Places,
    rows: imbl::OrdMap<u64, Arc<Record>>,
    /// The highest id that is a number, also of records that are gone.
    highest: u64,
}

impl Store {
    /// The record of that kind and id.
    pub fn get(&self, kind: &str, id: &str) -> Option<&Arc<Record>> {
        let table = self.tables.get(kind)?;
        table.rows.get(table.places.get(id)?)
    }

    /// All records of a kind, oldest first.
    pub fn all(&self, kind: &str) -> impl DoubleEndedIterator<Item = &Arc<Record>> {
        self.tables.get(kind).into_iter().flat_map(|table| table.rows.values())
    }

    /// The kinds that have records, and how many.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, usize)> {
        self.tables.iter().map(|(kind, table)| (kind.as_str(), table.rows.len()))
    }

    /// How many records there are in all.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no record at all.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The next id of a kind whose ids are numbers: none is used twice.
    pub fn next_number(&self, kind: &str) -> u64 {
        self.tables.get(kind).map_or(0, |table| table.highest) + 1
    }

    /// Forgets a record; `false` when there is none.
    pub fn remove(&mut self, kind: &str, id: &str) -> bool {
        let Some(table) = self.tables.get_mut(kind) else { return false };
        let Some(place) = table.places.remove(id) else { return false };
        table.rows.remove(&place);
        self.count -= 1;
        true
    }

    /// Remembers a record: a new one comes last, a changed one stays at its place.
    pub fn put(&mut self, record: Record) -> Arc<Record> {
        let record = Arc::new(record);
        let table = match self.tables.get_mut(record.kind.as_str()) {
            Some(table) => table,
            None => self.tables.entry(record.kind.clone()).or_default(),
        };
        let place = match table.places.get(record.id.as_str()) {
            Some(place) => *place,
            None => {
                self.next += 1;
                self.count += 1;
                table.places.insert(record.id.clone(), self.next);
                if let Some(number) = record.id.parse::<u64>().ok().filter(|_| record.id.len() < 16) {
                    table.highest = table.highest.max(number);
                }
                self.next
            }
        };
        table.rows.insert(place, Arc::clone(&record));
        record
    }
}
