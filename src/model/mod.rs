//! Records and the store that holds them, by kind and id, in the order of creation.
//!
//! A [`Store`] consists of persistent maps: a fork or snapshot copies a few reference counts, however many records there
//! are, and a reset restores the snapshot.

mod change;
mod compact_json;
mod exact_json;
pub mod exact_number;
mod field_names;
mod fields;
mod history;
mod id_index;
mod index;
mod key_index;
mod memory;
mod orders;
mod ownership;
mod place_counts;
mod record;
mod search;
mod short_id;
mod signatures;
mod sorted_list;
mod time_span;
mod time_text;
mod value;
mod write_log;

pub use change::{Change, merge_changes};
pub use compact_json::{clone_compact, compact};
pub use exact_json::write_json_text;
pub use field_names::{FieldNames, Hint};
pub use fields::Fields;
pub use index::{Indexes, KindIndex, ListOrder, Texts};
pub use key_index::{KeyNames, NamedParent, ParentKey};
pub use memory::{MemoryFull, MemoryMeter};
pub use orders::{Compare, SortOrder, Sorted};
pub use ownership::{Ownership, Subject, Through, token_field};
pub use record::Record;
pub use short_id::{MAX_SHORT_ID, is_short_id};
pub use time_span::{TimeSpan, TimeSpanError};
pub use time_text::time_text;
pub use value::{FieldValue, decimal_text};
pub use write_log::LogMark;

use std::sync::Arc;

use compact_str::CompactString;
use foldhash::fast::RandomState;

use self::field_names::KnownNames;
use self::id_index::IdIndex;
use self::index::{InOrder, MIN_INDEXED, TableIndex};
use self::key_index::KeyIndex;
use self::orders::Orders;
use self::place_counts::PlaceCounts;
use self::write_log::{Lost, WriteLog};

/// Maximum number of records in one store, because clients can create records without end.
pub const MAX_RECORDS: usize = 3_000_000;

/// Number of deleted records of each kind whose places in the order are known.
const MAX_REMOVED: usize = 256;

/// A map by kind or id. The hasher of the standard library would take most of the time of a lookup.
type ByName<V> = imbl::GenericHashMap<CompactString, V, RandomState, imbl::shared_ptr::DefaultSharedPtr>;

/// The records of one session.
#[derive(Clone, Default)]
pub struct Store {
    /// Each table is shared by itself: a fork that writes to one kind copies nothing of the others.
    tables: ByName<Arc<Table>>,
    next: u64,
    count: usize,
    changes: u64,
    /// The writes since [`Store::start_log`]; `None` if they are not logged.
    log: Option<WriteLog>,
    /// Counts the memory of all records that are written.
    meter: Arc<MemoryMeter>,
    /// By what records are found.
    indexes: Arc<Indexes>,
    /// In which orders they were listed.
    orders: Arc<Orders>,
}

#[derive(Clone, Default)]
struct Table {
    by_id: IdIndex,
    in_order: InOrder,
    names: KnownNames,
    /// The records that were deleted last, with their indexes.
    removed: imbl::Vector<(u64, Arc<Record>)>,
    /// The highest numeric id, including those of deleted records.
    highest: u64,
    /// From a certain number of records, if records of the kind are found by something.
    index: Option<TableIndex>,
    /// From the same number of records.
    keys: Option<KeyIndex>,
    counts: Option<PlaceCounts>,
}

impl Table {
    /// The record with an id, and its index in the order of creation.
    fn get(&self, id: &str) -> Option<(u64, &Arc<Record>)> {
        self.by_id.get(id, &self.in_order)
    }

    /// Adds a deleted record. Returns the oldest one if it is forgotten.
    fn remember(&mut self, index: u64, record: Arc<Record>) -> Option<(u64, Arc<Record>)> {
        let forgotten = if self.removed.len() == MAX_REMOVED { self.removed.pop_front() } else { None };
        self.removed.push_back((index, record));
        forgotten
    }

    /// Keeps the index up to date after a record was put at a place.
    fn update_index(&mut self, indexes: &Indexes, place: u64, before: Option<&Record>, record: &Record) {
        if before.is_none() {
            self.count_added(place);
        }
        let begins = self.in_order.len() == MIN_INDEXED;
        match &mut self.keys {
            Some(keys) => keys.put(place, before, record),
            None if begins => self.keys = Some(KeyIndex::new(&indexes.key_names, &self.in_order)),
            None => {}
        }
        match &mut self.index {
            Some(index) => index.put(place, before, record, &self.in_order),
            None if begins => {
                let plan = indexes.of(&record.kind);
                self.index = plan.map(|plan| TableIndex::new(plan, &self.in_order));
            }
            None => {}
        }
    }
}

impl Store {
    /// The record with a kind and id.
    pub fn get(&self, kind: &str, id: &str) -> Option<&Arc<Record>> {
        Some(self.tables.get(kind)?.get(id)?.1)
    }

    /// All records of a kind, oldest first.
    pub fn all(&self, kind: &str) -> impl DoubleEndedIterator<Item = &Arc<Record>> {
        self.tables.get(kind).into_iter().flat_map(|table| table.in_order.values())
    }

    /// The records of a kind after an index in the order of creation, with their indexes. The first record has a higher index
    /// than 0.
    pub fn after(&self, kind: &str, index: u64) -> impl Iterator<Item = (u64, &Arc<Record>)> {
        let table = self.tables.get(kind).into_iter();
        table.flat_map(move |table| table.in_order.range(index + 1..)).map(|(index, record)| (*index, record))
    }

    /// A record that was deleted lately and does not exist again, with its place in the order.
    pub fn removed(&self, kind: &str, id: &str) -> Option<&(u64, Arc<Record>)> {
        let table = self.tables.get(kind).filter(|table| table.get(id).is_none())?;
        table.removed.iter().rev().find(|(_, record)| record.id == id)
    }

    /// All records of a kind, oldest first, with a deleted record in its place.
    pub fn all_and<'s>(
        &'s self,
        kind: &str,
        removed: Option<&'s (u64, Arc<Record>)>,
    ) -> impl Iterator<Item = &'s Arc<Record>> {
        let table = self.tables.get(kind);
        let index = removed.map_or(0, |(index, _)| *index);
        let before = table.into_iter().flat_map(move |table| table.in_order.range(..index));
        let after = table.into_iter().flat_map(move |table| table.in_order.range(index..));
        let removed = removed.map(|(_, record)| record);
        before.map(|(_, record)| record).chain(removed).chain(after.map(|(_, record)| record))
    }

    /// The kinds with records, sorted by name, and the number of records of each.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, usize)> {
        let mut kinds: Vec<_> = self.tables.iter().map(|(kind, table)| (kind.as_str(), table.in_order.len())).collect();
        kinds.sort_unstable();
        kinds.into_iter()
    }

    /// Whether it is a fork of another store, or the other way round, and nothing was written since.
    pub fn is_same(&self, other: &Self) -> bool {
        self.tables.ptr_eq(&other.tables)
    }

    /// Removes a kind with all its records.
    pub fn remove_kind(&mut self, kind: &str) {
        if let Some(table) = self.tables.remove(kind) {
            self.count -= table.in_order.len();
            self.changes += 1;
        }
    }

    /// Adds the records of each kind that another store has and this one has never had.
    pub fn add_new_kinds(&mut self, other: &Self) {
        for (kind, table) in other.tables.iter() {
            if self.tables.contains_key(kind) {
                continue;
            }
            self.tables.insert(kind.clone(), Arc::clone(table));
            self.count += table.in_order.len();
            self.changes += 1;
        }
        // Records that are added to these kinds come last.
        self.next = self.next.max(other.next);
    }

    /// Number of all records.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Number of writes and deletions so far.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// The next numeric id of a kind. No id is used twice.
    pub fn next_number(&self, kind: &str) -> u64 {
        self.tables.get(kind).map_or(0, |table| table.highest) + 1
    }

    /// Deletes a record; `false` if it does not exist.
    pub fn remove(&mut self, kind: &str, id: &str) -> bool {
        let Some((index, record)) = self.take_out(kind, id) else { return false };
        let table = self.tables.get_mut(kind).map(Arc::make_mut);
        let forgotten = table.and_then(|table| table.remember(index, Arc::clone(&record)));
        if let Some(log) = &mut self.log {
            let lost = forgotten.map(|(place, record)| Lost::Deleted(place, record));
            log.add(Change { before: Some(record), after: None }, lost);
        }
        true
    }

    /// Removes a record without a trace. Returns it with its index.
    fn take_out(&mut self, kind: &str, id: &str) -> Option<(u64, Arc<Record>)> {
        let table = Arc::make_mut(self.tables.get_mut(kind)?);
        let index = table.by_id.remove(id, &table.in_order)?;
        let record = table.in_order.remove(&index)?;
        if let Some(values) = &mut table.index {
            values.remove(index, &record);
        }
        if let Some(keys) = &mut table.keys {
            keys.remove(index, &record);
        }
        table.count_removed(index);
        self.orders.count_write();
        self.count -= 1;
        self.changes += 1;
        Some((index, record))
    }

    /// Inserts a record at the end, or replaces the one with the same kind and id.
    pub fn put(&mut self, record: Record) -> Arc<Record> {
        self.insert(record, None)
    }

    /// Inserts a record at a place, else at the end, or replaces the one with the same kind and id.
    fn insert(&mut self, mut record: Record, place: Option<u64>) -> Arc<Record> {
        let table = match self.tables.get_mut(record.kind.as_str()) {
            Some(table) => table,
            None => self.tables.entry(record.kind.clone()).or_default(),
        };
        let table = Arc::make_mut(table);
        record.fields.share_names(&mut table.names);
        record.charge = self.meter.charge(&record);
        let record = Arc::new(record);
        let new = place.unwrap_or(self.next + 1);
        let mut lost = None;
        let index = match table.get(&record.id) {
            Some((known, _)) => known,
            None => {
                table.by_id.add(&record.id, new);
                self.next = self.next.max(new);
                self.count += 1;
                if let Some(number) = record.number().filter(|number| *number > table.highest) {
                    lost = Some(Lost::Highest(std::mem::replace(&mut table.highest, number)));
                }
                new
            }
        };
        let before = table.in_order.insert(index, Arc::clone(&record));
        table.update_index(&self.indexes, index, before.as_deref(), &record);
        self.orders.count_write();
        self.changes += 1;
        if let Some(log) = &mut self.log {
            log.add(Change { before, after: Some(Arc::clone(&record)) }, lost);
        }
        record
    }

    /// What counts the memory of the records.
    pub fn meter(&self) -> &Arc<MemoryMeter> {
        &self.meter
    }

    /// Counts the memory of all records, also of those to come, with another meter.
    pub fn set_meter(&mut self, meter: &Arc<MemoryMeter>) {
        self.meter = Arc::clone(meter);
        self.replace_all(|record| {
            if record.charge.is_of(meter) {
                return Some(Arc::clone(record));
            }
            let mut counted = Record::clone(record);
            counted.charge = meter.charge(&counted);
            Some(Arc::new(counted))
        });
    }
}
