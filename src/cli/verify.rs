use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::api::{read_all, read_credentials};
use super::{Exit, Stop, print, progress};
use crate::fixtures::state::START;
use crate::fixtures::verify::{self, Play, Prepare};
use crate::fixtures::{Given, read};
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
    #[arg(long, value_name = "URL")]
    gateway: String,

    /// Base URL of its fallback, such as http://127.0.0.1:4010/api2
    #[arg(long, value_name = "URL")]
    fallback: String,

    /// Base URL for /v1/partners, where it is another than the gateway's
    #[arg(long, value_name = "URL")]
    partners: Option<String>,

    /// Tokens and ids of the server, as `standin tokens --json` prints them
    #[arg(long, value_name = "FILE")]
    tokens: PathBuf,

    /// Base URL of the control port of a mock, such as http://127.0.0.1:4011: each fixture begins in a fresh world
    #[arg(long, value_name = "URL")]
    control: Option<String>,

    /// Sends requests that change something as well
    #[arg(long)]
    writes: bool,

    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(self) -> Result<Exit, Stop> {
        let mut fixtures = Vec::new();
        for file in read_all(&self.paths)? {
            fixtures.extend(read::read(&file).map_err(Stop::Usage)?);
        }
        let credentials = read_credentials(&self.tokens)?;
        let mut remote = Remote::new(&self.gateway, &self.fallback, self.partners.as_deref());
        let control = self.control.as_deref().map(|control| control.trim_end_matches('/'));
        let mut prepare = |given: &[Given]| -> Result<(), String> {
            let Some(control) = control else { return Ok(()) };
            post(&format!("{control}/reset"), &json!({}))?;
            let states = given.iter().filter(|given| given.state != START);
            let asked = |given: &Given| json!({"state": given.state, "params": given.params, "action": "setup"});
            states.map(asked).try_for_each(|asked| post(&format!("{control}/states"), &asked))
        };
        let prepare: Option<&mut Prepare<'_>> = if control.is_some() { Some(&mut prepare) } else { None };
        let mut play = Play { credentials: &credentials, writes: self.writes, prepare };
        let bar = progress(fixtures.len());
        let mut verdicts = Vec::new();
        for fixture in &fixtures {
            verdicts.push(play.play(fixture, &mut remote));
            bar.inc(1);
        }
        bar.finish_and_clear();
        print(&if self.json { format!("{:#}\n", verify::json(&verdicts)) } else { verify::text(&verdicts) });
        Ok(match verify::count(&verdicts) {
            (_, drifted, _) if drifted > 0 => Exit::Failure,
            (0, _, _) => Exit::NothingRan,
            _ => Exit::Success,
        })
    }
}
