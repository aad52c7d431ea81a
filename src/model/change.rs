use std::sync::Arc;

use super::Record;

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
}

/// The changes of one request, one for each record: several writes to one record become one change, in the order of the
/// first.
pub fn merge_changes(changes: Vec<Change>) -> Vec<Change> {
    let mut merged: Vec<Change> = Vec::with_capacity(changes.len());
    for change in changes {
        let (kind, id) = (&change.record().kind, &change.record().id);
        match merged.iter_mut().find(|known| known.record().kind == *kind && known.record().id == *id) {
            Some(known) if change.after.is_some() || known.before.is_some() => known.after = change.after,
            // Created and deleted by the same request.
            Some(known) => *known = change,
            None => merged.push(change),
        }
    }
    merged
}
