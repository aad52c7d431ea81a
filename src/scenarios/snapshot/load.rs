//! The state of a document that a running server gets.

use jiff::Timestamp;

use super::Snapshot;
use crate::diagnostics::{Diagnostics, SourceFile};
use crate::pipeline::Engine;
use crate::request::State;
use crate::scenarios::{Scenario, Start};

/// The state of a scenario or a snapshot, for a session at a time by the clock of requests. `before` has the clock and the quirk
/// flags if the document has none.
///
/// # Errors
/// All errors, also those in records if other keys are invalid.
pub fn load_state(engine: &Engine, source: &SourceFile, before: &State, at: Timestamp) -> Result<State, Diagnostics> {
    let (scenario, mut diagnostics) = Scenario::read_leniently(source, engine.scenarios());
    let state = scenario.and_then(|scenario| {
        diagnostics.collect_all(scenario.check_switches(engine.quirks()));
        let flags = scenario.quirks.as_ref().and_then(|selection| engine.quirks().flags(selection).ok());
        let of_snapshot = scenario.snapshot.as_deref().and_then(|snapshot: &Snapshot| snapshot.clock(at));
        let of_scenario = || scenario.now.map(|now| before.clock().set_to(now, at));
        let clock = of_snapshot.or_else(of_scenario).unwrap_or_else(|| before.clock());
        let flags = flags.unwrap_or_else(|| before.flags().clone());
        let start = Start { clock, now: clock.time_at(at), flags, seed: None };
        diagnostics.collect_all(scenario.seed(engine, start))
    });
    let mut loaded = diagnostics.all(source, state);
    if let Err(Diagnostics { list, .. }) = &mut loaded {
        // A record that is no mapping is found twice.
        list.dedup_by_key(|diagnostic| diagnostic.span);
    }
    loaded
}
