//! Finds records by the values of some fields, and by parts of their texts, without looking at all of them.

use std::hash::BuildHasher;
use std::sync::Arc;

use compact_str::CompactString;
use foldhash::fast::FixedState;
use smallvec::SmallVec;

use super::signatures::Signatures;
use super::sorted_list::SortedList;
use super::{ByName, KeyNames, Record};

/// The number of records of a kind from which its index exists. With fewer, looking at all of them is as fast.
pub(super) const MIN_INDEXED: usize = 256;

/// The texts of a record in which a search looks, in lower case.
pub type Texts = SmallVec<[CompactString; 8]>;

/// By what a store finds records.
#[derive(Clone, Debug, Default)]
pub struct Indexes {
    /// One for each kind that has any.
    pub kinds: Vec<Arc<KindIndex>>,
    /// The fields by which paths address records.
    pub key_names: Arc<KeyNames>,
}

/// By what the records of a kind are found.
#[derive(Clone, Debug)]
pub struct KindIndex {
    /// The kind.
    pub kind: CompactString,
    /// Fields with texts.
    pub fields: Vec<CompactString>,
    /// The texts in which searches look, if there are such searches.
    pub texts: Option<fn(&Record) -> Texts>,
    /// The order of lists.
    pub order: Option<ListOrder>,
}

/// The order of a list: the records with one text in the field `of`, such as those of an owner, sorted by the text of `by`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListOrder {
    /// A field with texts.
    pub of: CompactString,
    /// A field with texts.
    pub by: CompactString,
}

/// The index of one kind in one store.
#[derive(Clone)]
pub(super) struct TableIndex {
    plan: Arc<KindIndex>,
    /// The hash of a value, and the record's index in the order of creation.
    by_value: imbl::OrdSet<(u64, u64)>,
    signatures: Signatures,
    /// Each list in its order: the text by which it is sorted, and the record's index in the order of creation.
    lists: ByName<SortedList<(CompactString, u64)>>,
}

/// The records of a kind, by their places in the order of creation.
pub(super) type InOrder = imbl::OrdMap<u64, Arc<Record>>;

impl ListOrder {
    /// The list of a record, and the text by which it is sorted there.
    fn of_record<'r>(&self, record: &'r Record) -> (&'r str, &'r str) {
        (record.text(&self.of), record.text(&self.by))
    }
}

impl Indexes {
    /// By what the records of a kind are found.
    pub(super) fn of(&self, kind: &str) -> Option<&Arc<KindIndex>> {
        self.kinds.iter().find(|plan| plan.kind == kind)
    }
}

impl TableIndex {
    pub(super) fn new(plan: &Arc<KindIndex>, records: &InOrder) -> Self {
        let mut index = Self {
            plan: Arc::clone(plan),
            by_value: imbl::OrdSet::default(),
            signatures: Signatures::default(),
            lists: ByName::default(),
        };
        for (place, record) in records {
            index.put(*place, None, record, records);
        }
        index
    }

    /// Replaces what is known about the record at a place. Others with the same index may have been added before.
    pub(super) fn put(&mut self, place: u64, before: Option<&Record>, record: &Record, records: &InOrder) {
        let plan = Arc::clone(&self.plan);
        for (number, name) in plan.fields.iter().enumerate() {
            let (known, new) = (before.map_or("", |before| before.text(name)), record.text(name));
            // Most changes leave most indexed fields as they are.
            if known != new {
                self.remove_value(number, known, place);
                self.add_value(number, new, place);
            }
        }
        if let Some(order) = &plan.order {
            let (known, new) = (before.map(|before| order.of_record(before)), order.of_record(record));
            if known != Some(new) {
                known.into_iter().for_each(|known| self.remove_from_list(known, place));
                self.add_to_list(new, place);
            }
        }
        if let Some(texts) = plan.texts {
            let new = texts(record);
            if before.is_none_or(|before| texts(before) != new) {
                self.signatures.add(place, &new, (texts, records));
            }
        }
    }

    /// Removes the values of a record; blocks forget their texts later.
    pub(super) fn remove(&mut self, place: u64, record: &Record) {
        let plan = Arc::clone(&self.plan);
        for (number, name) in plan.fields.iter().enumerate() {
            self.remove_value(number, record.text(name), place);
        }
        if let Some(order) = &plan.order {
            self.remove_from_list(order.of_record(record), place);
        }
    }

    fn add_value(&mut self, number: usize, value: &str, place: u64) {
        if !value.is_empty() {
            self.by_value.insert((hash(number, value), place));
        }
    }

    fn remove_value(&mut self, number: usize, value: &str, place: u64) {
        if !value.is_empty() {
            self.by_value.remove(&(hash(number, value), place));
        }
    }

    fn add_to_list(&mut self, (of, by): (&str, &str), place: u64) {
        self.lists.entry(of.into()).or_default().insert((by.into(), place), Ord::cmp);
    }

    fn remove_from_list(&mut self, (of, by): (&str, &str), place: u64) {
        if let Some(list) = self.lists.get_mut(of) {
            list.remove(|(known, known_place)| (known.as_str(), *known_place).cmp(&(by, place)));
        }
    }

    /// The places of all records with that text in a field, in any case of ASCII letters, in order; there may be others among
    /// them. `None` if the field has no index.
    pub(super) fn places_by<'s>(&'s self, field: &str, value: &str) -> Option<impl Iterator<Item = u64> + use<'s>> {
        let number = self.plan.fields.iter().position(|known| known == field)?;
        let hash = hash(number, value);
        Some(self.by_value.range((hash, 0)..=(hash, u64::MAX)).map(|(_, place)| *place))
    }

    /// The places of the records of a list in its order, without the first `skipped` ones. `None` if lists have another order.
    pub(super) fn places_in_list<'s>(
        &'s self,
        order: &ListOrder,
        of: &str,
        skipped: usize,
    ) -> Option<impl Iterator<Item = u64> + use<'s>> {
        let is_known = self.plan.order.as_ref() == Some(order);
        let list = self.lists.get(of).into_iter();
        is_known.then(|| list.flat_map(move |list| list.skip(skipped).map(|(_, place)| *place)))
    }

    /// The records that can have that part in a text, in order, each with its place; there may be others among them. `None` if
    /// texts are not indexed, or if the part is too short.
    pub(super) fn records_with<'s>(
        &'s self,
        part: &str,
        records: &'s InOrder,
    ) -> Option<impl Iterator<Item = (u64, &'s Arc<Record>)> + use<'s>> {
        self.plan.texts?;
        self.signatures.records_with(part, records)
    }
}

/// The hash of a value of the field of that number, the same in any case of ASCII letters.
fn hash(number: usize, value: &str) -> u64 {
    let letters: SmallVec<[u8; 64]> = value.bytes().map(|letter| letter.to_ascii_lowercase()).collect();
    FixedState::default().hash_one((number, &letters[..]))
}
