//! Searches of a store: by an index where there is one, else among all records of the kind.

use std::sync::Arc;

use super::index::{MIN_INDEXED, TableIndex};
use super::key_index::KeyIndex;
use super::{Indexes, ListOrder, ParentKey, Record, Store, Table};

impl Store {
    /// Finds records by these indexes from now on.
    pub fn set_indexes(&mut self, indexes: &Arc<Indexes>) {
        self.indexes = Arc::clone(indexes);
        self.rebuild_indexes();
    }

    /// Makes the indexes of all kinds anew.
    pub(super) fn rebuild_indexes(&mut self) {
        let kinds: Vec<_> = self.tables.keys().cloned().collect();
        for kind in kinds {
            let Some(table) = self.tables.get_mut(&kind).map(Arc::make_mut) else { continue };
            let is_large = table.in_order.len() >= MIN_INDEXED;
            if !is_large && table.index.is_none() && table.keys.is_none() && table.counts.is_none() {
                continue;
            }
            let plan = self.indexes.of(&kind).filter(|_| is_large);
            table.index = plan.map(|plan| TableIndex::new(plan, &table.in_order));
            table.keys = is_large.then(|| KeyIndex::new(&self.indexes.key_names, &table.in_order));
            table.recount();
        }
    }

    /// The records of a kind with that text in a field, in any case of ASCII letters, oldest first, each with its index in the
    /// order of creation. No record is found by an empty text.
    pub fn find_by<'s>(
        &'s self,
        kind: &str,
        field: &'s str,
        value: &'s str,
    ) -> impl Iterator<Item = (u64, &'s Arc<Record>)> {
        let table = self.tables.get(kind).filter(|_| !value.is_empty());
        let found = table.map(|table| match table.index.as_ref().and_then(|index| index.places_by(field, value)) {
            Some(places) => Box::new(places.filter_map(|place| Some((place, table.in_order.get(&place)?)))),
            None => Box::new(table.records()) as Box<dyn Iterator<Item = (u64, &'s Arc<Record>)> + 's>,
        });
        found.into_iter().flatten().filter(move |(_, record)| record.text(field).eq_ignore_ascii_case(value))
    }

    /// The records of a kind that can have that value in a field with one of these names, in any style, oldest first. There may
    /// be others among them.
    pub fn with_key<'s>(
        &'s self,
        kind: &str,
        names: &[&str],
        value: &str,
    ) -> impl Iterator<Item = &'s Arc<Record>> + use<'s> {
        let found = self.tables.get(kind).map(|table| {
            match table.keys.as_ref().and_then(|keys| keys.places(kind, names, value)) {
                Some(places) => {
                    let by_id = table.get(value).map(|(place, _)| place);
                    let mut places: Vec<u64> = places.chain(by_id).collect();
                    places.sort_unstable();
                    Box::new(places.into_iter().filter_map(|place| table.in_order.get(&place)))
                }
                None => Box::new(table.in_order.values()) as Box<dyn Iterator<Item = &'s Arc<Record>> + 's>,
            }
        });
        found.into_iter().flatten()
    }

    /// The records of a kind that can be below a parent, oldest first, with a deleted record in its place: those that name the
    /// parent, and those that name none. There may be others among them.
    pub fn below<'s>(
        &'s self,
        kind: &'s str,
        (key, id): (&ParentKey, &str),
        removed: Option<&'s (u64, Arc<Record>)>,
    ) -> Box<dyn Iterator<Item = &'s Arc<Record>> + 's> {
        let found = self.tables.get(kind).and_then(|table| Some((table, table.keys.as_ref()?)));
        let found = found.and_then(|(table, keys)| Some((table, keys.places_below(kind, key, id)?)));
        let Some((table, places)) = found else { return Box::new(self.all_and(kind, removed)) };
        let index = removed.map_or(0, |(index, _)| *index);
        let count = places.partition_point(|place| *place < index);
        let record = move |place: &u64| table.in_order.get(place);
        let before: Vec<_> = places[..count].iter().filter_map(record).collect();
        let after = places.into_iter().skip(count).filter_map(move |place| record(&place));
        Box::new(before.into_iter().chain(removed.map(|(_, record)| record)).chain(after))
    }

    /// The records of a kind that belong to a list, in its order and without the first `skipped` ones; those with the same text
    /// are in the order of creation.
    pub fn list<'s>(
        &'s self,
        kind: &str,
        (order, of): (&ListOrder, &str),
        skipped: usize,
    ) -> impl Iterator<Item = &'s Arc<Record>> + use<'s> {
        let found = self.tables.get(kind).map(|table| {
            match table.index.as_ref().and_then(|index| index.places_in_list(order, of, skipped)) {
                Some(places) => Box::new(places.filter_map(|place| table.in_order.get(&place))),
                None => {
                    let of_list = table.in_order.values().filter(|record| record.text(&order.of) == of);
                    let mut all: Vec<_> = of_list.collect();
                    all.sort_by(|a, b| a.text(&order.by).cmp(b.text(&order.by)));
                    Box::new(all.into_iter().skip(skipped)) as Box<dyn Iterator<Item = &'s Arc<Record>> + 's>
                }
            }
        });
        found.into_iter().flatten()
    }

    /// All records of a kind that can have that part, in lower case, in their indexed texts, oldest first, each with its index
    /// in the order of creation. There may be others among them.
    pub fn with_part<'s>(&'s self, kind: &str, part: &str) -> impl Iterator<Item = (u64, &'s Arc<Record>)> + use<'s> {
        let found = self.tables.get(kind).map(|table| {
            match table.index.as_ref().and_then(|index| index.records_with(part, &table.in_order)) {
                Some(records) => Box::new(records),
                None => Box::new(table.records()) as Box<dyn Iterator<Item = (u64, &'s Arc<Record>)> + 's>,
            }
        });
        found.into_iter().flatten()
    }
}

impl Table {
    /// All records, each with its index in the order of creation.
    fn records(&self) -> impl Iterator<Item = (u64, &Arc<Record>)> {
        self.in_order.iter().map(place_and_record)
    }
}

fn place_and_record<'s>((place, record): (&u64, &'s Arc<Record>)) -> (u64, &'s Arc<Record>) {
    (*place, record)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{Fields, Indexes, KeyNames, KindIndex, ListOrder, Record, Store, Texts};

    fn texts(record: &Record) -> Texts {
        std::iter::once(record.text("name").to_lowercase().into()).collect()
    }

    fn order() -> ListOrder {
        ListOrder { of: "owner".into(), by: "email".into() }
    }

    fn store(count: usize) -> Store {
        let plan =
            KindIndex { kind: "cat".into(), fields: vec!["email".into()], texts: Some(texts), order: Some(order()) };
        let mut key_names = KeyNames::default();
        key_names.add("cat", "chipUid");
        let mut store = Store::default();
        store.set_indexes(&Arc::new(Indexes { kinds: vec![Arc::new(plan)], key_names: Arc::new(key_names) }));
        for number in 0..count {
            put(&mut store, number, &format!("Cat{number}@x.org"), &format!("Tom {number} Cat"));
        }
        store
    }

    fn put(store: &mut Store, number: usize, email: &str, name: &str) {
        let fields = Fields::new().with("email", email).with("name", name);
        store.put(Record::new("cat", format!("c{number}"), fields));
    }

    fn by_email(store: &Store, email: &str) -> Vec<String> {
        store.find_by("cat", "email", email).map(|(_, record)| record.id.to_string()).collect()
    }

    fn by_part(store: &Store, part: &str) -> Vec<String> {
        let has_part = |record: &Record| record.text("name").to_lowercase().contains(part);
        let found = store.with_part("cat", part).map(|(_, record)| record);
        found.filter(|record| has_part(record)).map(|record| record.id.to_string()).collect()
    }

    #[test]
    fn records_are_found_with_and_without_an_index() {
        for count in [3, 300, 3_000] {
            let store = store(count);
            assert_eq!(by_email(&store, "cat2@X.org"), ["c2"], "{count}");
            assert_eq!(by_part(&store, "m 2 c"), ["c2"], "{count}");
            assert_eq!(by_part(&store, "tom").len(), count);
            assert!(by_email(&store, "").is_empty() && by_email(&store, "cat2").is_empty());
        }
    }

    #[test]
    fn index_finds_few_other_records() {
        let store = store(30_000);
        assert!(store.with_part("cat", "m 29876 c").count() <= 4);
        // Each of its parts of three bytes is in many texts.
        assert_eq!(by_part(&store, "876 cat").len(), 30);
        assert!(store.with_part("cat", "876 cat").count() <= 64);
    }

    #[test]
    fn index_follows_changes_removals_and_forks() {
        let mut store = store(1_000);
        let before = store.clone();
        for round in 0..2_000 {
            put(&mut store, 7, &format!("new{round}@x.org"), &format!("Zoe {round}"));
        }
        assert_eq!((by_email(&store, "cat7@x.org"), by_part(&store, "m 7 c")), (vec![], vec![]));
        assert_eq!(
            (by_email(&store, "new1999@x.org"), by_part(&store, "zoe 1999")),
            (vec!["c7".into()], vec!["c7".into()])
        );
        assert!(store.with_part("cat", "zoe 1").count() <= 256);
        store.remove("cat", "c7");
        store.remove_kind("dog");
        assert!(by_email(&store, "new1999@x.org").is_empty() && by_part(&store, "zoe 1999").is_empty());
        store.replace_all(|record| (record.id != "c8").then(|| Arc::clone(record)));
        assert!(by_email(&store, "cat8@x.org").is_empty());
        assert_eq!(
            (by_email(&before, "cat7@x.org"), by_part(&before, "m 7 c")),
            (vec!["c7".into()], vec!["c7".into()])
        );
    }

    #[test]
    fn parts_are_found_among_many_blocks_after_scattered_writes() {
        let mut store = store(40_000);
        let before = store.clone();
        for number in (0..40_000).step_by(111) {
            put(&mut store, number, "", &format!("Zoe {number} Dog"));
        }
        for number in [0, 111, 112, 17_982, 17_983, 39_960, 39_999] {
            let (old, new) = (format!("tom {number} cat"), format!("zoe {number} dog"));
            let (changed, unchanged) = match number % 111 {
                0 => (vec![format!("c{number}")], vec![]),
                _ => (vec![], vec![format!("c{number}")]),
            };
            assert_eq!((by_part(&store, &new), by_part(&store, &old)), (changed, unchanged), "{number}");
            assert_eq!((by_part(&before, &new), by_part(&before, &old).len()), (vec![], 1), "{number}");
        }
        assert_eq!((by_part(&store, "zoe").len(), by_part(&store, "tom").len()), (361, 39_639));
        assert!(store.with_part("cat", "zoe 17982 d").count() <= 512);
    }

    #[test]
    fn keys_in_any_style_are_found_and_follow_changes() {
        fn found(store: &Store, names: &[&str], value: &str) -> usize {
            store.with_key("cat", names, value).count()
        }
        let mut store = store(1_000);
        let names = ["Name", "Cat-Id", "CHIP_ID", "chip_uid", "id"];
        for name in names {
            let fields = Fields::new().with(name, format!("key of {name}"));
            store.put(Record::new("cat", "c7", fields));
            assert_eq!(found(&store, &names, &format!("key of {name}")), 1, "{name}");
        }
        assert_eq!(found(&store, &names, "key of Name"), 0);
        store.put(Record::new("cat", "c8", Fields::new().with("number", 47)));
        assert_eq!((found(&store, &["number"], "47"), found(&store, &["number"], "c9")), (1, 1));
        assert_eq!(found(&store, &["number", "colour"], "47"), 1_000, "a field that is no key has no index");
        store.remove("cat", "c8");
        assert_eq!(found(&store, &["number"], "47"), 0);
    }

    #[test]
    fn list_is_in_its_order_from_any_index() {
        for count in [3, 2_000] {
            let mut store = store(count);
            // Others are of another owner, have no text, or come before those that exist.
            for (number, email, owner) in
                [(1, "a@x.org", "Ann"), (2, "", "Bob"), (count, "b@x.org", "Ann"), (0, "", "Ann")]
            {
                let fields = Fields::new().with("email", email).with("owner", owner);
                store.put(Record::new("cat", format!("c{number}"), fields));
            }
            store.remove("cat", "c4");
            for of in ["", "Ann", "Bob", "Eve"] {
                let mut all: Vec<_> = store.all("cat").filter(|record| record.text("owner") == of).collect();
                all.sort_by(|a, b| a.text("email").cmp(b.text("email")));
                for skipped in [0, 1, 2, 700, 5_000] {
                    let listed = store.list("cat", (&order(), of), skipped);
                    assert!(listed.eq(all.iter().skip(skipped).copied()), "{of} of {count} after {skipped}");
                }
            }
        }
    }

    #[test]
    fn records_that_are_written_often_do_not_fill_their_block() {
        let mut store = store(1_000);
        for round in 0..100_000 {
            put(&mut store, 7, "", &format!("{round} x{round:x}y{}z{:o}", round * 31, round * 7));
        }
        assert!(store.with_part("cat", "tom 500 q").count() < 1_000);
        assert_eq!(by_part(&store, "x1869fy"), ["c7"]);
    }
}
