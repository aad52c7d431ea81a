//! Pages of all records of a kind, sorted by a field, without sorting all of them for each page.
//!
//! Requests that read run on forks of a store, which are dropped afterwards. The orders that they needed are kept beside the
//! store, with the records that were sorted: a later version of the records differs from these in few places, which are found
//! without visiting what both versions share.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{self, AtomicUsize};

use compact_str::CompactString;
use imbl::ordmap::DiffItem;
use parking_lot::Mutex;

use super::index::{InOrder, MIN_INDEXED};
use super::memory::{Charge, value_size};
use super::sorted_list::SortedList;
use super::{FieldValue, MemoryMeter, Record, Store, Table};

/// The number of orders of a store: of those, the ones that were needed last.
const MAX_ORDERS: usize = 4;

/// After that many writes without a sorted list, the orders and the records that only they hold are dropped.
const MAX_WRITES: usize = 4096;

/// So many changed records are moved to their new places, and one more for each [`SHARE`] records; with more, sorting all of them
/// is faster.
const MAX_MOVED: usize = 16;
const SHARE: usize = 1024;

/// Compares two values of a field.
pub type Compare = fn(&FieldValue, &FieldValue) -> Ordering;

/// An order of the records of a kind. Records with equal values are in the order of creation.
#[derive(Clone, Copy, Debug)]
pub struct SortOrder<'o> {
    /// The field by which they are sorted. A record without it has `null` there.
    pub field: &'o str,
    /// Whether the highest value comes first.
    pub is_descending: bool,
    /// The order of its values.
    pub compare: Compare,
}

/// The records of a kind in an order.
pub struct Sorted<'s> {
    table: Option<&'s Table>,
    entries: Entries,
    order: SortOrder<'s>,
}

/// The orders in which the records of a store were listed. All forks of a store share them.
#[derive(Default)]
pub(super) struct Orders {
    known: Mutex<Vec<Known>>,
    /// The number of orders.
    count: AtomicUsize,
    /// The number of writes since a list was sorted.
    writes: AtomicUsize,
}

/// Each value with the place of its record in the order of creation.
type Entries = SortedList<(FieldValue, u64)>;

/// One order with the records that were sorted.
struct Known {
    kind: CompactString,
    field: CompactString,
    is_descending: bool,
    records: InOrder,
    entries: Entries,
    /// What its values take, bytes.
    size: usize,
    charge: Charge,
}

impl SortOrder<'_> {
    fn value(&self, record: &Record) -> FieldValue {
        record.get(self.field).clone()
    }

    fn compare(&self, a: &(FieldValue, u64), b: &(FieldValue, u64)) -> Ordering {
        let order = (self.compare)(&a.0, &b.0);
        let order = if self.is_descending { order.reverse() } else { order };
        order.then(a.1.cmp(&b.1))
    }

    /// The entries of all records, and their size.
    fn sort(&self, records: &InOrder) -> (Entries, usize) {
        let mut entries: Vec<_> = records.iter().map(|(place, record)| (self.value(record), *place)).collect();
        entries.sort_unstable_by(|a, b| self.compare(a, b));
        let size = entries.iter().map(entry_size).sum();
        (Entries::of_sorted(&entries), size)
    }
}

impl Sorted<'_> {
    /// The index of a record.
    pub fn index_of(&self, id: &str) -> Option<usize> {
        let (place, record) = self.table?.get(id)?;
        let entry = (self.order.value(record), place);
        self.entries.index_of(|known| self.order.compare(known, &entry))
    }

    /// The records without the first `skipped` ones.
    pub fn from_index(&self, skipped: usize) -> impl Iterator<Item = &Arc<Record>> {
        self.entries.skip(skipped).filter_map(|(_, place)| self.table?.in_order.get(place))
    }
}

impl Store {
    /// The records of a kind in an order.
    pub fn sorted<'s>(&'s self, kind: &str, order: SortOrder<'s>) -> Sorted<'s> {
        let table = self.tables.get(kind).map(Arc::as_ref);
        let entries = table.map(|table| match table.in_order.len() {
            ..MIN_INDEXED => order.sort(&table.in_order).0,
            _ => self.orders.entries(kind, &order, &table.in_order, &self.meter),
        });
        Sorted { table, entries: entries.unwrap_or_default(), order }
    }

    /// Shares no order with the store of which it is a fork: their records will have little in common.
    pub fn separate_orders(&mut self) {
        self.orders = Arc::default();
    }
}

impl Orders {
    /// The entries of records in an order.
    fn entries(&self, kind: &str, order: &SortOrder<'_>, records: &InOrder, meter: &Arc<MemoryMeter>) -> Entries {
        let mut known = self.known.lock();
        let is_same =
            |one: &Known| one.kind == kind && one.field == order.field && one.is_descending == order.is_descending;
        let mut one = match known.iter().position(is_same) {
            Some(index) => known.remove(index),
            None => Known::new(kind, order),
        };
        one.follow(order, records);
        one.charge = meter.charge_size(one.size);
        let entries = one.entries.clone();
        if known.len() == MAX_ORDERS {
            known.remove(0);
        }
        // Beyond the limit, each list is sorted anew.
        if meter.used() <= meter.limit() {
            known.push(one);
        }
        self.count.store(known.len(), atomic::Ordering::Relaxed);
        self.writes.store(0, atomic::Ordering::Relaxed);
        entries
    }

    /// Counts a write, and drops the orders if they are no longer needed.
    pub(super) fn count_write(&self) {
        if self.count.load(atomic::Ordering::Relaxed) == 0 {
            return;
        }
        if self.writes.fetch_add(1, atomic::Ordering::Relaxed) >= MAX_WRITES
            && let Some(mut known) = self.known.try_lock()
        {
            known.clear();
            self.count.store(0, atomic::Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Orders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} orders", self.count.load(atomic::Ordering::Relaxed))
    }
}

impl Known {
    fn new(kind: &str, order: &SortOrder<'_>) -> Self {
        Self {
            kind: kind.into(),
            field: order.field.into(),
            is_descending: order.is_descending,
            records: InOrder::default(),
            entries: Entries::default(),
            size: 0,
            charge: Charge::default(),
        }
    }

    /// Changes the entries to those of other records.
    fn follow(&mut self, order: &SortOrder<'_>, records: &InOrder) {
        let before = std::mem::replace(&mut self.records, records.clone());
        let most = if before.is_empty() { 0 } else { MAX_MOVED + records.len() / SHARE };
        for (count, change) in before.diff(records).enumerate() {
            if count >= most {
                (self.entries, self.size) = order.sort(records);
                return;
            }
            let (old, new) = match change {
                DiffItem::Add(place, record) => (None, Some((place, record))),
                DiffItem::Update { old, new } => (Some(old), Some(new)),
                DiffItem::Remove(place, record) => (Some((place, record)), None),
            };
            let entry = |(place, record): (&u64, &Arc<Record>)| (order.value(record), *place);
            let (old, new) = (old.map(entry), new.map(entry));
            if old != new {
                old.into_iter().for_each(|entry| self.remove(order, &entry));
                new.into_iter().for_each(|entry| self.add(order, entry));
            }
        }
    }

    fn remove(&mut self, order: &SortOrder<'_>, entry: &(FieldValue, u64)) {
        let removed = self.entries.remove(|known| order.compare(known, entry));
        self.size -= removed.as_ref().map_or(0, entry_size);
    }

    fn add(&mut self, order: &SortOrder<'_>, entry: (FieldValue, u64)) {
        let size = entry_size(&entry);
        if self.entries.insert(entry, |a, b| order.compare(a, b)) {
            self.size += size;
        }
    }
}

/// The size of an entry, bytes.
fn entry_size((value, place): &(FieldValue, u64)) -> usize {
    value_size(value) + size_of_val(place)
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;
    use std::sync::Arc;

    use super::super::{FieldValue, Fields, MemoryMeter, Record, Store};
    use super::{MAX_WRITES, SortOrder};

    fn compare(a: &FieldValue, b: &FieldValue) -> Ordering {
        a.as_integer().cmp(&b.as_integer())
    }

    const ORDERS: [SortOrder<'static>; 2] = [
        SortOrder { field: "age", is_descending: false, compare },
        SortOrder { field: "age", is_descending: true, compare },
    ];

    fn put(store: &mut Store, number: usize, age: i64) {
        store.put(Record::new("cat", format!("c{number}"), Fields::new().with("age", age)));
    }

    fn store(count: usize) -> Store {
        let mut store = Store::default();
        (0..count).for_each(|number| put(&mut store, number, (number * 7919 % 100) as i64));
        store
    }

    /// Compares the orders with those of a sort of all records.
    fn check(store: &Store) {
        for order in ORDERS {
            let mut all: Vec<&Arc<Record>> = store.all("cat").collect();
            all.sort_by(|a, b| {
                let compared = compare(a.get("age"), b.get("age"));
                if order.is_descending { compared.reverse() } else { compared }
            });
            let sorted = store.sorted("cat", order);
            for skipped in [0, 1, 500, 100_000] {
                assert!(sorted.from_index(skipped).eq(all.iter().skip(skipped).copied()), "{order:?} from {skipped}");
            }
            for (index, record) in all.iter().enumerate().step_by(97) {
                assert_eq!(sorted.index_of(&record.id), Some(index));
            }
            assert_eq!(sorted.index_of("unknown"), None);
        }
    }

    #[test]
    fn sorted_records_are_those_of_a_sort_after_any_change() {
        let mut store = store(2_000);
        check(&store);
        let before = store.clone();
        for round in 0..300 {
            put(&mut store, round * 5, (round % 50) as i64);
            put(&mut store, 10_000 + round, (round % 30) as i64);
            store.remove("cat", &format!("c{}", round * 3));
            // Few changes are followed one by one, many by a sort.
            if round % 5 == 0 {
                check(&store);
            }
            if round % 100 == 0 {
                check(&before);
            }
        }
        check(&store);
        store.replace_all(|record| record.id.ends_with('7').then(|| Arc::clone(record)));
        check(&store);
        store.remove_kind("cat");
        check(&store);
    }

    #[test]
    fn orders_are_counted_and_dropped_when_only_writes_follow() {
        let mut store = store(1_000);
        let meter = Arc::new(MemoryMeter::new(1 << 20));
        store.set_meter(&meter);
        let records = meter.used();
        check(&store);
        let entry = size_of::<FieldValue>() + size_of::<u64>();
        assert_eq!(meter.used(), records + 2 * 1_000 * entry);
        for round in 0..=MAX_WRITES {
            put(&mut store, 7, round as i64);
        }
        assert_eq!(meter.used(), records);
    }

    #[test]
    fn orders_beyond_the_limit_are_not_kept() {
        let mut store = store(1_000);
        let meter = Arc::new(MemoryMeter::new(1));
        store.set_meter(&meter);
        let records = meter.used();
        check(&store);
        assert_eq!(meter.used(), records);
    }
}
