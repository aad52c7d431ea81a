//! Arrays: items by position, number of items, unique and contained ones.

use rand::Rng;
use serde_json::Value;

use super::merge::merge;
use super::{FULL_DEPTH, MAX_ATTEMPTS, Maker};

/// Maximum number of items that are generated for one array.
const MAX_ITEMS: u64 = 256;

/// Bound of an array schema.
pub(super) fn bound(schema: &Value, key: &str) -> Option<u64> {
    schema.get(key).and_then(Value::as_u64)
}

/// The schema of the item at a position: of `prefixItems`, otherwise of `items`. A list in `items` is the style of drafts
/// up to 2019-09.
pub(super) fn item_schema(schema: &Value, index: usize) -> &Value {
    let list = |key: &str| schema.get(key).and_then(Value::as_array);
    if let Some(item) = list("prefixItems").or_else(|| list("items")).and_then(|list| list.get(index)) {
        return item;
    }
    schema.get("items").filter(|items| !items.is_array()).unwrap_or(&Value::Null)
}

/// Number of positions with a schema of their own.
fn prefix_length(schema: &Value) -> usize {
    let list = |key: &str| schema.get(key).and_then(Value::as_array);
    list("prefixItems").or_else(|| list("items")).map_or(0, Vec::len)
}

/// The highest number of items that a schema allows.
pub(super) fn most_items(schema: &Value) -> u64 {
    let is_closed = schema.get("items") == Some(&Value::Bool(false));
    let positions = if is_closed { prefix_length(schema) as u64 } else { u64::MAX };
    bound(schema, "maxItems").unwrap_or(u64::MAX).min(positions)
}

impl<R: Rng> Maker<'_, R> {
    /// An array for a schema.
    pub(super) fn make_array(&mut self, schema: &Value, name: &str, depth: usize) -> Vec<Value> {
        let least = bound(schema, "minItems");
        let preferred = if depth > FULL_DEPTH {
            least.unwrap_or(0)
        } else {
            least.unwrap_or(1).max(1).max(prefix_length(schema) as u64)
        };
        let count = preferred.min(most_items(schema)).min(MAX_ITEMS);
        let mut list = Vec::new();
        for index in 0..count as usize {
            let item = self.make(item_schema(schema, index), name, depth + 1);
            list.push(item);
        }
        self.complete_array(schema, &mut list, name, depth);
        list
    }

    /// Adds missing items, and replaces repeated ones if the items must be unique.
    pub(super) fn complete_array(&mut self, schema: &Value, list: &mut Vec<Value>, name: &str, depth: usize) {
        let most = most_items(schema);
        let least = bound(schema, "minItems").unwrap_or(0).min(MAX_ITEMS);
        if let Some(contained) = schema.get("contains") {
            self.add_contained(schema, contained, list, name, depth);
        }
        while (list.len() as u64) < least {
            let item = self.make(item_schema(schema, list.len()), name, depth + 1);
            list.push(item);
        }
        list.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        if schema.get("uniqueItems") == Some(&Value::Bool(true)) {
            self.make_unique(schema, list, name, depth);
        }
    }

    /// Replaces the first items after the prefix by ones that match `contains`, if too few do.
    fn add_contained(&mut self, schema: &Value, contained: &Value, list: &mut Vec<Value>, name: &str, depth: usize) {
        let least = bound(schema, "minContains").unwrap_or(1).min(MAX_ITEMS);
        let mut missing = least.saturating_sub(list.iter().filter(|item| self.accepts(contained, item)).count() as u64);
        let prefix = prefix_length(schema);
        let mut index = prefix;
        while missing > 0 && (index as u64) < most_items(schema) {
            if list.get(index).is_none_or(|item| !self.accepts(contained, item)) {
                let root = self.root;
                let both = merge(root.follow(contained), root.follow(item_schema(schema, index)));
                let item = self.make(&both, name, depth + 1);
                match list.get_mut(index) {
                    Some(known) => *known = item,
                    None => list.push(item),
                }
                missing -= 1;
            }
            index += 1;
        }
        self.is_uncertain = true;
    }

    /// Replaces items that are repeated. An item without another value is removed if it is not needed.
    fn make_unique(&mut self, schema: &Value, list: &mut Vec<Value>, name: &str, depth: usize) {
        let outer = self.variant;
        let least = bound(schema, "minItems").unwrap_or(0) as usize;
        let mut index = 1;
        while index < list.len() {
            let mut attempt = index;
            while list[..index].contains(&list[index]) && attempt < index + MAX_ATTEMPTS {
                self.variant = attempt;
                let item = self.make(item_schema(schema, index), name, depth + 1);
                list[index] = item;
                attempt += 1;
            }
            if list[..index].contains(&list[index]) && list.len() > least {
                list.remove(index);
            } else {
                index += 1;
            }
        }
        self.variant = outer;
    }
}
