//! Compiled engines and initial states, which all mocks of the process share.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;

use super::StartError;
use crate::diagnostics::SourceFile;
use crate::openapi::{ApiChoice, ApiFolder};
use crate::pipeline::Engine;
use crate::quirks::Selection;
use crate::request::{Clock, State};
use crate::scenarios::{Credentials, Scenario, Start, credentials};

/// Where an API is described.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) paths: Vec<PathBuf>,
    pub(super) contracts: Vec<SourceFile>,
    pub(super) choice: ApiChoice,
}

/// Which initial state a mock has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Initial {
    pub(super) scenario: Option<String>,
    pub(super) quirks: Option<String>,
    pub(super) switches: Vec<String>,
    pub(super) seed: Option<u64>,
    pub(super) now: Option<Timestamp>,
}

/// An engine with an initial state, and the tokens of that state.
#[derive(Clone)]
pub(super) struct Prepared {
    pub(super) engine: Arc<Engine>,
    pub(super) state: State,
    pub(super) credentials: Arc<Credentials>,
}

/// An engine, and the states that mocks have begun with.
struct Compiled {
    engine: Arc<Engine>,
    states: Vec<(Initial, Prepared)>,
}

/// What has been compiled from a source; locked while it is compiled, so that it happens once.
type Slot = Arc<Mutex<Option<Compiled>>>;

static SLOTS: Mutex<Vec<(Source, Slot)>> = Mutex::new(Vec::new());

/// The engine of a source with an initial state: the same one for the same arguments. Files are read once for each process.
///
/// # Errors
/// If a file is wrong, or an option names something that does not exist. Errors are not stored.
pub(super) fn prepare(source: &Source, initial: &Initial) -> Result<Prepared, StartError> {
    let slot = slot_of(source);
    let mut slot = slot.lock();
    let compiled = match &mut *slot {
        Some(compiled) => compiled,
        empty => empty.insert(Compiled { engine: Arc::new(source.compile()?), states: Vec::new() }),
    };
    if let Some((_, prepared)) = compiled.states.iter().find(|(known, _)| known == initial) {
        return Ok(prepared.clone());
    }
    let prepared = initial.prepare(&compiled.engine)?;
    compiled.states.push((initial.clone(), prepared.clone()));
    Ok(prepared)
}

fn slot_of(source: &Source) -> Slot {
    let mut slots = SLOTS.lock();
    if let Some((_, slot)) = slots.iter().find(|(known, _)| known == source) {
        return Arc::clone(slot);
    }
    let slot = Slot::default();
    slots.push((source.clone(), Arc::clone(&slot)));
    slot
}

impl Source {
    fn compile(&self) -> Result<Engine, StartError> {
        let mut folder = match self.paths.as_slice() {
            [] if self.contracts.is_empty() => ApiFolder::embedded(),
            [] => ApiFolder::default(),
            paths => ApiFolder::from_paths(paths)?,
        };
        folder.contracts.extend(self.contracts.iter().cloned());
        folder.choice = self.choice.clone();
        Ok(Engine::new(&folder)?)
    }
}

impl Initial {
    fn prepare(&self, engine: &Arc<Engine>) -> Result<Prepared, StartError> {
        let name = self.scenario.as_deref().or(engine.api().scenario.as_deref()).unwrap_or(Scenario::EMPTY);
        let scenario = Scenario::find(name, engine.scenarios())?;
        scenario.check_switches(engine.quirks())?;
        let mut selection = match &self.quirks {
            Some(profile) => Selection::of_profile(profile).map_err(StartError::Option)?,
            None => scenario.quirks.clone().unwrap_or_default(),
        };
        for switch in &self.switches {
            selection.change(switch).map_err(StartError::Option)?;
        }
        let flags = engine.quirks().flags(&selection).map_err(|unknown| StartError::Option(unknown.to_string()))?;
        let clock = self.now.or(scenario.now).map_or_else(|| Clock::Running(Timestamp::now()), Clock::Frozen);
        let state = scenario.seed(engine, Start { clock, now: clock.start(), flags, seed: self.seed })?;
        let credentials = Arc::new(credentials(engine, &state, &scenario));
        Ok(Prepared { engine: Arc::clone(engine), state, credentials })
    }
}
