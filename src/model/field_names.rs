use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::FieldValue;

/// The names that all records of one kind have, and what each holds when nothing is said.
#[derive(Debug)]
pub struct FieldNames {
    names: Box<[Box<str>]>,
    defaults: Box<[FieldValue]>,
    /// What tells them apart from those of other kinds.
    number: u64,
}

impl FieldNames {
    /// These names with their defaults.
    pub fn new<'n>(fields: impl IntoIterator<Item = (&'n str, FieldValue)>) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let (names, defaults): (Vec<_>, Vec<_>) =
            fields.into_iter().map(|(name, default)| (Box::from(name), default)).unzip();
        let (names, defaults) = (names.into(), defaults.into());
        Arc::new(Self { names, defaults, number: NEXT.fetch_add(1, Ordering::Relaxed) })
    }

    /// What the names from a place on hold when nothing is said.
    pub(super) fn defaults(&self, from: usize) -> &[FieldValue] {
        self.defaults.get(from..).unwrap_or_default()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name at a place.
    pub(super) fn at(&self, index: usize) -> &str {
        &self.names[index]
    }

    /// The names in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// The place of a name, looked for from a place on: who has names in about this order finds them at once.
    pub fn index(&self, name: &str, from: usize) -> Option<usize> {
        let from = from.min(self.names.len());
        let among = |names: &[Box<str>]| names.iter().position(|known| **known == *name);
        among(&self.names[from..]).map(|index| from + index).or_else(|| among(&self.names[..from]))
    }
}

/// Where a name was the last time it was looked for, and among which names: who looks for it in record after record of
/// one kind looks once.
#[derive(Debug, Default)]
pub struct Hint(AtomicU64);

impl Hint {
    /// The bits that hold the place and one, or nothing.
    const PLACE_BITS: u32 = 16;

    /// The place, if it was looked for among these names; `Some(None)` when it was not there.
    pub(super) fn among(&self, names: &FieldNames) -> Option<Option<usize>> {
        let hint = self.0.load(Ordering::Relaxed);
        (hint >> Self::PLACE_BITS == names.number).then(|| Self::index(hint))
    }

    /// The place where it was, among whichever names.
    pub(super) fn last(&self) -> Option<usize> {
        Self::index(self.0.load(Ordering::Relaxed))
    }

    /// Remembers where it was; a place that is too far is looked for again.
    pub(super) fn remember(&self, names: Option<&FieldNames>, index: Option<usize>) {
        let index = index.map_or(0, |index| index as u64 + 1);
        if index < 1 << Self::PLACE_BITS {
            let number = names.map_or(0, |names| names.number);
            self.0.store(number << Self::PLACE_BITS | index, Ordering::Relaxed);
        }
    }

    fn index(hint: u64) -> Option<usize> {
        ((hint & ((1 << Self::PLACE_BITS) - 1)) as usize).checked_sub(1)
    }
}
