use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;

use super::api::{ApiOptions, read_credentials, url};
use super::fixtures::{cannot_write, write};
use super::serve::shutdown_signal;
use super::{CliError, Exit, print, print_status};
use crate::fixtures::formats;
use crate::recorder::{Recorder, RecordingContext};
use crate::request::Request;
use crate::scenarios::{Credentials, Upstream};
use crate::server::{AccessLog, Backend, BlockingHandler, Limits, Server};

/// Stands between an app and a real API, or another mock, and writes what was said as a scenario and as fixtures
///
/// Everything is passed through to the hosts that are named, and to no other: redirects are answers like others. When it
/// is told to stop (Ctrl-C), it writes: tokens become names, personal data is replaced, each value by the same wherever it
/// stands, ids become variables.
#[derive(Debug, Args)]
pub(super) struct Record {
    /// Base URL of the main gateway that is listened to, such as https://api.example.com/apigw
    #[arg(long, value_name = "URL", value_parser = url)]
    upstream: String,

    /// Base URL of its fallback
    #[arg(long, value_name = "URL", value_parser = url)]
    fallback_upstream: Option<String>,

    /// The scenario to write. Fixtures go to a folder of the same name beside it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Names of tokens, as `standin tokens --json` prints them; others are called recorded_1 and so on
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,

    #[command(flatten)]
    api: ApiOptions,

    /// The port to listen on, for this machine only; 0 for any free one
    #[arg(long, default_value_t = 4020, allow_negative_numbers = true)]
    port: u16,

    /// Tells each call on stderr
    #[arg(short, long)]
    verbose: bool,
}

impl Record {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        self.can_be_written()?;
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
            print(&format!("recording on http://{address}, passing on to {}\n", self.upstream))?;
            let handler: BlockingHandler = {
                let recorder = Arc::clone(&recorder);
                Arc::new(move |request: &Request| recorder.forward(request))
            };
            server
                .run(
                    Backend::Blocking(handler),
                    Limits::default(),
                    self.verbose.then_some(print_status as AccessLog),
                    stop,
                )
                .await;
            Ok::<_, CliError>(())
        })?;
        runtime.shutdown_background();
        if recorder.count() == 0 {
            print_status(&format!("nothing is written: no call came that {} answered", self.upstream));
            return Ok(Exit::NothingToRun);
        }
        let now = self.api.now.unwrap_or_else(Timestamp::now);
        let known = RecordingContext { engine: &engine, credentials, scenario: self.api.scenario.clone(), now };
        let (fixtures, scenario) = recorder.finish(&name, &known);
        std::fs::write(&self.out, scenario).map_err(|error| cannot_write(&self.out, &error))?;
        let folder = self.out.with_extension("");
        let json = formats::named("json").expect("plain JSON is a format");
        write(&folder, &formats::folder(&fixtures, json), true)?;
        let count = fixtures.list.len();
        print(&format!("{count} calls: {} and {}\n", self.out.display(), folder.join(formats::INDEX).display()))?;
        Ok(Exit::Success)
    }

    /// Refuses a place that cannot be written to before anything is recorded, which would be lost.
    fn can_be_written(&self) -> Result<(), CliError> {
        let out = &self.out;
        if out.extension().is_none() && !out.is_dir() {
            let name = out.display();
            return Err(CliError::Usage(format!("--out: the scenario is a file such as {name}.yaml, with an ending")));
        }
        let is_new = !out.exists();
        let opened = std::fs::OpenOptions::new().create(true).append(true).open(out);
        opened.map_err(|error| cannot_write(out, &error))?;
        let index = std::fs::read_to_string(self.out.with_extension("").join(formats::INDEX)).unwrap_or_default();
        if let Ok(recipe) = formats::Recipe::read(&index)
            && Some(recipe.about.scenario.as_str()) != out.file_stem().and_then(|stem| stem.to_str())
        {
            let folder = out.with_extension("");
            return Err(CliError::Usage(format!(
                "--out: {} holds other fixtures; name another file",
                folder.display()
            )));
        }
        if is_new {
            std::fs::remove_file(out).map_err(|error| cannot_write(out, &error))?;
        }
        Ok(())
    }
}
