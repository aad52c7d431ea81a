//! What every command takes to know which API it is about, and in which state.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;

use super::Stop;
use crate::contract::{Library, load};
use crate::engine::Engine;
use crate::exchange::{Clock, Switches, World};
use crate::quirks::{Profile, Selection};
use crate::scenarios::{Scenario, Start};
use crate::source::{Text, nearest};

#[derive(Clone, Debug, Args)]
pub(super) struct ApiOptions {
    /// A contract, or a folder of them, in place of the embedded ones
    #[arg(long, global = true, value_name = "PATH")]
    pub swagger: Vec<PathBuf>,

    /// A scenario: a file, or the name of an embedded one. Without it `music-school`, or `empty` for an API that has no
    /// such records
    #[arg(long, global = true, value_name = "FILE|NAME")]
    pub scenario: Option<String>,

    /// The quirks that are on: `observed` (all, as seen at the real API) or `documented` (none)
    #[arg(long, global = true, value_name = "PROFILE")]
    pub quirks: Option<String>,

    /// Switches one quirk on top of the profile: `+id` on, `-id` off
    #[arg(long, global = true, value_name = "+ID|-ID", allow_hyphen_values = true)]
    pub quirk: Vec<String>,

    /// The seed of ids and of generated people, in place of the scenario's
    #[arg(long, global = true, value_name = "N")]
    pub seed: Option<u64>,

    /// Stops the clock at this moment, such as 2026-02-08T10:00:00Z
    #[arg(long, global = true, value_name = "TIME")]
    pub now: Option<Timestamp>,
}

impl ApiOptions {
    pub(super) fn engine(&self) -> Result<Engine, Stop> {
        let library = match self.swagger.is_empty() {
            true => Library::embedded(),
            false => Library::from_paths(&self.swagger)?,
        };
        Ok(Engine::new(&library)?)
    }

    pub(super) fn scenario(&self, engine: &Engine) -> Result<Scenario, Stop> {
        if let Some(name) = &self.scenario {
            return Self::named(name);
        }
        let default = Self::named(Scenario::DEFAULT)?;
        match default.fits(&engine.contract().resources) {
            true => Ok(default),
            false => Self::named(Scenario::EMPTY),
        }
    }

    fn named(name: &str) -> Result<Scenario, Stop> {
        let path = Path::new(name);
        if path.is_file() {
            return Ok(Scenario::read(&load::read(path)?)?);
        }
        match Scenario::embedded(name) {
            Some(text) => Ok(Scenario::read(&text)?),
            None => {
                let names = Scenario::embedded_names();
                let near = nearest(name, names.iter().map(String::as_str));
                let advice = near.map_or_else(
                    || format!("embedded are: {}", names.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                Err(Stop::Usage(format!("there is no scenario `{name}`, neither a file nor embedded; {advice}")))
            }
        }
    }

    /// The switches: the scenario's, unless the command line names a profile; then the single ones.
    pub(super) fn switches(&self, engine: &Engine, scenario: Option<&Scenario>) -> Result<Switches, Stop> {
        let wanted = scenario.and_then(|scenario| scenario.quirks.clone()).unwrap_or_default();
        let mut selection = match &self.quirks {
            None => wanted,
            Some(name) => match Profile::named(name) {
                Some(profile) => Selection { profile, changes: Vec::new() },
                None => {
                    let known = Profile::ALL.map(|(_, name)| name).join(", ");
                    return Err(Stop::Usage(format!("there is no profile `{name}`; there are {known}")));
                }
            },
        };
        for written in &self.quirk {
            selection.change(written).map_err(|advice| Stop::Usage(format!("--quirk {written}: {advice}")))?;
        }
        engine.quirks().switches(&selection).map_err(|unknown| Stop::Usage(unknown.to_string()))
    }

    /// The world of a scenario with its clock at `now`, standing still or not.
    pub(super) fn world(
        &self,
        engine: &Engine,
        scenario: &Scenario,
        now: Timestamp,
        frozen: bool,
    ) -> Result<World, Stop> {
        let clock = if frozen { Clock::Frozen(now) } else { Clock::Running };
        let switches = self.switches(engine, Some(scenario))?;
        Ok(scenario.seed(&engine.contract().resources, Start { clock, now, switches, seed: self.seed })?)
    }
}

/// The files and folders of a command line, in order, read.
pub(super) fn read_all(paths: &[PathBuf]) -> Result<Vec<Text>, Stop> {
    let mut texts = Vec::new();
    for path in paths {
        for file in load::files_below(path)? {
            texts.push(load::read(&file)?);
        }
    }
    Ok(texts)
}
