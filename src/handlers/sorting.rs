//! The order of lists, as query parameters ask for it.

use std::cmp::Ordering;

use smallvec::SmallVec;

use super::condition::{Aliases, compare, resolve_alias};
use crate::model::{FieldValue, SortOrder};
use crate::request::RecordView;

/// One key of an order: a field, and whether the highest value comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SortKey<'q> {
    field: &'q str,
    is_descending: bool,
}

impl SortKey<'_> {
    /// The field itself comes before its alias: an alias may stand for a list of labels, which has no order.
    fn value(&self, view: &RecordView, aliases: Aliases<'_>) -> FieldValue {
        view.get(self.field).or_else(|| view.get(resolve_alias(self.field, aliases))).cloned().unwrap_or_default()
    }

    fn compare(&self, a: &FieldValue, b: &FieldValue) -> Ordering {
        let order = compare(Some(a), Some(b));
        if self.is_descending { order.reverse() } else { order }
    }
}

/// The keys of an order: `-created_at,name:desc`.
fn keys(order: &str) -> impl Iterator<Item = SortKey<'_>> {
    order.split(',').map(|key| {
        let (field, direction) = key.trim().split_once(':').unwrap_or((key.trim(), "asc"));
        let (field, direction) = field.strip_prefix('-').map_or((field, direction), |field| (field, "desc"));
        SortKey { field: field.trim(), is_descending: direction.trim() == "desc" }
    })
}

/// The order of a store that is the same, if it has one key.
pub(super) fn single(order: &str) -> Option<SortOrder<'_>> {
    let mut keys = keys(order);
    let (key, None) = (keys.next()?, keys.next()) else { return None };
    let compare = |a: &FieldValue, b: &FieldValue| compare(Some(a), Some(b));
    Some(SortOrder { field: key.field, is_descending: key.is_descending, compare })
}

/// The first records in an order, at most `count`. Those with equal values stay in their order.
pub(super) fn first(views: Vec<RecordView>, order: &str, aliases: Aliases<'_>, count: usize) -> Vec<RecordView> {
    let keys: SmallVec<[SortKey<'_>; 2]> = keys(order).collect();
    let values = |view: &RecordView| keys.iter().map(|key| key.value(view, aliases)).collect();
    let mut entries: Vec<(SmallVec<[FieldValue; 1]>, usize)> =
        views.iter().enumerate().map(|(index, view)| (values(view), index)).collect();
    let compare = |a: &(SmallVec<[FieldValue; 1]>, usize), b: &(SmallVec<[FieldValue; 1]>, usize)| {
        let values = keys.iter().zip(a.0.iter().zip(&b.0));
        let mut orders = values.map(|(key, (a, b))| key.compare(a, b));
        orders.find(|order| order.is_ne()).unwrap_or_else(|| a.1.cmp(&b.1))
    };
    // A page needs the order of the records on it and before it only.
    if count < entries.len() {
        entries.select_nth_unstable_by(count, compare);
        entries.truncate(count);
    }
    entries.sort_unstable_by(compare);
    let mut views: Vec<Option<RecordView>> = views.into_iter().map(Some).collect();
    entries.into_iter().filter_map(|(_, index)| views[index].take()).collect()
}
