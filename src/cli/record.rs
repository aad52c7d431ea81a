use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;

use super::api::ApiOptions;
use super::support::fixtures::{cannot_write, write};
use super::support::inputs::{read_credentials, url};
use super::support::output::{print, print_status};
use super::support::servers::{named_url, upstreams};
use super::support::signals::Shutdown;
use super::{CliError, Exit};
use crate::api::Gateways;
use crate::diagnostics::path_text;
use crate::fixtures::formats;
use crate::pipeline::Session;
use crate::recorder::{Recorder, RecordingContext};
use crate::request::{Clock, Request};
use crate::scenarios::{Upstream, credentials};
use crate::server::{AccessLog, Limits, Proxy, Server};

/// Record the traffic between an app and an API as a scenario and as fixtures
///
/// A reverse proxy that forwards requests to the given URLs and to no other host; it does not follow redirects. On Ctrl-C it
/// writes the recording: tokens are replaced by names, other credentials and personal data by values of the same form (the
/// same value everywhere by the same replacement), and ids by variables. If a replaced value is left in a file, nothing is
/// written.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  standin record --upstream https://api.example.com --out sale.yaml\n  standin record --upstream http://127.0.0.1:4010/apigw --tokens tokens.json \\\n    --fallback-upstream http://127.0.0.1:4010/api2 --out sale.yaml\n  standin record --swagger my-api/ --upstream https://api.example.com \\\n    --upstream partner=https://partner.example.com --out sale.yaml"
)]
pub(super) struct Record {
    /// Base URL of the main gateway to forward to, such as https://api.example.com/apigw, or NAME=URL for another gateway
    /// or separate host of standin.yaml; may be repeated
    #[arg(long = "upstream", value_name = "[NAME=]URL", value_parser = target, required = true)]
    targets: Vec<Target>,

    /// Base URL of the fallback gateway to forward to
    #[arg(long, value_name = "URL", value_parser = url)]
    fallback_upstream: Option<String>,

    /// Scenario file to write. The fixtures are written to a folder of the same name beside it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Names of tokens, as `standin tokens --json` prints them; other tokens become recorded_1, recorded_2, …
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,

    /// Field whose values are not replaced, such as city; may be repeated. Its case and separators do not count
    #[arg(long, value_name = "FIELD")]
    keep: Vec<String>,

    /// Port to listen on, for this machine only; 0 selects a free port
    #[arg(long, default_value_t = 4020, allow_negative_numbers = true)]
    port: u16,

    /// Print each request on stderr
    #[arg(short, long)]
    verbose: bool,

    #[command(flatten)]
    api: ApiOptions,
}

/// Where the requests of a gateway go.
#[derive(Clone, Debug)]
struct Target {
    /// The gateway or separate host; that without a name is the main gateway.
    gateway: Option<String>,
    url: String,
}

/// Parses `URL` or `NAME=URL`.
fn target(text: &str) -> Result<Target, String> {
    let is_named = text.split_once('=').is_some_and(|(name, _)| !name.contains(['/', ':']));
    if is_named {
        return named_url(text).map(|(name, url)| Target { gateway: Some(name), url });
    }
    url(text).map(|url| Target { gateway: None, url })
}

impl Record {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        self.check_out()?;
        let engine = self.api.engine()?;
        let scenario = self.api.scenario(&engine)?;
        let now = self.api.now.unwrap_or_else(Timestamp::now);
        let state = self.api.state(&engine, &scenario, Clock::Frozen(now))?;
        let credentials = match &self.tokens {
            Some(path) => read_credentials(path)?.for_api(&engine),
            // The upstream may be a mock in this scenario.
            None => credentials(&engine, &state, &scenario),
        };
        let name = self.out.file_stem().and_then(|stem| stem.to_str()).unwrap_or("recorded").to_owned();
        let recorder = Arc::new(Recorder::new(Arc::clone(engine.api()), self.upstreams(&engine.api().gateways)?));
        let urls: Vec<&str> = self.targets.iter().map(|target| target.url.as_str()).collect();
        let urls = urls.join(", ");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let server = Server::bind(SocketAddr::from((IpAddr::V4(Ipv4Addr::LOCALHOST), self.port)), None).await?;
            let (address, _) = server.addresses()?;
            let mut shutdown = Shutdown::listen()?;
            let listening = Arc::clone(&recorder);
            print(&format!("recording on http://{address}, forwarding to {urls}\n"))?;
            server
                .run(
                    Proxy(move |request: &Request| listening.forward(request)),
                    Limits::default(),
                    self.verbose.then(|| AccessLog::lines(print_status)),
                    shutdown.requested(),
                )
                .await;
            // The recording is written even if the upstream has not responded to the last request.
            shutdown.requests_have_ended();
            Ok::<_, CliError>(())
        })?;
        runtime.shutdown_background();
        if recorder.count() == 0 {
            print_status(&format!("nothing recorded: {urls} answered no request"));
            return Ok(Exit::NothingToRun);
        }
        let is_found = engine.scenarios().find(&scenario.name).is_some();
        let scenario = Some((scenario.name, Session::new(state))).filter(|_| is_found);
        let context = RecordingContext { engine: &engine, credentials, scenario, now, keep: self.keep.clone() };
        let (fixtures, scenario) =
            recorder.finish(&name, &context).map_err(|error| CliError::NotWritten(error.to_string()))?;
        std::fs::write(&self.out, scenario).map_err(|error| cannot_write(&self.out, &error))?;
        let folder = self.out.with_extension("");
        let json = formats::named("json").expect("plain JSON is a format");
        write(&folder, &formats::folder(&fixtures, json), true)?;
        let count = fixtures.list.len();
        print(&format!(
            "{count} requests: {} and {}\n",
            path_text(&self.out),
            path_text(&folder.join(formats::INDEX))
        ))?;
        Ok(Exit::Success)
    }

    fn upstreams(&self, gateways: &Gateways) -> Result<HashMap<String, Upstream>, CliError> {
        let main = gateways.default_gateway().name.as_str();
        let named = self.targets.iter().map(|target| (target.gateway.as_deref().unwrap_or(main), &target.url));
        let fallback = self.fallback_upstream.iter().map(|url| (gateways.fallback().name.as_str(), url));
        let all: Vec<(&str, &String)> = named.chain(fallback).collect();
        for (place, (name, _)) in all.iter().enumerate() {
            if all[..place].iter().any(|(known, _)| known == name) {
                return Err(CliError::Usage(format!("the gateway `{name}` has two upstreams; keep one of them")));
            }
        }
        upstreams(gateways, all.into_iter())
    }

    /// Rejects an output file that cannot be written, before anything is recorded and lost.
    fn check_out(&self) -> Result<(), CliError> {
        let out = &self.out;
        if out.extension().is_none() && !out.is_dir() {
            let name = path_text(out);
            return Err(CliError::Usage(format!("--out: name a file with an extension, such as {name}.yaml")));
        }
        let index = std::fs::read_to_string(out.with_extension("").join(formats::INDEX)).unwrap_or_default();
        if let Ok(recipe) = formats::Recipe::read(&index)
            && Some(recipe.about.scenario.as_str()) != out.file_stem().and_then(|stem| stem.to_str())
        {
            let folder = out.with_extension("");
            return Err(CliError::Usage(format!(
                "--out: {} holds other fixtures; name another file",
                path_text(&folder)
            )));
        }
        let is_new = !out.exists();
        let opened = std::fs::OpenOptions::new().create(true).append(true).open(out);
        opened.map_err(|error| cannot_write(out, &error))?;
        if is_new {
            std::fs::remove_file(out).map_err(|error| cannot_write(out, &error))?;
        }
        Ok(())
    }
}
