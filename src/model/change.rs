use std::collections::HashMap;
use std::sync::Arc;

use compact_str::CompactString;

use super::{Fields, Record};

/// A write to a store: at least one of both records exists.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The record before; `None` if the write has created it.
    pub before: Option<Arc<Record>>,
    /// The record after; `None` if the write has deleted it.
    pub after: Option<Arc<Record>>,
}

impl Change {
    /// The record after the write, or before it if it is deleted.
    ///
    /// # Panics
    /// If both are `None`, which no write produces.
    pub fn record(&self) -> &Record {
        self.after.as_deref().or(self.before.as_deref()).expect("a change has a record")
    }

    /// The size of both records, bytes: an estimate.
    pub fn size(&self) -> usize {
        [&self.before, &self.after].into_iter().flatten().map(|record| record.size()).sum()
    }

    /// The same change; a record that takes more than `limit` bytes has only its id and `truncated`.
    #[must_use]
    pub fn shortened(self, limit: usize) -> Self {
        let shorten = |record: Arc<Record>| match record.size() > limit {
            true => {
                let fields = Fields::new().with("truncated", true);
                Arc::new(Record::new(record.kind.clone(), record.id.clone(), fields))
            }
            false => record,
        };
        Self { before: self.before.map(shorten), after: self.after.map(shorten) }
    }
}

/// The number of changes up to which each is compared with all before it.
const FEW_CHANGES: usize = 16;

/// The changes of one request, one for each record: several writes to one record become one change, in the order of the
/// first.
pub fn merge_changes(changes: Vec<Change>) -> Vec<Change> {
    let mut merged: Vec<Change> = Vec::with_capacity(changes.len());
    let mut places: HashMap<(CompactString, CompactString), usize> = HashMap::new();
    for change in changes {
        let record = change.record();
        let is_same = |known: &Change| known.record().id == record.id && known.record().kind == record.kind;
        let place = match merged.len() < FEW_CHANGES {
            true => merged.iter().position(is_same),
            false => {
                if places.is_empty() {
                    places = merged.iter().map(|known| known.record().key()).zip(0..).collect();
                }
                let next = merged.len();
                Some(*places.entry(record.key()).or_insert(next)).filter(|place| *place < next)
            }
        };
        match place.map(|place| &mut merged[place]) {
            Some(known) if change.after.is_some() || known.before.is_some() => known.after = change.after,
            // Created and deleted by the same request.
            Some(known) => *known = change,
            None => merged.push(change),
        }
    }
    merged
}
