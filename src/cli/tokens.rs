use clap::Args;
use jiff::Timestamp;

use super::api::ApiOptions;
use super::support::output::print;
use super::{CliError, Exit};
use crate::request::Clock;
use crate::scenarios::credentials;

/// Print the tokens of a scenario and the ids of its records
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  standin tokens\n  standin tokens --scenario mine.yaml --json > tokens.json")]
pub(super) struct Tokens {
    /// Print `{"tokens": {…}, "params": {…}}`, the format that `replay --tokens` reads
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    api: ApiOptions,
}

impl Tokens {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let engine = self.api.engine()?;
        let scenario = self.api.scenario(&engine)?;
        let now = self.api.now.or(scenario.now).unwrap_or_else(Timestamp::now);
        let state = self.api.state(&engine, &scenario, Clock::Frozen(now))?;
        let credentials = credentials(&engine, &state, &scenario);
        if self.json {
            print(&format!("{:#}\n", credentials.to_json()))?;
            return Ok(Exit::Success);
        }
        let pairs = || credentials.tokens.iter().chain(&credentials.params);
        let width = pairs().map(|(name, _)| name.len()).max().unwrap_or(0);
        let lines = |pairs: &[(String, String)]| -> String {
            pairs.iter().map(|(name, value)| format!("{name:width$}  {value}\n")).collect()
        };
        print(&format!("{}\n{}", lines(&credentials.tokens), lines(&credentials.params)))?;
        Ok(Exit::Success)
    }
}
