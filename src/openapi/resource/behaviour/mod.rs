//! What the API does with records beyond storing what was sent: computed and derived fields, rules, effects.

mod effect;
mod loops;
mod notify;
mod read;
mod rule;
mod scope;

use compact_str::CompactString;

pub use effect::{Action, Effect, Target};
pub(super) use loops::{find_computed_loop, find_effect_loop};
pub use notify::{Notify, Receivers, Subject};
pub(super) use read::read_behaviour;
pub use rule::{Rule, RuleError};
pub(super) use scope::{Compiler, kinds_of};

use crate::expressions::Expression;

/// The behaviour of one kind of record.
#[derive(Clone, Debug, Default)]
pub struct Behaviour {
    /// Fields that every write computes, in an order in which each comes after those that it reads.
    pub computed: Vec<(CompactString, Expression)>,
    /// Fields that are computed whenever the record is shown. They are not stored.
    pub derived: Vec<(CompactString, Expression)>,
    /// Fields that no response shows.
    pub hidden: Vec<CompactString>,
    /// Conditions under which a request is rejected.
    pub rules: Vec<Rule>,
    /// What happens to other records.
    pub effects: Vec<Effect>,
}

/// What causes a rule or an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A record of the kind is created.
    Create,
    /// A record of the kind is changed by a request.
    Update,
    /// A record of the kind is deleted.
    Delete,
    /// An operation on a record of the kind, by its key.
    Operation(String),
    /// The lifecycle of a record of the kind enters a state.
    Enters(String),
}

impl Behaviour {
    /// Whether requests that write such records do nothing but store them.
    pub fn is_empty(&self) -> bool {
        self.computed.is_empty() && self.rules.is_empty() && self.effects.is_empty()
    }

    /// Whether responses show such records as they are stored.
    pub fn shows_stored(&self) -> bool {
        self.derived.is_empty() && self.hidden.is_empty()
    }
}
