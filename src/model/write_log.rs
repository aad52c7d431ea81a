//! The log of the writes of a request: what it has changed, and how that is taken back.

use std::sync::Arc;

use super::{Change, Record, Store};

/// The writes to a store, in order.
#[derive(Clone, Default)]
pub(super) struct WriteLog {
    changes: Vec<Change>,
    /// What changes have lost besides records, each with the place of its change in the log.
    lost: Vec<(usize, Lost)>,
}

/// What a write replaces besides a record.
#[derive(Clone)]
pub(super) enum Lost {
    /// The highest numeric id of the kind.
    Highest(u64),
    /// The oldest one of the known deleted records.
    Deleted(u64, Arc<Record>),
}

/// A place in the log of a store, to which it can return.
#[derive(Clone, Copy, Debug)]
pub struct LogMark {
    length: usize,
    changes: u64,
}

impl WriteLog {
    pub(super) fn add(&mut self, change: Change, lost: Option<Lost>) {
        self.lost.extend(lost.map(|lost| (self.changes.len(), lost)));
        self.changes.push(change);
    }

    /// Removes the last change, with what it has lost.
    fn pop(&mut self) -> Option<(Change, Option<Lost>)> {
        let change = self.changes.pop()?;
        let lost = self.lost.pop_if(|(place, _)| *place == self.changes.len());
        Some((change, lost.map(|(_, lost)| lost)))
    }
}

impl Store {
    /// Logs all writes from now on.
    pub fn start_log(&mut self) {
        match &mut self.log {
            Some(log) => {
                log.changes.clear();
                log.lost.clear();
            }
            log => *log = Some(WriteLog::default()),
        }
    }

    /// The writes since [`Store::start_log`], in order.
    pub fn log(&self) -> &[Change] {
        self.log.as_ref().map_or(&[], |log| &log.changes)
    }

    /// The writes since [`Store::start_log`], in order. Further writes are not logged.
    pub fn take_log(&mut self) -> Vec<Change> {
        self.log.take().unwrap_or_default().changes
    }

    /// The place in the log before the next write. The log starts if it has not.
    pub fn mark_log(&mut self) -> LogMark {
        let length = self.log.get_or_insert_default().changes.len();
        LogMark { length, changes: self.changes }
    }

    /// Takes the writes since a place in the log back, the last one first. The records, their order, what is known of deleted ones
    /// and the next numeric ids are then as they were.
    pub fn undo_log(&mut self, mark: LogMark) {
        let Some(mut log) = self.log.take() else { return };
        while log.changes.len() > mark.length
            && let Some((change, lost)) = log.pop()
        {
            self.undo(change, lost);
        }
        self.changes = mark.changes;
        self.log = Some(log);
    }

    fn undo(&mut self, Change { before, after }: Change, lost: Option<Lost>) {
        match (before, after) {
            (Some(before), Some(_)) => {
                self.put(Arc::unwrap_or_clone(before));
            }
            (Some(before), None) => {
                let table = self.tables.get_mut(before.kind.as_str()).map(Arc::make_mut);
                let place = table.and_then(|table| table.removed.pop_back()).map(|(place, _)| place);
                self.insert(Arc::unwrap_or_clone(before), place);
            }
            (None, Some(after)) => self.undo_creation(&after, &lost),
            (None, None) => {}
        }
        if let Some(Lost::Deleted(place, record)) = lost
            && let Some(table) = self.tables.get_mut(record.kind.as_str()).map(Arc::make_mut)
        {
            table.removed.push_front((place, record));
        }
    }

    fn undo_creation(&mut self, record: &Record, lost: &Option<Lost>) {
        self.take_out(&record.kind, &record.id);
        let Some(table) = self.tables.get_mut(record.kind.as_str()).map(Arc::make_mut) else { return };
        if let Some(Lost::Highest(highest)) = lost {
            table.highest = *highest;
        }
        if table.in_order.is_empty() && table.removed.is_empty() && table.highest == 0 {
            self.tables.remove(record.kind.as_str());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fields, MAX_REMOVED};

    /// All that can be read of a store.
    fn contents(store: &Store) -> Vec<String> {
        let mut kinds: Vec<String> = store
            .kinds()
            .map(|(kind, _)| {
                let records: Vec<_> = store.after(kind, 0).collect();
                format!("{kind} {} {records:?} {:?}", store.next_number(kind), store.deleted(kind))
            })
            .collect();
        kinds.push(format!("{} {}", store.len(), store.changes()));
        kinds
    }

    fn put(store: &mut Store, kind: &str, id: &str, value: i64) {
        store.put(Record::new(kind, id, Fields::new().with("value", value)));
    }

    #[test]
    fn a_store_returns_to_a_place_in_its_log_with_order_numbers_and_deleted_records() {
        let mut store = Store::default();
        (1..=400).for_each(|id| put(&mut store, "order", &id.to_string(), 0));
        // As many deleted records as a store remembers.
        (1..=MAX_REMOVED).for_each(|id| assert!(store.remove("order", &id.to_string())));
        store.start_log();
        put(&mut store, "client", "a", 1);
        let before = contents(&store);
        let mark = store.mark_log();
        put(&mut store, "order", "300", 5);
        put(&mut store, "order", "1000", 5);
        put(&mut store, "order", "x", 5);
        assert!(store.remove("order", "350"));
        assert!(store.remove("order", "1000"));
        put(&mut store, "order", "350", 6);
        put(&mut store, "invoice", "7", 0);
        assert!(store.remove("client", "a"));
        assert_ne!(contents(&store), before);
        store.undo_log(mark);
        assert_eq!(contents(&store), before);
        assert_eq!(store.take_log().len(), 1);
    }
}
