//! What a store knows besides its records: deleted records and used numbers. Snapshots contain it.

use std::sync::Arc;

use super::{Record, Store};

impl Store {
    /// The number of records of a kind.
    pub fn count(&self, kind: &str) -> usize {
        self.tables.get(kind).map_or(0, |table| table.in_order.len())
    }

    /// The deleted records of a kind that are still known, in the order of their deletion, each with the number of records that
    /// are before it.
    pub fn deleted(&self, kind: &str) -> Vec<(usize, &Arc<Record>)> {
        let Some(table) = self.tables.get(kind).filter(|table| !table.removed.is_empty()) else { return Vec::new() };
        let mut indexes: Vec<u64> = table.removed.iter().map(|(index, _)| *index).collect();
        indexes.sort_unstable();
        // One pass over the records, not one for each that was deleted.
        let (mut places, mut records) =
            (Vec::with_capacity(indexes.len()), table.in_order.keys().enumerate().peekable());
        for index in &indexes {
            while records.next_if(|(_, known)| **known < *index).is_some() {}
            places.push(records.peek().map_or(table.in_order.len(), |(place, _)| *place));
        }
        let place = |index: u64| indexes.binary_search(&index).map_or(0, |found| places[found]);
        table.removed.iter().map(|(index, record)| (place(*index), record)).collect()
    }

    /// Adds a record to the deleted ones, as the last of them. `place` is the number of records that are before it.
    pub fn add_deleted(&mut self, place: usize, record: Record) {
        let next = self.next + 1;
        let table = Arc::make_mut(self.tables.entry(record.kind.clone()).or_default());
        // The index of the record that follows: `Store::all_and` puts a deleted record before it.
        let index = table.in_order.keys().nth(place).copied().unwrap_or(next);
        table.remember(index, Arc::new(record));
    }

    /// The highest numeric id of a kind so far, if no record has it any more.
    pub fn lost_number(&self, kind: &str) -> Option<u64> {
        let table = self.tables.get(kind)?;
        let of_records = table.in_order.values().filter_map(|record| record.number()).max().unwrap_or(0);
        (table.highest > of_records).then_some(table.highest)
    }

    /// Marks the numeric ids of a kind up to this one as used.
    pub fn use_numbers(&mut self, kind: &str, highest: u64) {
        let table = Arc::make_mut(self.tables.entry(kind.into()).or_default());
        table.highest = table.highest.max(highest);
    }

    /// Replaces each record, also the deleted ones, by another one with the same kind and id, or by none.
    pub fn replace_all(&mut self, mut replace: impl FnMut(&Arc<Record>) -> Option<Arc<Record>>) {
        let kinds: Vec<_> = self.tables.keys().cloned().collect();
        for kind in kinds {
            let Some(table) = self.tables.get_mut(&kind).map(Arc::make_mut) else { continue };
            for (index, record) in table.in_order.clone() {
                match replace(&record) {
                    Some(new) if Arc::ptr_eq(&new, &record) => {}
                    Some(new) => drop(table.in_order.insert(index, new)),
                    None => {
                        table.by_id.remove(&record.id, &table.in_order);
                        table.in_order.remove(&index);
                        self.count -= 1;
                    }
                }
            }
            let removed = std::mem::take(&mut table.removed);
            table.removed =
                removed.into_iter().filter_map(|(index, record)| Some((index, replace(&record)?))).collect();
        }
        self.rebuild_indexes();
        self.changes += 1;
    }
}
