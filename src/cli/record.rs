use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;

use super::api::ApiOptions;
use super::support::fixtures::{cannot_write, write};
use super::support::inputs::{read_credentials, url};
use super::support::output::{print, print_status};
use super::support::shutdown::shutdown_signal;
use super::{CliError, Exit};
use crate::fixtures::formats;
use crate::fixtures::record::{Recorder, RecordingContext};
use crate::request::Request;
use crate::scenarios::{Credentials, Upstream};
use crate::server::{AccessLog, Limits, Proxy, Server};

/// Record the traffic between an app and an API as a scenario and as fixtures
///
/// A reverse proxy that forwards requests to the given URLs and to no other host; it does not follow redirects. On Ctrl-C it
/// writes the recording: tokens are replaced by names, personal data by other data (the same value everywhere by the same
/// replacement), and ids by variables.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  standin record --upstream https://api.example.com --out sale.yaml\n  standin record --upstream http://127.0.0.1:4010/apigw --tokens tokens.json \\\n    --fallback-upstream http://127.0.0.1:4010/api2 --out sale.yaml"
)]
pub(super) struct Record {
    /// Base URL of the main gateway to forward to, such as https://api.example.com/apigw
    #[arg(long, value_name = "URL", value_parser = url)]
    upstream: String,

    /// Base URL of the fallback gateway to forward to
    #[arg(long, value_name = "URL", value_parser = url)]
    fallback_upstream: Option<String>,

    /// Scenario file to write. The fixtures are written to a folder of the same name beside it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Names of tokens, as `standin tokens --json` prints them; other tokens become recorded_1, recorded_2, …
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,

    /// Port to listen on, for this machine only; 0 selects a free port
    #[arg(long, default_value_t = 4020, allow_negative_numbers = true)]
    port: u16,

    /// Print each request on stderr
    #[arg(short, long)]
    verbose: bool,

    #[command(flatten)]
    api: ApiOptions,
}

impl Record {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        self.check_out()?;
        let engine = self.api.engine()?;
        let credentials = match &self.tokens {
            Some(path) => read_credentials(path)?,
            None => Credentials::default(),
        };
        let name = self.out.file_stem().and_then(|stem| stem.to_str()).unwrap_or("recorded").to_owned();
        let fallback = self.fallback_upstream.as_deref().map(Upstream::new);
        let recorder = Arc::new(Recorder::new(Upstream::new(&self.upstream), fallback));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let server = Server::bind(SocketAddr::from((IpAddr::V4(Ipv4Addr::LOCALHOST), self.port)), None).await?;
            let (address, _) = server.addresses()?;
            let stop = shutdown_signal()?;
            let listening = Arc::clone(&recorder);
            print(&format!("recording on http://{address}, forwarding to {}\n", self.upstream))?;
            server
                .run(
                    Proxy(move |request: &Request| listening.answer(request)),
                    Limits::default(),
                    self.verbose.then_some(print_status as AccessLog),
                    stop,
                )
                .await;
            Ok::<_, CliError>(())
        })?;
        runtime.shutdown_background();
        if recorder.count() == 0 {
            print_status(&format!("nothing recorded: {} answered no request", self.upstream));
            return Ok(Exit::NothingToRun);
        }
        let now = self.api.now.unwrap_or_else(Timestamp::now);
        let context = RecordingContext { engine: &engine, credentials, scenario: self.api.scenario.clone(), now };
        let (fixtures, scenario) = recorder.finish(&name, &context);
        std::fs::write(&self.out, scenario).map_err(|error| cannot_write(&self.out, &error))?;
        let folder = self.out.with_extension("");
        let json = formats::named("json").expect("plain JSON is a format");
        write(&folder, &formats::folder(&fixtures, json))?;
        let count = fixtures.list.len();
        print(&format!("{count} requests: {} and {}\n", self.out.display(), folder.join(formats::INDEX).display()))?;
        Ok(Exit::Success)
    }

    /// Rejects an output file that cannot be written, before anything is recorded and lost.
    fn check_out(&self) -> Result<(), CliError> {
        let out = &self.out;
        if out.extension().is_none() && !out.is_dir() {
            let name = out.display();
            return Err(CliError::Usage(format!("--out: name a file with an extension, such as {name}.yaml")));
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
