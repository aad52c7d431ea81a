use std::sync::Arc;

use compact_str::format_compact;
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use super::{CallFacts, Delivery, Fault, FaultId};

/// The name of the random stream that decides about faults.
pub const RANDOM_STREAM: &str = "faults";

/// The maximum number of faults that can be added to a session: each request is compared with all of them.
pub const MAX_FAULTS: usize = 1000;

/// The faults of a session, in the order in which they apply.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    list: Vec<Active>,
    last_number: u64,
    random: Option<Box<ChaCha8Rng>>,
}

#[derive(Clone, Debug)]
struct Active {
    fault: Arc<Fault>,
    usage: FaultUsage,
}

/// How often a fault has met and changed requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultUsage {
    /// The number of requests that matched.
    pub matched: u64,
    /// The number of requests that it changed.
    pub applied: u64,
    /// When the window of a rate limit began, and the requests in it.
    pub window: Option<(Timestamp, u64)>,
}

/// What the faults of a session do to one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultEffect {
    /// How the response is sent.
    pub delivery: Delivery,
    /// The response instead of the operation's.
    pub status: Option<StatusFault>,
    /// Further headers of the response.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The ids of the faults.
    pub applied: Vec<FaultId>,
}

/// An error instead of the operation's response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusFault {
    /// The status.
    pub code: u16,
    /// The body; that of the path's dialect without one.
    pub body: Option<Value>,
    /// The message of the dialect's body.
    pub message: String,
}

/// What a kind of fault works on.
pub(super) struct FaultedCall<'a> {
    pub(super) effect: &'a mut FaultEffect,
    pub(super) usage: &'a mut FaultUsage,
    pub(super) random: &'a mut ChaCha8Rng,
    pub(super) now: Timestamp,
}

impl Faults {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether no further fault can be added.
    pub fn is_full(&self) -> bool {
        self.list.len() >= MAX_FAULTS
    }

    /// The faults in order, and how often each has been applied.
    pub fn iter(&self) -> impl Iterator<Item = (&Fault, u64)> {
        self.list.iter().map(|active| (&*active.fault, active.usage.applied))
    }

    /// How each fault has been used.
    pub fn usages(&self) -> impl Iterator<Item = (&FaultId, &FaultUsage)> {
        self.list.iter().map(|active| (&active.fault.id, &active.usage))
    }

    /// Sets how a fault has been used; `false` if there is none with that id.
    pub fn set_usage(&mut self, id: &str, usage: FaultUsage) -> bool {
        let fault = self.list.iter_mut().find(|active| active.fault.id == id);
        fault.map(|active| active.usage = usage).is_some()
    }

    /// The number in the last id that was made up, and the source of randomness if it has been used.
    pub fn progress(&self) -> (u64, Option<&ChaCha8Rng>) {
        (self.last_number, self.random.as_deref())
    }

    /// Sets the number in the last id that was made up, and the source of randomness.
    pub fn set_progress(&mut self, last_number: u64, random: Option<ChaCha8Rng>) {
        self.last_number = last_number;
        self.random = random.map(Box::new);
    }

    /// Adds a fault at the end; it gets an id if it has none. A fault with the same id is replaced.
    pub fn add(&mut self, mut fault: Fault) -> Arc<Fault> {
        while fault.id.is_empty() {
            self.last_number += 1;
            let id = format_compact!("fault-{}", self.last_number);
            if self.list.iter().all(|active| active.fault.id != id) {
                fault.id = id;
            }
        }
        let fault = Arc::new(fault);
        self.insert(Arc::clone(&fault));
        fault
    }

    /// Adds a fault that has an id. A fault with the same id is replaced.
    pub fn insert(&mut self, fault: Arc<Fault>) {
        self.list.retain(|active| active.fault.id != fault.id);
        self.list.push(Active { fault, usage: FaultUsage::default() });
    }

    /// Removes a fault; `false` if there is none with that id.
    pub fn remove(&mut self, id: &str) -> bool {
        let before = self.list.len();
        self.list.retain(|active| active.fault.id != id);
        self.list.len() < before
    }

    /// Removes all faults.
    pub fn clear(&mut self) {
        self.list.clear();
    }

    /// Whether any fault looks at the kind of the caller's token.
    pub fn need_token(&self) -> bool {
        self.list.iter().any(|active| active.fault.matches.token.is_some())
    }

    /// What the faults do to a request at a time of the session's clock. `random` makes the source of randomness when it is
    /// first needed.
    pub fn apply(&mut self, call: &CallFacts<'_>, now: Timestamp, random: impl FnOnce() -> ChaCha8Rng) -> FaultEffect {
        let mut effect = FaultEffect::default();
        let random = self.random.get_or_insert_with(|| Box::new(random()));
        for Active { fault, usage } in &mut self.list {
            let rule = &fault.matches;
            let is_over = rule.count.is_some_and(|count| usage.applied >= count);
            if is_over || !rule.matches(call) {
                continue;
            }
            usage.matched += 1;
            if rule.nth.is_some_and(|nth| nth != usage.matched) {
                continue;
            }
            if rule.probability.is_some_and(|probability| !random.random_bool(probability)) {
                continue;
            }
            if fault.kind.apply(&mut FaultedCall { effect: &mut effect, usage, random, now }) {
                usage.applied += 1;
                effect.applied.push(fault.id.clone());
            }
        }
        effect
    }
}
