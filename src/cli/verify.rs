use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::api::ApiOptions;
use super::support::inputs::{read_credentials, url};
use super::support::output::{print, print_status, progress};
use super::support::servers::ServerOptions;
use super::{CliError, Exit};
use crate::api::Gateways;
use crate::diagnostics::path_text;
use crate::fixtures::state::START;
use crate::fixtures::verify::{self, Outcome, Play, Prepare, Verdict};
use crate::fixtures::{ProviderState, read};
use crate::openapi::load;
use crate::scenarios::{Credentials, Remote, post};

/// Send fixtures to a running server, the mock or the real API, and compare the responses
///
/// Reads the JSON files of `standin fixtures`, Pact files and HTTP Archives. Requests with unsafe methods are skipped
/// without --writes.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  standin tokens --json > tokens.json\n  standin verify fixtures/ --tokens tokens.json --gateway http://127.0.0.1:4010/apigw \\\n    --fallback http://127.0.0.1:4010/api2 --control http://127.0.0.1:4011 --writes"
)]
pub(super) struct Verify {
    /// Fixture files, or folders of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,

    /// Tokens and ids of the server, as `standin tokens --json` prints them; not needed for an API without tokens
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,

    /// Base URL of the control port of a mock, such as http://127.0.0.1:4011; the mock is reset before each fixture
    #[arg(long, value_name = "URL", value_parser = url)]
    control: Option<String>,

    /// Send requests with unsafe methods too
    #[arg(long)]
    writes: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    api: ApiOptions,
}

impl Verify {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        if self.server.gateway.is_none() {
            return Err(CliError::Usage("set --gateway to the base URL of a running server".to_owned()));
        }
        let engine = self.api.engine()?;
        let gateways = &engine.api().gateways;
        let fixtures = self.read_fixtures(gateways)?;
        let credentials =
            self.tokens.as_deref().map(read_credentials).transpose()?.unwrap_or_default().for_api(&engine);
        reject_missing_tokens(&fixtures, &credentials)?;
        let mut remote = Remote::new(self.server.upstreams(gateways)?);
        let control = self.control.as_deref().map(|control| control.trim_end_matches('/'));
        if let Some(control) = control {
            let advice = "set --control to the control URL that `standin serve` prints";
            post(&format!("{control}/reset"), &json!({}))
                .map_err(|error| CliError::Usage(format!("{error}; {advice}")))?;
        }
        let mut set_up = |states: &[ProviderState]| control.map_or(Ok(()), |control| set_up(control, states));
        let prepare: Option<&mut Prepare<'_>> = if control.is_some() { Some(&mut set_up) } else { None };
        let mut play = Play { credentials: &credentials, writes: self.writes, prepare };
        let bar = progress(fixtures.len());
        let mut verdicts: Vec<Verdict> = Vec::new();
        for fixture in &fixtures {
            verdicts.push(play.play(fixture, &mut remote));
            bar.inc(1);
            // A server that does not respond to the first fixture is not there.
            if let (Some(Outcome::Failed { why }), (0, 1, _)) =
                (verdicts.last().map(|last| &last.outcome), verify::count(&verdicts))
            {
                bar.finish_and_clear();
                return Err(CliError::Usage(format!("{why}; --gateway must be the base URL of a running server")));
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

    fn read_fixtures(&self, gateways: &Gateways) -> Result<Vec<read::Loaded>, CliError> {
        let mut fixtures = Vec::new();
        for path in &self.paths {
            for file in load::files_below(path)? {
                // A folder may contain other files; a file on the command line must be a fixture.
                let is_fixture = file.extension().is_some_and(|ending| ending == "json" || ending == "har");
                if is_fixture || file == *path {
                    fixtures.extend(read::read(&load::read(&file)?, gateways).map_err(CliError::Usage)?);
                }
            }
        }
        if fixtures.is_empty() {
            let paths: Vec<String> = self.paths.iter().map(|path| path_text(path)).collect();
            print_status(&format!("no fixtures in {}; `standin fixtures --out DIR` writes some", paths.join(", ")));
        }
        Ok(fixtures)
    }
}

/// Rejects fixtures with tokens where no tokens are given and the API has some: every one would get 401.
fn reject_missing_tokens(fixtures: &[read::Loaded], credentials: &Credentials) -> Result<(), CliError> {
    let mut requests = fixtures.iter().flat_map(|loaded| loaded.fixture.interactions()).map(|one| &one.request);
    match requests.find_map(|request| request.token.as_deref()) {
        Some(name) if credentials.tokens.is_empty() && !credentials.accepts_any_token() => {
            Err(CliError::Usage(format!("the fixtures use the token `{name}`; set --tokens to a file with its value")))
        }
        _ => Ok(()),
    }
}

/// Resets a mock and sets up provider states over its control port.
fn set_up(control: &str, states: &[ProviderState]) -> Result<(), String> {
    post(&format!("{control}/reset"), &json!({}))?;
    for ProviderState { state, params } in states.iter().filter(|given| given.state != START) {
        post(&format!("{control}/states"), &json!({"state": state, "params": params, "action": "setup"}))?;
    }
    Ok(())
}
