mod banner;
mod load;
mod options;
mod park;
mod reload;
mod saver;
mod sources;
mod state_file;
mod watch;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, mpsc};

use clap::Args;
use jiff::Timestamp;

use self::banner::Banner;
use self::load::{Loaded, Loader};
use self::options::{ControlOptions, LimitOptions, LogOptions, StateOptions, generated_token};
use self::park::ParkOptions;
use self::reload::{Reloader, Trigger};
use self::saver::{SaveOptions, Saver};
use self::sources::Sources;
use self::state_file::StateFile;
use super::api::ApiOptions;
use super::support::address_space::use_one_arena;
use super::support::browser::open_in_browser;
use super::support::control_api_help;
use super::support::notes::summary;
use super::support::output::{print, print_status};
use super::support::signals::{Shutdown, ShutdownHandle, on_eof, on_hangup};
use super::{CliError, Exit};
use crate::admin::{Admin, MetricSource, ServerFacts};
use crate::model::TimeSpan;
use crate::pipeline::{Engine, Mock};
use crate::request::State;
use crate::scenarios::{UrlPrefix, UrlPrefixError, WebhookSender, credentials, load_state};
use crate::server::parking::{self, ParkedBackend, Parking};
use crate::server::{Drained, Limits, Server};

/// Starts the mock
///
/// The API listens on --port, the control API on --control-port, for this machine only.
#[derive(Debug, Args)]
#[command(after_help = control_api_help())]
pub(super) struct Serve {
    /// The address the API listens on
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,

    /// The port of the API; 0 for any free one
    #[arg(long, default_value_t = 4010, allow_negative_numbers = true)]
    port: u16,

    /// Threads that serve requests. Requests of one session run one after the other, so that one thread is fastest for a
    /// single session
    #[arg(long, default_value_t = 1, value_parser = threads)]
    threads: usize,

    /// Moves the clock alone by a span of time, such as 40d: records keep the dates that they have at --now
    #[arg(long, value_name = "SPAN", value_parser = span)]
    advance: Option<TimeSpan>,

    /// A URL below which webhooks are sent, such as http://127.0.0.1:9000/hooks; may be repeated. Without it nothing is sent,
    /// and the journal shows what would have been
    #[arg(long, value_name = "URL", value_parser = url_prefix)]
    deliver_to: Vec<UrlPrefix>,

    /// Prints one line of JSON instead of the banner once the server listens: URLs, tokens and their Authorization headers,
    /// params, process id
    #[arg(long)]
    ready_json: bool,

    /// Ends when stdin is closed, as it is when the program that has started the mock ends
    #[arg(long)]
    stop_on_eof: bool,

    /// Reloads the API when its files change: contracts and the files they refer to, standin.yaml, quirks, resources,
    /// scenario. Sessions keep their records. If a file is broken, the API is served as before. SIGHUP reloads without
    /// this option too
    #[arg(long)]
    watch: bool,

    #[command(flatten)]
    log: LogOptions,

    #[command(flatten)]
    control: ControlOptions,

    #[command(flatten)]
    state: StateOptions,

    #[command(flatten)]
    park: ParkOptions,

    #[command(flatten)]
    limits: LimitOptions,

    #[command(flatten)]
    api: ApiOptions,
}

impl Serve {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        use_one_arena();
        let loader = Loader { api: self.api.clone(), advance: self.advance, started: Timestamp::now() };
        let Loaded { folder, engine, scenario, state } = loader.load()?;
        let sources = Sources::of(&self.api, &folder, &engine.contract().referenced_files);
        // The texts of large contracts are not needed while requests are served.
        drop(folder);
        let (file, saved) = self.saved_state(&engine, &state)?;
        let credentials = credentials(&engine, saved.as_ref().unwrap_or(&state), &scenario);
        if let Some(summary) = summary(&engine) {
            print_status(&summary);
        }
        let (access, login) = self.control.access(self.state.with_secrets)?;
        let control = SocketAddr::new(self.control.control_host, self.control_port()?);
        let mock = Arc::new(Mock::new(engine, state, self.park.limits(self.limits.mock())));
        self.start_webhooks(&mock)?;
        let (trigger, triggers) = mpsc::channel();
        let reloader = self.reloader(loader, &mock, sources, &trigger)?;
        let limits = self.limits.server();
        let runtime = runtime(self.threads, &limits, if self.park.is_wanted() { parking::THREADS } else { 0 })?;
        let (saver, parked) = runtime.block_on(async {
            let server = Server::bind(SocketAddr::new(self.host, self.port), Some(control)).await?;
            let (api, bound) = server.addresses()?;
            let mut shutdown = Shutdown::listen()?;
            let shutdown_handle = shutdown.handle();
            let hangup = on_hangup(move || {
                let _ = trigger.send(Trigger::Signal);
            })?;
            let eof = on_eof(self.stop_on_eof)?;
            let banner = Banner {
                engine: &mock.engine(),
                scenario: &scenario.name,
                credentials: &credentials,
                api,
                control: bound.unwrap_or(control),
                admin_token: access.token.as_deref(),
                login: login.as_deref(),
                has_page: !self.control.no_inspector,
            };
            let parking = self.park.start(&mock, api).await?;
            self.announce(&banner)?;
            std::thread::Builder::new().name("reload".to_owned()).spawn(move || reloader.run(&triggers))?;
            let saver = file.map(|file| self.start_saver(&mock, file, saved));
            let stop = async {
                tokio::select! {
                    () = shutdown.requested() => {}
                    () = hangup => {}
                    () = eof => {}
                }
            };
            let backend = Admin { access, server: self.facts(&scenario.name, api), ..Admin::new(mock) };
            let parked = self.serve((server, backend), limits, parking, (stop, &shutdown_handle)).await;
            Ok::<_, CliError>((saver, parked))
        })?;
        // Requests that are still running have had their time.
        runtime.shutdown_background();
        saver.map_or(Ok(()), Saver::finish)?;
        parked?;
        Ok(Exit::Success)
    }

    /// Serves until `stop` completes; then parks all sessions, if any are.
    ///
    /// # Errors
    /// If that fails.
    async fn serve(
        &self,
        (server, admin): (Server, Admin),
        limits: Limits,
        parking: Option<Arc<Parking>>,
        (stop, shutdown): (impl Future<Output = ()>, &ShutdownHandle),
    ) -> Result<(), CliError> {
        let log = self.log.access_log();
        let more_metrics = parking.clone().map(|parking| parking as Arc<dyn MetricSource>);
        let admin = Admin { more_metrics, ..admin };
        let Some(parking) = parking else {
            if server.run(admin, limits, log, stop).await == Drained::Completely {
                shutdown.requests_have_ended();
            }
            return Ok(());
        };
        let backend = ParkedBackend { admin, parking: Arc::clone(&parking) };
        let stop = async {
            stop.await;
            parking.announce_end();
        };
        server.run(backend, limits, log, stop).await;
        // The sessions are stored within a time of their own.
        shutdown.requests_have_ended();
        parking.finish().await.map_err(CliError::NotParked)
    }

    /// Sends webhooks from now on, if the user allows any.
    fn start_webhooks(&self, mock: &Mock) -> Result<(), CliError> {
        if self.deliver_to.is_empty() {
            return Ok(());
        }
        let sender = WebhookSender::start(&self.deliver_to);
        let sender = sender.map_err(|error| CliError::Usage(format!("--deliver-to: {error}")))?;
        mock.pin().sessions().journal().set_sender(Arc::new(sender));
        Ok(())
    }

    /// Prints where the server listens, and opens its page if that is wanted.
    fn announce(&self, banner: &Banner<'_>) -> Result<(), CliError> {
        print(&if self.ready_json { banner.json() } else { banner.text() })?;
        if self.control.open {
            open_in_browser(&banner.page_url());
        }
        Ok(())
    }

    fn facts(&self, scenario: &str, api: SocketAddr) -> ServerFacts {
        ServerFacts {
            api: Some(api),
            scenario: Some(scenario.to_owned()),
            instance: Some(generated_token()),
            has_page: !self.control.no_inspector,
        }
    }

    fn reloader(
        &self,
        loader: Loader,
        mock: &Arc<Mock>,
        sources: Sources,
        trigger: &mpsc::Sender<Trigger>,
    ) -> Result<Reloader, CliError> {
        let mut reloader = Reloader::new(loader, Arc::clone(mock), sources);
        if self.watch {
            reloader.watch(trigger)?;
        }
        Ok(reloader)
    }

    /// The file of --state, and the state that it has, if it exists.
    fn saved_state(&self, engine: &Engine, start: &State) -> Result<(Option<StateFile>, Option<State>), CliError> {
        let Some(file) = self.state.state.as_deref().map(StateFile::open).transpose()? else { return Ok((None, None)) };
        let source = file.read()?;
        let saved = source.map(|source| load_state(engine, &source, start, Timestamp::now())).transpose()?;
        Ok((Some(file), saved))
    }

    /// Gives the session `default` the state of the file, if it has one, and keeps it there from now on.
    fn start_saver(&self, mock: &Arc<Mock>, file: StateFile, saved: Option<State>) -> Saver {
        let is_loaded = saved.is_some();
        if let Some(saved) = saved {
            mock.sessions().default_session().change(|state| *state = saved);
        }
        let options = SaveOptions { interval: self.state.state_interval, secrets: self.state.with_secrets };
        Saver::start(Arc::clone(mock), file, options, is_loaded)
    }

    /// The port of the control API, which is not that of the API: the system would say only that it is in use.
    fn control_port(&self) -> Result<u16, CliError> {
        let control = self.control.control_port.unwrap_or(if self.port == 0 { 0 } else { 4011 });
        let is_shared = control == self.port && (self.host == self.control.control_host || self.host.is_unspecified());
        match control != 0 && is_shared {
            true => Err(CliError::Usage(format!(
                "{control} is the port of the API and of the control API; give one of them another with --port or --control-port"
            ))),
            false => Ok(control),
        }
    }
}

fn span(text: &str) -> Result<TimeSpan, String> {
    text.parse().map_err(|error: crate::model::TimeSpanError| error.to_string())
}

fn url_prefix(text: &str) -> Result<UrlPrefix, UrlPrefixError> {
    UrlPrefix::parse(text)
}

fn threads(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|threads| (1..=64).contains(threads))
        .ok_or_else(|| "write a number from 1 to 64".to_owned())
}

/// The runtime of a server with that number of worker threads. `more` is how many threads it needs besides those for requests.
fn runtime(threads: usize, limits: &Limits, more: usize) -> std::io::Result<tokio::runtime::Runtime> {
    let mut runtime = match threads {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    // A thread that is about to become free counts as one that is not: without this limit there would be more.
    let blocking_threads = limits.threads + limits.control_threads + more;
    runtime.worker_threads(threads).max_blocking_threads(blocking_threads).enable_all().build()
}
