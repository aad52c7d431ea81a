use clap::Args;
use jiff::Timestamp;

use super::api::ApiOptions;
use super::{CliError, Exit, print};
use crate::scenarios::credentials;

/// Prints the tokens of a scenario, and the ids that go with them
#[derive(Debug, Args)]
pub(super) struct Tokens {
    #[command(flatten)]
    api: ApiOptions,

    /// As `{"tokens": {…}, "params": {…}}`, which `replay --tokens` and other runners read
    #[arg(long)]
    json: bool,
}

impl Tokens {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let engine = self.api.engine()?;
        let scenario = self.api.scenario(&engine)?;
        let now = self.api.now.or(scenario.now).unwrap_or_else(Timestamp::now);
        let state = self.api.state(&engine, &scenario, now, true)?;
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
