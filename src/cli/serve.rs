use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use clap::Args;
use clap::builder::TypedValueParser;
use jiff::Timestamp;

use super::api::ApiOptions;
use super::support::control_api_help;
use super::support::notes::summary;
use super::support::output::{print, print_status};
use super::support::shutdown::shutdown_signal;
use super::{CliError, Exit};
use crate::api::identity::Reason;
use crate::openapi::Operation;
use crate::pipeline::{Engine, Session};
use crate::scenarios::{Credentials, credentials};
use crate::server::{AccessLog, Limits, Mock, Server};

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

    /// The port of the control API; 0 for any free one. With --port 0 any free one as well
    #[arg(long, allow_negative_numbers = true)]
    control_port: Option<u16>,

    /// Threads that answer. One world is behind one lock, so that one is fastest up to some 100 000 calls a second
    #[arg(long, default_value_t = 1, value_parser = threads)]
    threads: usize,

    /// Seconds from a connection to its first byte, and from there to the end of the headers
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = seconds(), help_heading = "Limits")]
    header_timeout: u64,

    /// Seconds from an answer to the next request on the same connection
    #[arg(long, value_name = "SECONDS", default_value_t = 75, value_parser = seconds(), help_heading = "Limits")]
    idle_timeout: u64,

    /// Seconds from the end of the headers to the end of the body
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = seconds(), help_heading = "Limits")]
    body_timeout: u64,

    /// The largest body, bytes
    #[arg(long, value_name = "BYTES", default_value_t = 8 << 20, help_heading = "Limits")]
    max_body: usize,

    /// Tells each call on stderr: status, method, path, quirks that changed the answer
    #[arg(short, long)]
    verbose: bool,

    #[command(flatten)]
    api: ApiOptions,
}

impl Serve {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let engine = self.api.engine()?;
        let scenario = self.api.scenario(&engine)?;
        let frozen = self.api.now.or(scenario.now);
        let state = self.api.state(&engine, &scenario, frozen.unwrap_or_else(Timestamp::now), frozen.is_some())?;
        let credentials = credentials(&engine, &state, &scenario);
        if let Some(summary) = summary(&engine) {
            print_status(&summary);
        }
        let control = self.control_port()?;
        let addresses = (SocketAddr::new(self.host, self.port), SocketAddr::from((Ipv4Addr::LOCALHOST, control)));
        let runtime = match self.threads {
            1 => tokio::runtime::Builder::new_current_thread().enable_all().build()?,
            threads => tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?,
        };
        runtime.block_on(async {
            let server = Server::bind(addresses.0, Some(addresses.1)).await?;
            let (api, control) = server.addresses()?;
            let control = control.unwrap_or(addresses.1);
            let stop = shutdown_signal()?;
            print(&banner(&engine, &scenario.name, &credentials, api, control))?;
            let limits = Limits {
                header: Duration::from_secs(self.header_timeout),
                idle: Duration::from_secs(self.idle_timeout),
                body: Duration::from_secs(self.body_timeout),
                body_bytes: self.max_body,
                ..Limits::default()
            };
            let backend = Mock { engine: Box::new(engine), session: Box::new(Session::new(state)) };
            server.run(backend, limits, self.verbose.then_some(print_status as AccessLog), stop).await;
            Ok::<_, CliError>(())
        })?;
        // Whatever still runs has had its time.
        runtime.shutdown_background();
        Ok(Exit::Success)
    }

    /// The port of the control API, which is not that of the API: the system would say only that it is taken.
    fn control_port(&self) -> Result<u16, CliError> {
        let control = self.control_port.unwrap_or(if self.port == 0 { 0 } else { 4011 });
        let is_shared = control == self.port && (self.host == Ipv4Addr::LOCALHOST || self.host.is_unspecified());
        match control != 0 && is_shared {
            true => Err(CliError::Usage(format!(
                "{control} is the port of the API and of the control API; give one of them another with --port or --control-port"
            ))),
            false => Ok(control),
        }
    }
}

/// A limit of time: up to a day.
fn seconds() -> impl TypedValueParser<Value = u64> {
    clap::value_parser!(u64).range(1..=86_400)
}

fn threads(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|threads| (1..=64).contains(threads))
        .ok_or_else(|| "write a number from 1 to 64".to_owned())
}

/// What is printed when the server listens: addresses, the API and why it applies, tokens, and a command to try.
fn banner(engine: &Engine, scenario: &str, credentials: &Credentials, api: SocketAddr, control: SocketAddr) -> String {
    let (operations, quirks) = (engine.contract().operations.len(), engine.quirks().iter().count());
    let quirks = if quirks == 0 { String::new() } else { format!(", {quirks} quirks") };
    let mut text = format!("standin: {operations} operations{quirks}, scenario {scenario}\n");
    if let Reason::Host(_) = engine.reason() {
        text.push_str(&format!("API {}: {}\n", engine.api().name, engine.reason()));
    }
    text.push('\n');
    let gateways = &engine.api().gateways;
    let mut addresses: Vec<(&str, String)> = gateways
        .list
        .iter()
        .map(|gateway| (gateway.title.as_str(), format!("http://{api}{}", gateway.prefix())))
        .collect();
    addresses.push(("control", format!("http://{control}")));
    let width = addresses.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    text.extend(addresses.iter().map(|(name, url)| format!("{name:width$}  {url}\n")));
    if !credentials.tokens.is_empty() {
        let width = credentials.tokens.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        text.push_str("\ntokens\n");
        text.extend(credentials.tokens.iter().map(|(name, value)| format!("  {name:width$}  {value}\n")));
    }
    if let Some(command) = example_command(engine, credentials, api) {
        text.push_str(&format!("\ntry\n  {command}\n"));
    }
    text
}

/// A request that succeeds, as a curl command: a GET without parameters, of an operation with a handler if there is one.
fn example_command(engine: &Engine, credentials: &Credentials, api: SocketAddr) -> Option<String> {
    let is_plain = |operation: &&Operation| {
        operation.method == http::Method::GET
            && !operation.path.contains('{')
            && operation.parameters.iter().all(|parameter| !parameter.required)
    };
    let mut plain = engine.contract().operations.iter().filter(is_plain);
    let operation = plain.clone().find(|operation| engine.has_handler(operation)).or_else(|| plain.next())?;
    let pages = operation.parameters.iter().find(|parameter| parameter.name == "per_page");
    let query = pages.map_or("", |_| "?per_page=1");
    let url = format!("http://{api}{}{}{query}", engine.api().gateways.fallback().prefix(), operation.path);
    let token = credentials.tokens.first().and_then(|(name, _)| credentials.authorization(name));
    Some(match token {
        Some(token) => format!("curl -H 'Authorization: {token}' '{url}'"),
        None => format!("curl '{url}'"),
    })
}
