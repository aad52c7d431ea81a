use std::sync::Arc;

use super::Start;
use crate::model::{Record, Store};
use crate::request::{CacheLimits, State};

/// The kind of tokens.
const TOKEN: &str = "token";

/// How the states of sessions change when another engine takes over.
///
/// Ids, clock, faults and idempotency keys stay, as do records of kinds that the new engine has. Settings, ownership and
/// quirk flags are those of the new initial state; quirks that were switched in a session stay switched.
pub(super) struct Migration<'a> {
    /// The initial state before.
    before: &'a Arc<Start>,
    /// The initial state from now on.
    after: &'a Arc<Start>,
    /// The kinds of records that the new engine lacks.
    gone: &'a [&'a str],
}

impl<'a> Migration<'a> {
    pub(super) fn new(before: &'a Arc<Start>, after: &'a Arc<Start>, gone: &'a [&'a str]) -> Self {
        Self { before, after, gone }
    }

    /// The state with which a session begins that has begun with `start` so far. A session with an initial state of its own
    /// keeps its records and settings.
    pub(super) fn start(&self, start: &Arc<Start>) -> Arc<Start> {
        if Arc::ptr_eq(start, self.before) {
            return Arc::clone(self.after);
        }
        let (mut state, before, after) = (start.fork(), self.before.fork(), self.after.fork());
        self.remove_gone(&mut state);
        state.ownership = Arc::clone(&after.ownership);
        let flags = after.flags().clone().with_switches(state.flags(), before.flags());
        state.set_quirk_flags(flags);
        Arc::new(Start::new(state, CacheLimits::SMALL))
    }

    /// The state of a session that differs from its initial state `before`, and begins with `after` from now on. If only
    /// its clock, faults or quirks differ, it has the records of `after`.
    pub(super) fn state(&self, mut state: State, before: &State, after: &State) -> State {
        if state.store.is_same(&before.store) {
            state.store = after.store.clone();
        } else {
            self.remove_gone(&mut state);
            state.store.add_new_kinds(&after.store);
            update_tokens(&mut state.store, &before.store, &after.store);
        }
        state.ids.skip_used_by(&after.ids);
        state.settings = after.settings;
        state.ownership = Arc::clone(&after.ownership);
        let flags = after.flags().clone().with_switches(state.flags(), before.flags());
        state.set_quirk_flags(flags);
        state
    }

    fn remove_gone(&self, state: &mut State) {
        for kind in self.gone {
            state.store.remove_kind(kind);
        }
    }
}

/// Adds the tokens that an initial state has newly or differently, and removes those that it lacks now.
fn update_tokens(store: &mut Store, before: &Store, after: &Store) {
    for token in before.all(TOKEN).filter(|token| after.get(TOKEN, &token.id).is_none()) {
        store.remove(TOKEN, &token.id);
    }
    for token in after.all(TOKEN).filter(|token| before.get(TOKEN, &token.id) != Some(*token)) {
        store.put(Record::clone(token));
    }
}
