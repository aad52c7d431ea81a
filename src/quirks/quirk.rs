use std::sync::Arc;

use super::{Effect, When};
use crate::diagnostics::YamlNode;

/// One departure of the real API from its contract.
#[derive(Clone, Debug)]
pub struct Quirk {
    /// Its id; never renamed and never reused.
    pub id: String,
    /// What it is about.
    pub area: Area,
    /// Whether it is one side of a contradiction and must be switched on explicitly.
    pub is_off_by_default: bool,
    /// The first date at which it was observed, of the dates in `observed` of `standin.yaml`.
    pub since: Option<String>,
    /// The last such date.
    pub until: Option<String>,
    /// What the API does when the quirk is on.
    pub on: String,
    /// What the API does when it is off.
    pub off: String,
    /// Where it was observed.
    pub evidence: Vec<Evidence>,
    /// The requests to which the effect applies.
    pub when: When,
    /// What it does; none if a handler implements it.
    pub effect: Option<Arc<dyn Effect>>,
    /// Steps whose responses differ between quirk on and quirk off.
    pub proof: YamlNode,
    /// The file that declares it.
    pub file: String,
    /// The line in the file, from 1.
    pub line: usize,
}

impl Quirk {
    /// Whether it rejects requests that the contract allows, for what they say and not for the state of a record.
    pub(super) fn rejects_values(&self) -> bool {
        let is_about_values = self.area == Area::Validation && self.when.record.is_none();
        is_about_values && self.effect.as_ref().is_some_and(|effect| effect.rejects_values())
    }

    /// Whether it was observed at a date. Dates are compared as text, such as `2026-02`.
    pub(super) fn is_observed_at(&self, date: &str) -> bool {
        self.since.as_deref().is_none_or(|since| since <= date)
            && self.until.as_deref().is_none_or(|until| date <= until)
    }
}

/// What a quirk is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Which gateways, tokens, permissions and features give access.
    Access,
    /// Which requests are accepted, coerced or rejected.
    Validation,
    /// Side effects and lifecycles.
    #[default]
    Behaviour,
    /// How a response is written.
    Representation,
    /// Crashes of the real servers.
    ServerBug,
}

impl Area {
    /// All areas with their names.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Access, "access"),
        (Self::Validation, "validation"),
        (Self::Behaviour, "behaviour"),
        (Self::Representation, "form"),
        (Self::ServerBug, "server-bug"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(area, _)| *area == self).map_or("", |(_, name)| name)
    }
}

/// Where a quirk was observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The document.
    pub source: String,
    /// The place in it.
    pub at: String,
    /// The day on which it was verified against the real API.
    pub verified: Option<String>,
}
