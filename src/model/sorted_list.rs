//! A list that stays sorted, with access by index. A fork of it shares what neither has changed.

use std::cmp::Ordering;
use std::sync::Arc;

/// The number of elements from which a chunk is split.
const MAX_CHUNK: usize = 256;

/// Elements in an order that each call names anew: the same one for all calls of a list.
///
/// A list of a million elements has a few thousand chunks: an element is found by two binary searches, an index by adding up
/// lengths, and a change copies one chunk at most.
#[derive(Clone, Debug)]
pub(super) struct SortedList<T: Clone> {
    /// No chunk is empty.
    chunks: imbl::Vector<Chunk<T>>,
}

#[derive(Clone, Debug)]
struct Chunk<T: Clone> {
    elements: Arc<Vec<T>>,
    /// The number of elements. Without it, each length would cost a fetch from memory.
    length: usize,
}

impl<T: Clone> Default for SortedList<T> {
    fn default() -> Self {
        Self { chunks: imbl::Vector::new() }
    }
}

impl<T: Clone> SortedList<T> {
    /// A list of elements that are sorted.
    pub(super) fn of_sorted(elements: &[T]) -> Self {
        Self { chunks: elements.chunks(MAX_CHUNK).map(|chunk| Chunk::of(chunk.to_vec())).collect() }
    }

    /// Adds an element, unless an equal one exists. Returns whether it was added.
    pub(super) fn insert(&mut self, element: T, compare: impl Fn(&T, &T) -> Ordering) -> bool {
        let number = self.chunk_of(|known| compare(known, &element));
        let is_last = number + 1 == self.chunks.len();
        let Some(chunk) = self.chunks.get_mut(number) else {
            self.chunks.push_back(Chunk::of(vec![element]));
            return true;
        };
        let Err(at) = chunk.elements.binary_search_by(|known| compare(known, &element)) else { return false };
        if chunk.length < MAX_CHUNK {
            chunk.change(|elements| elements.insert(at, element));
        } else if is_last && at == chunk.length {
            // Most elements are added at the end, where half of each chunk would remain empty.
            self.chunks.push_back(Chunk::of(vec![element]));
        } else {
            let mut end = chunk.change(|elements| elements.split_off(MAX_CHUNK / 2));
            match at.checked_sub(chunk.length) {
                Some(at) => end.insert(at, element),
                None => chunk.change(|elements| elements.insert(at, element)),
            }
            self.chunks.insert(number + 1, Chunk::of(end));
        }
        true
    }

    /// Removes the element that is equal in the order. Returns it.
    pub(super) fn remove(&mut self, compare: impl Fn(&T) -> Ordering) -> Option<T> {
        let number = self.chunk_of(&compare);
        let chunk = self.chunks.get_mut(number)?;
        let at = chunk.elements.binary_search_by(&compare).ok()?;
        let removed = chunk.change(|elements| elements.remove(at));
        if chunk.length == 0 {
            self.chunks.remove(number);
        }
        Some(removed)
    }

    /// The index of the element that is equal in the order.
    pub(super) fn index_of(&self, compare: impl Fn(&T) -> Ordering) -> Option<usize> {
        let number = self.chunk_of(&compare);
        let at = self.chunks.get(number)?.elements.binary_search_by(&compare).ok()?;
        Some(self.chunks.iter().take(number).map(|chunk| chunk.length).sum::<usize>() + at)
    }

    /// The elements without the first `skipped` ones.
    pub(super) fn skip(&self, mut skipped: usize) -> impl Iterator<Item = &T> {
        let is_before = |chunk: &&Chunk<T>| {
            let rest = skipped.checked_sub(chunk.length);
            skipped = rest.unwrap_or(skipped);
            rest.is_some()
        };
        let number = self.chunks.iter().take_while(is_before).count();
        (number..self.chunks.len())
            .filter_map(|number| self.chunks.get(number))
            .flat_map(|chunk| &*chunk.elements)
            .skip(skipped)
    }

    /// The chunk in which the element with that comparison is, or where it belongs: the last one that does not begin after it.
    fn chunk_of(&self, compare: impl Fn(&T) -> Ordering) -> usize {
        let begins_after = |chunk: &Chunk<T>| chunk.elements.first().is_some_and(|first| compare(first).is_gt());
        if self.chunks.back().is_some_and(|last| !begins_after(last)) {
            return self.chunks.len() - 1;
        }
        let after =
            self.chunks.binary_search_by(|chunk| if begins_after(chunk) { Ordering::Greater } else { Ordering::Less });
        after.unwrap_or_else(|number| number).saturating_sub(1)
    }
}

impl<T: Clone> Chunk<T> {
    fn of(elements: Vec<T>) -> Self {
        Self { length: elements.len(), elements: Arc::new(elements) }
    }

    fn change<R>(&mut self, change: impl FnOnce(&mut Vec<T>) -> R) -> R {
        let elements = Arc::make_mut(&mut self.elements);
        let changed = change(elements);
        self.length = elements.len();
        changed
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Compares all that can be asked with a set of the same elements.
    fn check(list: &SortedList<u64>, set: &BTreeSet<u64>) {
        let all: Vec<u64> = set.iter().copied().collect();
        for skipped in [0, 1, 255, 256, 257, 3_000, 50_000] {
            assert!(list.skip(skipped).eq(all.iter().skip(skipped)), "{skipped} of {}", all.len());
        }
        for (index, element) in all.iter().enumerate().step_by(89) {
            assert_eq!(list.index_of(|known| known.cmp(element)), Some(index));
        }
        assert_eq!(list.index_of(|known| known.cmp(&u64::MAX)), None);
    }

    #[test]
    fn list_is_that_of_a_sorted_set_after_any_change() {
        let (mut list, mut set) = (SortedList::default(), BTreeSet::new());
        check(&list, &set);
        // Added at the end, at the beginning, and anywhere; then removed until nothing is left.
        let anywhere = (0..5_000_u64).map(|number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40);
        for element in (1_000..3_000).chain((0..1_000).rev()).chain(anywhere) {
            assert_eq!(list.insert(element, u64::cmp), set.insert(element));
        }
        check(&list, &set);
        let (before, known) = (list.clone(), set.clone());
        for element in known.iter().step_by(2).chain(known.iter()) {
            assert_eq!(list.remove(|known| known.cmp(element)).is_some(), set.remove(element));
            if set.len() % 1_000 == 0 {
                check(&list, &set);
            }
        }
        check(&list, &set);
        check(&before, &known);
        let sorted: Vec<u64> = known.iter().copied().collect();
        check(&SortedList::of_sorted(&sorted), &known);
    }
}
