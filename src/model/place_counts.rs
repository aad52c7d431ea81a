use std::sync::Arc;

use super::index::MIN_INDEXED;
use super::{Record, Store, Table};

/// The number of places of a block.
const BLOCK: u64 = 1024;

/// How many records each block of places has, so that the record at an index is found without visiting those before it.
#[derive(Clone)]
pub(super) struct PlaceCounts {
    /// By the number of the block; no block is empty.
    blocks: imbl::OrdMap<u64, u32>,
}

impl PlaceCounts {
    fn of(records: &imbl::OrdMap<u64, Arc<Record>>) -> Self {
        let mut counts = Self { blocks: imbl::OrdMap::default() };
        records.keys().for_each(|place| counts.add(*place));
        counts
    }

    fn add(&mut self, place: u64) {
        *self.blocks.entry(place / BLOCK).or_default() += 1;
    }

    fn remove(&mut self, place: u64) {
        let block = place / BLOCK;
        match self.blocks.get_mut(&block) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(self.blocks.remove(&block)),
        }
    }

    /// The first place of the block with the record at an index, and the number of records before it in the block.
    fn seek(&self, mut index: usize) -> (u64, usize) {
        for (block, count) in &self.blocks {
            match index.checked_sub(*count as usize) {
                Some(rest) => index = rest,
                None => return (block * BLOCK, index),
            }
        }
        (u64::MAX, 0)
    }

    /// The number of records in the blocks before that of a place, and the first place of that one.
    fn before(&self, place: u64) -> (usize, u64) {
        let block = place / BLOCK;
        (self.blocks.range(..block).map(|(_, count)| *count as usize).sum(), block * BLOCK)
    }
}

impl Table {
    /// Counts a record at a new place.
    pub(super) fn count_added(&mut self, place: u64) {
        match &mut self.counts {
            Some(counts) => counts.add(place),
            None if self.in_order.len() == MIN_INDEXED => self.recount(),
            None => {}
        }
    }

    /// No longer counts a record that was at a place.
    pub(super) fn count_removed(&mut self, place: u64) {
        if let Some(counts) = &mut self.counts {
            counts.remove(place);
        }
    }

    /// Counts all records anew.
    pub(super) fn recount(&mut self) {
        self.counts = (self.in_order.len() >= MIN_INDEXED).then(|| PlaceCounts::of(&self.in_order));
    }
}

impl Store {
    /// The records of a kind from an index on, oldest first; the oldest one has the index 0.
    pub fn from_index(&self, kind: &str, index: usize) -> impl Iterator<Item = &Arc<Record>> {
        let table = self.tables.get(kind).into_iter();
        table.flat_map(move |table| {
            let (place, rest) = table.counts.as_ref().map_or((0, index), |counts| counts.seek(index));
            table.in_order.range(place..).skip(rest).map(|(_, record)| record)
        })
    }

    /// The index of a record among those of its kind, oldest first.
    pub fn index_of(&self, kind: &str, id: &str) -> Option<usize> {
        Some(self.count_before(kind, self.tables.get(kind)?.get(id)?.0))
    }

    /// The number of records of a kind that are before a place in the order of creation.
    pub fn count_before(&self, kind: &str, place: u64) -> usize {
        let Some(table) = self.tables.get(kind) else { return 0 };
        let (counted, from) = table.counts.as_ref().map_or((0, 0), |counts| counts.before(place));
        counted + table.in_order.range(from..place).count()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Fields, Record, Store};

    fn store(count: usize) -> Store {
        let mut store = Store::default();
        for number in 0..count {
            // Records of other kinds are between them.
            store.put(Record::new("dog", format!("d{number}"), Fields::new()));
            store.put(Record::new("cat", format!("c{number}"), Fields::new()));
        }
        store
    }

    /// Compares what is counted with what is visited.
    fn check(store: &Store) {
        let ids: Vec<&str> = store.all("cat").map(|record| record.id.as_str()).collect();
        for index in (0..ids.len() + 2).step_by(97) {
            let found = store.from_index("cat", index).take(3).map(|record| record.id.as_str());
            assert!(found.eq(ids.iter().skip(index).take(3).copied()), "{index} of {}", ids.len());
            assert_eq!(store.index_of("cat", ids.get(index).unwrap_or(&"none")), (index < ids.len()).then_some(index));
        }
    }

    #[test]
    fn pages_of_the_store_are_those_of_its_order() {
        for count in [0, 5, 255, 256, 257, 5_000] {
            check(&store(count));
        }
    }

    #[test]
    fn pages_follow_removals_replacements_and_forks() {
        let mut store = store(5_000);
        let before = store.clone();
        for number in (0..5_000).filter(|number| number % 3 == 0 || (1_000..2_500).contains(number)) {
            store.remove("cat", &format!("c{number}"));
        }
        check(&store);
        store.put(Record::new("cat", "c7", Fields::new().with("name", "new")));
        store.put(Record::new("cat", "c3", Fields::new()));
        check(&store);
        store.replace_all(|record| (record.id != "c11").then(|| std::sync::Arc::clone(record)));
        check(&store);
        check(&before);
    }
}
