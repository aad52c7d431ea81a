//! What every command takes to know which API it is about, and in which state.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use strum::VariantNames as _;

use super::CliError;
use super::support::inputs::ref_map;
use super::support::notes::format_notes;
use crate::api::identity::EMBEDDED_NAMES;
use crate::openapi::{ApiChoice, ApiFolder, Contract, Note, Severity};
use crate::pipeline::Engine;
use crate::quirks::Selection;
use crate::request::{Checking, Clock, QuirkFlags, State, UnknownIds};
use crate::scenarios::{Proof, Scenario, Start};

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "The API and its state")]
pub(super) struct ApiOptions {
    /// A contract, or a folder of them, instead of the embedded ones
    #[arg(long, global = true, value_name = "PATH")]
    pub swagger: Vec<PathBuf>,

    /// The API that the contracts belong to: `intandem`, `none` (the contracts alone), or `auto`: the one that a
    /// `standin.yaml` beside the contracts describes, or that most hosts of the contracts belong to
    #[arg(long, global = true, value_name = "NAME", default_value = "auto", value_parser = api_choice)]
    pub api: ApiChoice,

    /// A scenario: a file, or the name of one that the API has. The default is the API's own default scenario, or `empty`:
    /// the examples of the contracts and nothing else
    #[arg(long, global = true, value_name = "FILE|NAME")]
    pub scenario: Option<String>,

    /// The quirks that are on: `observed` (as seen at the real API), `documented` (none), `permissive` (as observed, but every
    /// gateway and token is let through) or `server-bugs` (the crashes as well). `observed@2026-03` selects the observations
    /// of a month that the API's `standin.yaml` lists; the default is its first one
    #[arg(long, global = true, value_name = "PROFILE")]
    pub quirks: Option<String>,

    /// Switches one quirk on top of the profile: `+id` on, `-id` off
    #[arg(long, global = true, value_name = "+ID|-ID", allow_hyphen_values = true)]
    pub quirk: Vec<String>,

    /// The seed of ids and of generated people, in place of the scenario's
    #[arg(long, global = true, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    pub seed: Option<u64>,

    /// How strictly requests are held against their contract: `lenient` (as the real API does), `documented` (to the
    /// letter) or `off`
    #[arg(long, global = true, value_name = "SETTING", value_parser = checking)]
    pub checking: Option<Checking>,

    /// What is answered where a path names a record that does not exist: `refuse` (not found) or `answer` (the contract's
    /// example under that id)
    #[arg(long, global = true, value_name = "SETTING", value_parser = unknown_ids)]
    pub unknown_ids: Option<UnknownIds>,

    /// Where a URL that references begin with lies on disk; nothing is ever fetched
    #[arg(long, global = true, value_name = "URL=FOLDER", value_parser = ref_map)]
    pub ref_map: Vec<(String, PathBuf)>,

    /// Stops the clock at this moment, such as 2026-02-08T10:00:00Z
    #[arg(long, global = true, value_name = "TIME", value_parser = time)]
    pub now: Option<Timestamp>,
}

impl ApiOptions {
    pub(super) fn engine(&self) -> Result<Engine, CliError> {
        self.engine_of(&self.folder()?)
    }

    /// Uses the only path as the API if it is a folder with a contract, and no other contracts are named.
    pub(super) fn use_folder_of(&mut self, paths: &[PathBuf]) {
        if let [folder] = paths
            && self.swagger.is_empty()
            && folder.is_dir()
            && ApiFolder::from_paths(paths).is_ok_and(|files| files.names_contract())
        {
            self.swagger = paths.to_vec();
        }
    }

    /// The files of the API.
    pub(super) fn folder(&self) -> Result<ApiFolder, CliError> {
        let folder = match self.swagger.is_empty() {
            true => ApiFolder::embedded(),
            false => ApiFolder::from_paths(&self.swagger)?,
        };
        Ok(ApiFolder { ref_map: self.ref_map.clone(), choice: self.api.clone(), ..folder })
    }

    /// The engine of these files.
    pub(super) fn engine_of(&self, folder: &ApiFolder) -> Result<Engine, CliError> {
        let engine = Engine::new(folder)?;
        if !self.swagger.is_empty() {
            // The tests check the embedded ones.
            Proof::check(engine.quirks(), &folder.quirks)?;
        }
        let Contract { operations, notes, .. } = engine.contract();
        let is_lost = |note: &Note| note.code.explanation().severity == Severity::Error;
        match operations.is_empty() && notes.iter().any(is_lost) {
            true => Err(CliError::NothingLeft(format_notes(folder, notes))),
            false => Ok(engine),
        }
    }

    /// The scenario that the user names, or the default one of the API.
    pub(super) fn scenario(&self, engine: &Engine) -> Result<Scenario, CliError> {
        let api = engine.api();
        let name = self.scenario.as_deref().or(api.scenario.as_deref()).unwrap_or(Scenario::EMPTY);
        Self::named(engine, name)
    }

    /// The file of the scenario, if the user names one.
    pub(super) fn scenario_file(&self) -> Option<&Path> {
        self.scenario.as_deref().map(Path::new).filter(|path| path.is_file())
    }

    /// The scenario of that name: a file, or one that the API has.
    pub(super) fn named(engine: &Engine, name: &str) -> Result<Scenario, CliError> {
        Ok(Scenario::find(name, engine.scenarios())?)
    }

    /// The switches: the scenario's, unless the command line names a profile; then the single ones.
    pub(super) fn flags(&self, engine: &Engine, scenario: Option<&Scenario>) -> Result<QuirkFlags, CliError> {
        if let Some(scenario) = scenario {
            scenario.check_switches(engine.quirks())?;
        }
        let wanted = scenario.and_then(|scenario| scenario.quirks.clone()).unwrap_or_default();
        let mut selection = match &self.quirks {
            None => wanted,
            Some(name) => Selection::of_profile(name).map_err(CliError::Usage)?,
        };
        for written in &self.quirk {
            selection.change(written).map_err(|advice| CliError::Usage(format!("--quirk {written}: {advice}")))?;
        }
        engine.quirks().flags(&selection).map_err(|unknown| CliError::Usage(unknown.to_string()))
    }

    /// The clock of a server that starts at a time with a scenario.
    pub(super) fn clock(&self, scenario: &Scenario, at: Timestamp) -> Clock {
        let of_snapshot = || scenario.snapshot.as_ref().and_then(|snapshot| snapshot.clock(at));
        let of_scenario = || scenario.now.map(Clock::Frozen);
        let wanted = self.now.map(Clock::Frozen).or_else(of_snapshot).or_else(of_scenario);
        wanted.unwrap_or(Clock::Running(at))
    }

    /// The state of a scenario with a clock.
    pub(super) fn state(&self, engine: &Engine, scenario: &Scenario, clock: Clock) -> Result<State, CliError> {
        let now = clock.start();
        let flags = self.flags(engine, Some(scenario))?;
        let mut state = scenario.seed(engine, Start { clock, now, flags, seed: self.seed })?;
        let settings = &mut state.settings;
        settings.checking = self.checking.unwrap_or(settings.checking);
        settings.unknown_ids = self.unknown_ids.unwrap_or(settings.unknown_ids);
        Ok(state)
    }
}

fn api_choice(text: &str) -> Result<ApiChoice, String> {
    match text {
        "auto" => Ok(ApiChoice::Auto),
        "none" => Ok(ApiChoice::None),
        name if EMBEDDED_NAMES.contains(&name) => Ok(ApiChoice::Named(name.to_owned())),
        _ => Err(format!("write one of auto, none, {}", EMBEDDED_NAMES.join(", "))),
    }
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("write a whole number from 0 to {}", u64::MAX))
}

fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "write a time with its zone, such as 2026-02-08T10:00:00Z".to_owned())
}

fn checking(text: &str) -> Result<Checking, String> {
    text.parse().map_err(|_| one_of(Checking::VARIANTS))
}

fn unknown_ids(text: &str) -> Result<UnknownIds, String> {
    text.parse().map_err(|_| one_of(UnknownIds::VARIANTS))
}

fn one_of(names: &[&str]) -> String {
    format!("write one of {}", names.join(", "))
}
