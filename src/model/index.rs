//! Finds records by the values of some fields, and by parts of their texts, without looking at all of them.

use std::sync::Arc;

use compact_str::CompactString;
use smallvec::SmallVec;

use super::{ByName, KeyNames, Record};

/// The number of records of a kind from which its index exists. With fewer, looking at all of them is as fast.
pub(super) const MIN_INDEXED: usize = 256;

/// The number of records of a block: those with neighbouring indexes in the order of creation.
const BLOCK_RECORDS: u64 = 256;

/// The words of 64 bits in the signature of a block. Each part of a text sets one of its bits.
const WORDS: usize = 1024;

/// The writes to a block after which its signature is made anew, so that texts of earlier versions of records leave it.
const MAX_WRITES: u32 = 1024;

/// From how many blocks a search learns which bits are rare.
const SAMPLES: usize = 16;

/// How many bytes of a value an index distinguishes.
const MAX_KEY: usize = 64;

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
    /// The number of the field, the beginning of its value in lower case, and the record's index in the order of creation.
    by_value: imbl::OrdSet<(usize, CompactString, u64)>,
    /// By the number of the block.
    blocks: imbl::OrdMap<u64, Block>,
    /// Each list in its order: the text by which it is sorted, and the record's index in the order of creation.
    lists: ByName<imbl::Vector<(CompactString, u64)>>,
}

/// Which parts the texts of the records of a block can have: the bit of the hash of each short part is set.
#[derive(Clone)]
struct Block {
    signature: Arc<[u64; WORDS]>,
    writes: u32,
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
            blocks: imbl::OrdMap::default(),
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
                self.add_texts(place, &new, (texts, records));
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
            self.by_value.insert((number, key(value), place));
        }
    }

    fn remove_value(&mut self, number: usize, value: &str, place: u64) {
        if !value.is_empty() {
            self.by_value.remove(&(number, key(value), place));
        }
    }

    fn add_to_list(&mut self, (of, by): (&str, &str), place: u64) {
        let list = self.lists.entry(of.into()).or_default();
        let key = (by.into(), place);
        // Most records are added at the end.
        match list.back().is_none_or(|last| *last < key) {
            true => list.push_back(key),
            false => {
                if let Err(at) = list.binary_search(&key) {
                    list.insert(at, key);
                }
            }
        }
    }

    fn remove_from_list(&mut self, (of, by): (&str, &str), place: u64) {
        if let Some(list) = self.lists.get_mut(of)
            && let Ok(at) = list.binary_search(&(by.into(), place))
        {
            list.remove(at);
        }
    }

    /// Adds the texts of a record to the signature of its block.
    fn add_texts(&mut self, place: u64, new: &Texts, (texts, records): (fn(&Record) -> Texts, &InOrder)) {
        let number = place / BLOCK_RECORDS;
        let block = self.blocks.entry(number).or_insert_with(Block::new);
        block.add(new);
        if block.writes > MAX_WRITES {
            *block = Block::new();
            records.range(places(number)).for_each(|(_, record)| block.add(&texts(record)));
            block.writes = 0;
        }
    }

    /// The places of all records with that text in a field, in order; among them are records whose text only begins with the
    /// same bytes. `None` if the field has no index.
    pub(super) fn places_by<'s>(&'s self, field: &str, value: &str) -> Option<impl Iterator<Item = u64> + use<'s>> {
        let number = self.plan.fields.iter().position(|known| known == field)?;
        let key = key(value);
        let range = (number, key.clone(), 0)..=(number, key, u64::MAX);
        Some(self.by_value.range(range).map(|(_, _, place)| *place))
    }

    /// The places of the records of a list in its order, without the first `skipped` ones. `None` if lists have another order.
    pub(super) fn places_in_list<'s>(
        &'s self,
        order: &ListOrder,
        of: &str,
        skipped: usize,
    ) -> Option<impl Iterator<Item = u64> + use<'s>> {
        let is_known = self.plan.order.as_ref() == Some(order);
        let list = self.lists.get(of);
        let places = move |list: &'s imbl::Vector<(CompactString, u64)>| {
            (skipped..list.len()).filter_map(|index| Some(list.get(index)?.1))
        };
        is_known.then(|| list.into_iter().flat_map(places))
    }

    /// The ranges of places in which all records with that part in a text are, in order. `None` if texts are not indexed, or if
    /// the part is too short.
    pub(super) fn ranges_with<'s>(
        &'s self,
        part: &str,
    ) -> Option<impl Iterator<Item = std::ops::RangeInclusive<u64>> + use<'s>> {
        self.plan.texts?;
        let mut bits: Vec<usize> = bits(part).collect();
        if bits.is_empty() {
            return None;
        }
        // Each bit of a block costs a fetch from memory. Those that few blocks have come first, so that most blocks cost one.
        let samples: Vec<&Block> = self.blocks.values().take(SAMPLES).collect();
        bits.sort_by_cached_key(|bit| samples.iter().filter(|block| block.has(*bit)).count());
        let blocks = self.blocks.iter().filter(move |(_, block)| bits.iter().all(|bit| block.has(*bit)));
        Some(blocks.map(|(number, _)| places(*number)))
    }
}

impl Block {
    fn new() -> Self {
        Self { signature: Arc::new([0; WORDS]), writes: 0 }
    }

    fn add(&mut self, texts: &Texts) {
        let signature = Arc::make_mut(&mut self.signature);
        for bit in texts.iter().flat_map(|text| bits(text)) {
            signature[bit / 64] |= 1 << (bit % 64);
        }
        self.writes += 1;
    }

    fn has(&self, bit: usize) -> bool {
        self.signature[bit / 64] & 1 << (bit % 64) != 0
    }
}

/// The places of a block.
fn places(block: u64) -> std::ops::RangeInclusive<u64> {
    block * BLOCK_RECORDS..=block * BLOCK_RECORDS + (BLOCK_RECORDS - 1)
}

/// The beginning of a value in lower case.
fn key(value: &str) -> CompactString {
    let end = (0..=MAX_KEY.min(value.len())).rev().find(|end| value.is_char_boundary(*end)).unwrap_or(0);
    let mut key = CompactString::from(&value[..end]);
    key.make_ascii_lowercase();
    key
}

/// The bits of a text in a signature: of three bytes in a row, and of five, which tell more texts apart.
fn bits(text: &str) -> impl Iterator<Item = usize> {
    let windows = |size: usize| text.as_bytes().windows(size);
    windows(3).chain(windows(5)).map(|bytes| {
        // The multiplier of Fibonacci hashing; the highest 16 bits are the best ones.
        let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as usize
    })
}
