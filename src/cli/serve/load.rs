use jiff::Timestamp;

use crate::cli::CliError;
use crate::cli::api::ApiOptions;
use crate::model::TimeSpan;
use crate::openapi::ApiFolder;
use crate::pipeline::Engine;
use crate::request::State;
use crate::scenarios::Scenario;

/// Loads the API and its initial state: at the start, and again when its files change.
pub(super) struct Loader {
    pub(super) api: ApiOptions,
    /// How far the clock is moved.
    pub(super) advance: Option<TimeSpan>,
    /// When the server was started: relative dates count from here after a reload too.
    pub(super) started: Timestamp,
}

/// An API and its initial state.
pub(super) struct Loaded {
    /// The files that were read, without those that references lead to.
    pub(super) folder: ApiFolder,
    pub(super) engine: Engine,
    pub(super) scenario: Scenario,
    pub(super) state: State,
}

impl Loader {
    /// Reads all files.
    ///
    /// # Errors
    /// What is wrong with them, or with the command line.
    pub(super) fn load(&self) -> Result<Loaded, CliError> {
        let folder = self.api.folder()?;
        let engine = self.api.engine_of(&folder)?;
        let scenario = self.api.scenario(&engine)?;
        let mut state = self.api.state(&engine, &scenario, self.api.clock(&scenario, self.started))?;
        self.advance(&mut state)?;
        Ok(Loaded { folder, engine, scenario, state })
    }

    fn advance(&self, state: &mut State) -> Result<(), CliError> {
        let Some(span) = self.advance else { return Ok(()) };
        let from = state.clock().start();
        let to = span.after(from).ok_or_else(|| CliError::Usage(format!("--advance {span} is beyond the calendar")))?;
        state.set_clock(state.clock().set_to(to, from));
        Ok(())
    }
}
