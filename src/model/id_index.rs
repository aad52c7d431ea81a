//! Finds the records of a kind by their ids.

use std::sync::Arc;

use super::index::InOrder;
use super::key_index::hash;
use super::{ByName, Record};

/// The index of each record in the order of creation, by its id.
///
/// It contains no ids: the records have them, and a map of numbers takes a sixth of the memory of a map of texts. It contains no
/// records either: copying a node of a map increments the reference count of each record in it, which reads each from memory.
#[derive(Clone, Default)]
pub(super) struct IdIndex {
    by_hash: imbl::OrdMap<u64, u64>,
    /// The records whose hash another one already had.
    others: ByName<u64>,
}

impl IdIndex {
    /// The record with an id, and its index.
    pub(super) fn get<'r>(&self, id: &str, records: &'r InOrder) -> Option<(u64, &'r Arc<Record>)> {
        let record = |index: &u64| Some((*index, records.get(index)?));
        let found = self.by_hash.get(&hash(id)).and_then(record).filter(|(_, record)| record.id == id);
        found.or_else(|| if self.others.is_empty() { None } else { record(self.others.get(id)?) })
    }

    /// Adds a record, whose id no other one has.
    pub(super) fn add(&mut self, id: &str, index: u64) {
        let hash = hash(id);
        if let Some(known) = self.by_hash.insert(hash, index) {
            self.by_hash.insert(hash, known);
            self.others.insert(id.into(), index);
        }
    }

    /// Removes the record with an id. Returns its index.
    pub(super) fn remove(&mut self, id: &str, records: &InOrder) -> Option<u64> {
        let hash = hash(id);
        let known = self.by_hash.get(&hash).and_then(|index| records.get(index));
        match known.is_some_and(|record| record.id == id) {
            true => self.by_hash.remove(&hash),
            false => self.others.remove(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Fields;
    use super::*;

    #[test]
    fn records_with_the_same_hash_are_told_apart() {
        let records: InOrder = ["a", "b", "c"]
            .into_iter()
            .zip(1_u64..)
            .map(|(id, index)| (index, Arc::new(Record::new("cat", id, Fields::new()))))
            .collect();
        let mut ids = IdIndex::default();
        ids.add("a", 1);
        // As if `b` had the hash of `a`.
        ids.by_hash.insert(hash("b"), 1);
        ids.add("b", 2);
        ids.add("c", 3);
        let index = |ids: &IdIndex, id: &str| ids.get(id, &records).map(|(index, _)| index);
        assert_eq!(["a", "b", "c", "d"].map(|id| index(&ids, id)), [Some(1), Some(2), Some(3), None]);
        assert_eq!(ids.remove("b", &records), Some(2));
        assert_eq!((index(&ids, "b"), ids.remove("b", &records), index(&ids, "a")), (None, None, Some(1)));
        assert_eq!((ids.remove("a", &records), index(&ids, "a")), (Some(1), None));
    }
}
