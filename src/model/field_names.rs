//! Field names that records of one kind share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use compact_str::CompactString;
use smallvec::SmallVec;

use super::FieldValue;

/// The field names that all records of one kind share, with their defaults.
#[derive(Debug)]
pub struct FieldNames {
    names: Box<[Box<str>]>,
    defaults: Box<[FieldValue]>,
    /// See [`FieldNames::number`].
    number: u64,
}

impl FieldNames {
    /// Names with their defaults.
    pub fn new<'n>(fields: impl IntoIterator<Item = (&'n str, FieldValue)>) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let (names, defaults): (Vec<_>, Vec<_>) =
            fields.into_iter().map(|(name, default)| (Box::from(name), default)).unzip();
        let (names, defaults) = (names.into(), defaults.into());
        Arc::new(Self { names, defaults, number: NEXT.fetch_add(1, Ordering::Relaxed) })
    }

    /// Identifies these names among those of other kinds; higher than 0.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The defaults from an index on.
    pub(super) fn defaults(&self, from: usize) -> &[FieldValue] {
        self.defaults.get(from..).unwrap_or_default()
    }

    /// Number of names.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are no names.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name at an index.
    pub(super) fn at(&self, index: usize) -> &str {
        &self.names[index]
    }

    /// The names in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// The index of a name. The search begins at `from`: names that are looked up in order are found at once.
    pub fn index(&self, name: &str, from: usize) -> Option<usize> {
        let from = from.min(self.names.len());
        let among = |names: &[Box<str>]| names.iter().position(|known| **known == *name);
        among(&self.names[from..]).map(|index| from + index).or_else(|| among(&self.names[..from]))
    }
}

/// The number of lists of names that the records of a kind can share. Kinds whose records have many different ones share no more.
const MAX_SHARED: usize = 8;

/// The names that records of one kind share because they came with the same ones.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownNames(SmallVec<[Arc<FieldNames>; 1]>);

impl KnownNames {
    /// The list with these names, which is added if there are not too many.
    pub(super) fn shared(&mut self, names: &[CompactString]) -> Option<&Arc<FieldNames>> {
        let is_same = |known: &Arc<FieldNames>| known.len() == names.len() && known.iter().eq(names);
        let index = match self.0.iter().position(is_same) {
            Some(index) => index,
            None if self.0.len() < MAX_SHARED => {
                self.0.push(FieldNames::new(names.iter().map(|name| (name.as_str(), FieldValue::Null))));
                self.0.len() - 1
            }
            None => return None,
        };
        self.0.get(index)
    }
}

/// Caches the index of one name within the names that were searched last, so that a search over many records of one kind
/// runs once.
#[derive(Debug, Default)]
pub struct Hint(AtomicU64);

impl Hint {
    /// Number of bits for the index plus one; 0 if the name is absent.
    const INDEX_BITS: u32 = 16;

    /// The cached index if these names were searched last; `Some(None)` if the name is absent from them.
    pub(super) fn among(&self, names: &FieldNames) -> Option<Option<usize>> {
        let hint = self.0.load(Ordering::Relaxed);
        (hint >> Self::INDEX_BITS == names.number).then(|| Self::index(hint))
    }

    /// The cached index, whichever names were searched.
    pub(super) fn last(&self) -> Option<usize> {
        Self::index(self.0.load(Ordering::Relaxed))
    }

    /// Caches an index, unless it needs too many bits.
    pub(super) fn remember(&self, names: Option<&FieldNames>, index: Option<usize>) {
        let index = index.map_or(0, |index| index as u64 + 1);
        if index < 1 << Self::INDEX_BITS {
            let number = names.map_or(0, |names| names.number);
            self.0.store(number << Self::INDEX_BITS | index, Ordering::Relaxed);
        }
    }

    fn index(hint: u64) -> Option<usize> {
        ((hint & ((1 << Self::INDEX_BITS) - 1)) as usize).checked_sub(1)
    }
}
