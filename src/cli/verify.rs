use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::api::{read_credentials, url};
use super::{CliError, Exit, print, print_status, progress};
use crate::fixtures::state::START;
use crate::fixtures::verify::{self, Outcome, Play, Prepare};
use crate::fixtures::{ProviderState, read};
use crate::openapi::load;
use crate::scenarios::{Remote, post};

/// Plays fixtures against a running server, the mock or the real API, and tells what has moved
///
/// Fixtures are those of `standin fixtures` in JSON, Pact files, and HTTP Archives. Requests that change something are
/// passed over without --writes.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Files and folders of fixtures
    #[arg(required = true)]
    paths: Vec<PathBuf>,

    /// Base URL of the main gateway, such as http://127.0.0.1:4010/apigw
    #[arg(long, value_name = "URL", value_parser = url)]
    gateway: String,

    /// Base URL of its fallback, such as http://127.0.0.1:4010/api2
    #[arg(long, value_name = "URL", value_parser = url)]
    fallback: String,

    /// Base URL for /v1/partners, where it is another than the gateway's
    #[arg(long, value_name = "URL", value_parser = url)]
    partners: Option<String>,

    /// Tokens and ids of the server, as `standin tokens --json` prints them
    #[arg(long, value_name = "FILE")]
    tokens: PathBuf,

    /// Base URL of the control port of a mock, such as http://127.0.0.1:4011: each fixture begins in a fresh world
    #[arg(long, value_name = "URL", value_parser = url)]
    control: Option<String>,

    /// Sends requests that change something as well
    #[arg(long)]
    writes: bool,

    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let mut fixtures = Vec::new();
        for path in &self.paths {
            for file in load::files_below(path)? {
                // A folder may hold other things; a file that is named is meant.
                let is_json = file.extension().is_some_and(|ending| ending == "json" || ending == "har");
                if is_json || file == *path {
                    fixtures.extend(read::read(&load::read(&file)?).map_err(CliError::Usage)?);
                }
            }
        }
        if fixtures.is_empty() {
            let paths: Vec<String> = self.paths.iter().map(|path| path.display().to_string()).collect();
            print_status(&format!("no fixtures in {}; `standin fixtures --out DIR` makes some", paths.join(", ")));
        }
        let credentials = read_credentials(&self.tokens)?;
        let mut remote = Remote::new(&self.gateway, &self.fallback, self.partners.as_deref());
        let control = self.control.as_deref().map(|control| control.trim_end_matches('/'));
        if let Some(control) = control {
            let advice = "name the control port that `standin serve` prints with --control";
            post(&format!("{control}/reset"), &json!({})).map_err(|why| CliError::Usage(format!("{why}; {advice}")))?;
        }
        let mut prepare = |given: &[ProviderState]| -> Result<(), String> {
            let Some(control) = control else { return Ok(()) };
            post(&format!("{control}/reset"), &json!({}))?;
            let states = given.iter().filter(|given| given.state != START);
            let asked =
                |given: &ProviderState| json!({"state": given.state, "params": given.params, "action": "setup"});
            states.map(asked).try_for_each(|asked| post(&format!("{control}/states"), &asked))
        };
        let prepare: Option<&mut Prepare<'_>> = if control.is_some() { Some(&mut prepare) } else { None };
        let mut play = Play { credentials: &credentials, writes: self.writes, prepare };
        let bar = progress(fixtures.len());
        let mut verdicts = Vec::new();
        for fixture in &fixtures {
            verdicts.push(play.play(fixture, &mut remote));
            bar.inc(1);
            // Who does not answer the first will not answer the thousandth.
            if let (Some(Outcome::Failed { why }), (0, 1, _)) =
                (verdicts.last().map(|last| &last.outcome), verify::count(&verdicts))
            {
                bar.finish_and_clear();
                return Err(CliError::Usage(format!(
                    "{why}; --gateway and --fallback are the base URLs of a running server"
                )));
            }
        }
        bar.finish_and_clear();
        print(&if self.json { format!("{:#}\n", verify::json(&verdicts)) } else { verify::text(&verdicts) })?;
        Ok(match verify::count(&verdicts) {
            (_, drifted, _) if drifted > 0 => Exit::Failure,
            (0, _, _) => Exit::NothingToRun,
            _ => Exit::Success,
        })
    }
}
