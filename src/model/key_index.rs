//! Finds records by the values of the fields by which paths may address them, without looking at all of them.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use compact_str::{CompactString, ToCompactString};
use foldhash::fast::FixedState;
use smallvec::SmallVec;

use super::{FieldValue, Record};

/// Names of keys of any kind, folded.
const COMMON: [&str; 12] =
    ["id", "uid", "sid", "uuid", "guid", "key", "code", "slug", "number", "identifier", "name", "nameofpath"];

/// The names of fields by which paths may address records, in any style: `id`, `order_id` and `name` of an order, and what
/// the paths of an API call them.
#[derive(Clone, Debug, Default)]
pub struct KeyNames {
    /// Folded names that only some kinds have.
    of_kinds: HashMap<CompactString, SmallVec<[CompactString; 2]>>,
    /// The parents below which paths list records of a kind, and what finds the one that a record names.
    parents: HashMap<CompactString, Vec<(ParentKey, NamedParent)>>,
}

/// A parent below which paths list records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentKey {
    /// The field in which records name it.
    pub field: CompactString,
    /// The parameter that names it in paths: the field of records that come from elsewhere.
    pub parameter: CompactString,
}

/// The id of the parent that a record names, if it names one.
pub type NamedParent = for<'r> fn(&'r Record, &ParentKey) -> Option<&'r str>;

/// The index of the keys of one kind in one store, and of the parents of its records. A key that is the id of its record is not
/// in it.
#[derive(Clone)]
pub(super) struct KeyIndex {
    names: Arc<KeyNames>,
    /// The names that the last record had in common with others of its kind, by their number, and the places of keys in them.
    key_places: (u64, SmallVec<[usize; 4]>),
    /// The hash of a value, and the record's index in the order of creation.
    by_hash: imbl::OrdSet<(u64, u64)>,
}

/// The hashes of the keys of a record.
type Hashes = SmallVec<[u64; 4]>;

impl KeyNames {
    /// Adds a name by which paths address records of a kind.
    pub fn add(&mut self, kind: &str, name: &str) {
        let name = fold(name);
        let other = [("uid", "id"), ("id", "uid")];
        let other = other.iter().find_map(|(end, other)| Some(name.strip_suffix(end)?.to_compact_string() + other));
        for name in other.into_iter().chain([name]).filter(|name| !name.is_empty()) {
            if !self.has_folded(kind, &name) {
                self.of_kinds.entry(kind.into()).or_default().push(name);
            }
        }
    }

    /// Adds a parent below which paths list records of a kind.
    pub fn add_parent(&mut self, kind: &str, key: ParentKey, named: NamedParent) {
        let known = self.parents.entry(kind.into()).or_default();
        if known.iter().all(|(other, _)| *other != key) {
            known.push((key, named));
        }
    }

    fn parents_of(&self, kind: &str) -> &[(ParentKey, NamedParent)] {
        self.parents.get(kind).map_or(&[], Vec::as_slice)
    }

    /// Whether a field of a kind may be a key.
    fn has(&self, kind: &str, name: &str) -> bool {
        self.has_folded(kind, &fold(name))
    }

    fn has_folded(&self, kind: &str, folded: &str) -> bool {
        let is_own_id = || {
            let stem = folded.strip_suffix("uid").or_else(|| folded.strip_suffix("id"));
            stem.is_some_and(|stem| letters(kind).eq(stem.chars()))
        };
        COMMON.contains(&folded)
            || is_own_id()
            || self.of_kinds.get(kind).is_some_and(|names| names.iter().any(|name| name == folded))
    }
}

impl KeyIndex {
    pub(super) fn new(names: &Arc<KeyNames>, records: &imbl::OrdMap<u64, Arc<Record>>) -> Self {
        let (names, by_hash) = (Arc::clone(names), imbl::OrdSet::default());
        let mut index = Self { names, key_places: Default::default(), by_hash };
        for (place, record) in records {
            index.put(*place, None, record);
        }
        index
    }

    /// Replaces the keys of the record at a place.
    pub(super) fn put(&mut self, place: u64, before: Option<&Record>, record: &Record) {
        let (before, after) = (before.map(|before| self.hashes(before)).unwrap_or_default(), self.hashes(record));
        if before == after {
            return;
        }
        for hash in before {
            self.by_hash.remove(&(hash, place));
        }
        for hash in after {
            self.by_hash.insert((hash, place));
        }
    }

    pub(super) fn remove(&mut self, place: u64, record: &Record) {
        for hash in self.hashes(record) {
            self.by_hash.remove(&(hash, place));
        }
    }

    /// The places of all records with that value in a key that is not their id, in order; there may be others among them.
    /// `None` if one of the names is not that of a key.
    pub(super) fn places<'s>(
        &'s self,
        kind: &str,
        names: &[&str],
        value: &str,
    ) -> Option<impl Iterator<Item = u64> + use<'s>> {
        let hash = hash(value);
        let is_known = names.iter().all(|name| self.names.has(kind, name));
        is_known.then(|| self.by_hash.range((hash, 0)..=(hash, u64::MAX)).map(|(_, place)| *place))
    }

    /// The places of all records that name the parent with an id, or no parent, in order; there may be others among them.
    /// `None` if no paths list records below such parents.
    pub(super) fn places_below(&self, kind: &str, key: &ParentKey, id: &str) -> Option<Vec<u64>> {
        let number = self.names.parents_of(kind).iter().position(|(known, _)| known == key)?;
        let hashes = [hash_parent(number, Some(id)), hash_parent(number, None)];
        let ranges = hashes.map(|hash| self.by_hash.range((hash, 0)..=(hash, u64::MAX)));
        let mut places: Vec<u64> = ranges.into_iter().flatten().map(|(_, place)| *place).collect();
        places.sort_unstable();
        Some(places)
    }

    fn hashes(&mut self, record: &Record) -> Hashes {
        let mut hashes = self.key_hashes(record);
        let parents = self.names.parents_of(&record.kind).iter().enumerate();
        hashes.extend(parents.map(|(number, (key, named))| hash_parent(number, named(record, key))));
        hashes
    }

    fn key_hashes(&mut self, record: &Record) -> Hashes {
        let Some(shared) = record.fields.shared_names() else {
            let is_key = |name: &str| self.names.has(&record.kind, name);
            let fields = record.fields.iter();
            return fields.filter_map(|(name, value)| hash_of_key(record, value).filter(|_| is_key(name))).collect();
        };
        if self.key_places.0 != shared.number() {
            let names = shared.iter().enumerate().filter(|(_, name)| self.names.has(&record.kind, name));
            self.key_places = (shared.number(), names.map(|(place, _)| place).collect());
        }
        let keys = self.key_places.1.iter().filter_map(|place| record.fields.at(*place));
        keys.filter_map(|value| hash_of_key(record, value)).collect()
    }
}

/// The hash of a value with the name of a key, unless it is the id of its record.
fn hash_of_key(record: &Record, value: &FieldValue) -> Option<u64> {
    let number;
    let text = match value {
        FieldValue::Text(text) => text.as_str(),
        FieldValue::Integer(value) => {
            number = value.to_compact_string();
            &number
        }
        _ => return None,
    };
    (record.id != text).then(|| hash(text))
}

/// The hash of an id or another key.
pub(super) fn hash(value: &str) -> u64 {
    FixedState::default().hash_one(value)
}

/// The hash of what a record names as its parent of that number.
fn hash_parent(number: usize, id: Option<&str>) -> u64 {
    FixedState::default().hash_one((number, id))
}

/// A name without differences of style: `orderId`, `order_id` and `Order-ID` are the same.
fn fold(name: &str) -> CompactString {
    // Collected as bytes: a `CompactString` takes long to extend by one letter.
    let mut folded = SmallVec::<[u8; 64]>::new();
    for letter in letters(name) {
        folded.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    }
    CompactString::from_utf8_lossy(&folded)
}

fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|letter| !matches!(letter, '_' | '-' | ' ' | '.')).flat_map(char::to_lowercase)
}
