use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

/// Which quirks are on.
#[derive(Clone, Debug, Default)]
pub struct QuirkFlags {
    /// Handlers look quirks up by id, some a dozen times for one request.
    indexes: Arc<HashMap<String, usize, RandomState>>,
    /// Shared by forks until one of them changes it.
    on: Arc<[bool]>,
}

impl QuirkFlags {
    /// Flags for these ids, all off.
    pub fn new<'a>(ids: impl IntoIterator<Item = &'a str>) -> Self {
        let indexes: HashMap<_, _, _> =
            ids.into_iter().map(str::to_owned).enumerate().map(|(index, id)| (id, index)).collect();
        Self { on: vec![false; indexes.len()].into(), indexes: Arc::new(indexes) }
    }

    /// Switches a quirk on or off; returns whether the id is known.
    pub fn set(&mut self, id: &str, on: bool) -> bool {
        let index = self.indexes.get(id);
        if let Some(index) = index {
            Arc::make_mut(&mut self.on)[*index] = on;
        }
        index.is_some()
    }

    /// The index of a quirk in the list of all, and whether it is on.
    pub fn find(&self, id: &str) -> Option<(usize, bool)> {
        self.indexes.get(id).map(|index| (*index, self.on[*index]))
    }

    /// Whether the quirk at an index of the list is on.
    pub fn is_on(&self, index: usize) -> bool {
        self.on.get(index).copied().unwrap_or(false)
    }

    /// Whether other flags are of the same quirks and the same.
    pub fn are_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.indexes, &other.indexes) && self.on == other.on
    }

    /// These flags, with each quirk that both have and that is switched in `current` against `start` as it is in `current`.
    #[must_use]
    pub fn with_switches(mut self, current: &Self, start: &Self) -> Self {
        for (id, index) in current.indexes.iter() {
            let is_on = current.is_on(*index);
            if start.find(id).is_some_and(|(_, was_on)| was_on != is_on) {
                self.set(id, is_on);
            }
        }
        self
    }
}
