use std::collections::HashSet;
use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;
use http::Method;

use super::segments::{Segment, prefix, segments};
use super::{creates_item, is_paged, list_path_of, record_path_of};
use crate::openapi::operation::{Operation, of_each};

/// Paths by their hashes: the texts of a hundred thousand would take most of the memory of a contract while it is loaded.
#[derive(Default)]
pub(super) struct PathSet(HashSet<u64>);

impl PathSet {
    pub(super) fn insert(&mut self, path: &str) {
        self.0.insert(FixedState::default().hash_one(path));
    }

    pub(super) fn contains(&self, path: &str) -> bool {
        self.0.contains(&FixedState::default().hash_one(path))
    }
}

/// Facts about the paths of all operations, with `*` for parameters.
#[derive(Default)]
pub(super) struct Paths {
    /// Whether only what the contract documents counts.
    documented_behaviour_only: bool,
    /// Paths with an item path below them.
    pub(super) with_items: PathSet,
    /// Paths with an item path below them that is read, changed or deleted.
    pub(super) with_records: PathSet,
    /// Paths whose GET returns a list.
    pub(super) lists: PathSet,
    /// Paths whose GET returns anything else.
    pub(super) others: PathSet,
    /// Paths with a method other than GET.
    pub(super) changed: PathSet,
    /// Paths with POST.
    posts: PathSet,
    /// Item paths whose records can be deleted, or created by PUT or POST.
    pub(super) removable: PathSet,
}

/// What one operation says about its path.
struct PathFacts {
    /// The path, with `*` for parameters.
    path: String,
    /// Whether it ends with a parameter.
    is_item: bool,
    /// Whether the operation is a GET of a list.
    is_list: bool,
}

impl Paths {
    pub(super) fn of(operations: &[Operation], documented_behaviour_only: bool) -> Self {
        let mut paths = Self { documented_behaviour_only, ..Self::default() };
        let collection = |operation: &Operation| {
            let segments = segments(&operation.path);
            let is_item = matches!(segments.last(), Some(Segment::Parameters(_)));
            is_item.then(|| prefix(&segments, segments.len() - 1))
        };
        for (operation, collection) in of_each(operations, collection) {
            let Some(collection) = collection else { continue };
            if operation.method != Method::POST {
                paths.with_records.insert(&collection);
            }
            paths.with_items.insert(&collection);
        }
        let mut more = Self::default();
        let facts = |operation: &Operation| {
            let segments = segments(&operation.path);
            let is_item = matches!(segments.last(), Some(Segment::Parameters(_)));
            PathFacts { path: prefix(&segments, segments.len()), is_item, is_list: paths.is_list(operation) }
        };
        for (operation, facts) in of_each(operations, facts) {
            more.add(operation, &facts);
        }
        Self { with_items: paths.with_items, with_records: paths.with_records, documented_behaviour_only, ..more }
    }

    /// Whether an operation is a GET of a list.
    fn is_list(&self, operation: &Operation) -> bool {
        let segments = segments(&operation.path);
        if operation.method != Method::GET || !matches!(segments.last(), Some(Segment::Fixed(_))) {
            return false;
        }
        match self.with_records.contains(&prefix(&segments, segments.len())) {
            true => {
                list_path_of(operation, &segments).is_some() || !self.documented_behaviour_only && is_paged(operation)
            }
            false => record_path_of(operation, &segments).is_some_and(|path| path.is_list),
        }
    }

    fn add(&mut self, operation: &Operation, PathFacts { path, is_item, is_list }: &PathFacts) {
        match is_item {
            true if operation.method == Method::DELETE || creates_item(operation) => {
                self.removable.insert(path);
            }
            // The root path has no segment that names anything.
            false if operation.method == Method::GET && !path.is_empty() => {
                let set = if *is_list { &mut self.lists } else { &mut self.others };
                set.insert(path);
            }
            _ => {}
        }
        if operation.method == Method::POST {
            self.posts.insert(path);
        }
        if operation.method != Method::GET {
            self.changed.insert(path);
        }
    }

    /// Whether a path is a collection: requests create records there, and address each of them below it.
    pub(super) fn is_collection(&self, path: &str) -> bool {
        self.posts.contains(path) && self.with_records.contains(path)
    }
}
