use std::io::IsTerminal as _;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use clap::builder::TypedValueParser;
use clap::{Args, ValueEnum};
use jiff::SignedDuration;

use crate::admin::{Access, Login};
use crate::cli::CliError;
use crate::cli::support::output::{print_status, supports_color};
use crate::pipeline::MockLimits;
use crate::server::{AccessLog, Limits, LogFormat};
use crate::session::{JournalLimits, SessionLimits};

/// The number of random bytes in a generated admin token.
const TOKEN_BYTES: usize = 16;

/// The log of requests on stderr.
#[derive(Debug, Args)]
#[command(next_help_heading = "The log")]
pub(super) struct LogOptions {
    /// Logs headers and bodies of each request, without credentials
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,

    /// Logs no requests
    #[arg(short, long)]
    quiet: bool,

    /// The form of the log on stderr. Without it, requests are logged as text if stderr is a terminal
    #[arg(long, value_name = "FORMAT", value_enum, conflicts_with = "quiet")]
    log: Option<Form>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// One line: time, status, method, path, duration, session, reason, quirks
    Text,
    /// One JSON object
    Json,
}

/// The control API and who may call it.
#[derive(Debug, Args)]
#[command(next_help_heading = "The control API")]
pub(super) struct ControlOptions {
    /// The port of the control API; 0 for any free one. With --port 0 any free one as well
    #[arg(long, allow_negative_numbers = true)]
    pub(super) control_port: Option<u16>,

    /// The address the control API listens on. One that is not loopback needs --admin-token
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(super) control_host: IpAddr,

    /// The token that requests to the control API must carry (`Authorization: Bearer TOKEN`); `generate` for a random one,
    /// which is printed
    #[arg(long, value_name = "TOKEN")]
    admin_token: Option<String>,

    /// A host, besides loopback names, that the Host header of requests to the control API may name; may be repeated
    #[arg(long, value_name = "HOST")]
    allowed_hosts: Vec<String>,

    /// Opens the web page of the control port in the browser
    #[arg(long, conflicts_with = "no_inspector")]
    pub(super) open: bool,

    /// Leaves the web page out: the control port serves its API only
    #[arg(long)]
    pub(super) no_inspector: bool,

    /// The origin of pages that may call the control API, such as http://localhost:5173; may be repeated
    #[arg(long, value_name = "URL", value_parser = origin)]
    allow_origin: Vec<String>,
}

/// The file that keeps the state.
#[derive(Debug, Args)]
#[command(next_help_heading = "Snapshots")]
pub(super) struct StateOptions {
    /// Keeps the session `default` in a file: it is loaded if it exists, and written on exit and when the session has changed.
    /// The options about the API's state are for its initial state
    #[arg(long, value_name = "FILE")]
    pub(super) state: Option<PathBuf>,

    /// Seconds between two looks for changes
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = interval, requires = "state")]
    pub(super) state_interval: Duration,

    /// Lets snapshots contain credentials: the file of --state, and `GET /sessions/ID/snapshot?with_secrets=true`
    #[arg(long)]
    pub(super) with_secrets: bool,
}

/// Limits on sessions, the journal and connections.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(super) struct LimitOptions {
    /// The maximum number of sessions; beyond it, the least recently used one is evicted
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = count())]
    max_sessions: usize,

    /// Seconds without a request after which a session is evicted
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400, value_parser = seconds())]
    session_idle: u64,

    /// The maximum number of entries in the journal, for all sessions together
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = count())]
    max_journal_entries: usize,

    /// The maximum size of the journal, in bytes or with a unit
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = size)]
    max_journal_bytes: usize,

    /// The maximum size of the records of all sessions, in bytes or with a unit (`8GiB`); beyond it, requests that can add any
    /// are rejected with 507
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = size)]
    max_memory: usize,

    /// Seconds from a connection to its first byte, and from there to the end of the headers
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = seconds())]
    header_timeout: u64,

    /// Seconds from a response to the next request on the same connection
    #[arg(long, value_name = "SECONDS", default_value_t = 75, value_parser = seconds())]
    idle_timeout: u64,

    /// Seconds from the end of the headers to the end of the body
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = seconds())]
    body_timeout: u64,

    /// The maximum size of a request's body, in bytes or with a unit
    #[arg(long, value_name = "SIZE", default_value = "8MiB", value_parser = size)]
    max_body: usize,
}

impl LogOptions {
    pub(super) fn access_log(&self) -> Option<AccessLog> {
        let is_wanted = self.verbose || self.log.is_some() || std::io::stderr().is_terminal();
        let format = match self.log {
            Some(Form::Json) => LogFormat::Json,
            _ if supports_color() => LogFormat::Color,
            _ => LogFormat::Text,
        };
        (is_wanted && !self.quiet).then_some(AccessLog { format, has_bodies: self.verbose, write: print_status })
    }
}

impl ControlOptions {
    /// Who may call the control API, and whether snapshots may contain `secrets`. If it needs a token, also a code that works
    /// once as a login of a browser.
    ///
    /// # Errors
    /// If it listens on an address of the network without a token.
    pub(super) fn access(&self, secrets: bool) -> Result<(Access, Option<String>), CliError> {
        let token = self.admin_token.as_deref().map(|token| match token {
            "generate" => generated_token(),
            token => token.to_owned(),
        });
        if token.is_none() && !self.control_host.is_loopback() {
            return Err(CliError::Usage(format!(
                "{} is an address of the network, so the control API needs a token: add --admin-token generate, or \
                 --admin-token TOKEN",
                self.control_host
            )));
        }
        // A server on the network is called by its address.
        let own = (!self.control_host.is_loopback() && !self.control_host.is_unspecified())
            .then(|| self.control_host.to_string());
        let allowed_hosts = self.allowed_hosts.iter().cloned().chain(own).collect();
        let code = token.is_some().then(generated_token);
        let login = code.clone().map(|code| Login::new(code, generated_token()));
        let allowed_origins = self.allow_origin.clone();
        Ok((Access { token, login, allowed_hosts, allowed_origins, secrets }, code))
    }
}

impl LimitOptions {
    pub(super) fn mock(&self) -> MockLimits {
        let idle = SignedDuration::from_secs(i64::try_from(self.session_idle).unwrap_or(i64::MAX));
        MockLimits {
            sessions: SessionLimits { count: self.max_sessions, idle, are_parked: false },
            journal: JournalLimits { entries: self.max_journal_entries, bytes: self.max_journal_bytes },
            memory: Some(self.max_memory),
        }
    }

    pub(super) fn server(&self) -> Limits {
        Limits {
            header: Duration::from_secs(self.header_timeout),
            idle: Duration::from_secs(self.idle_timeout),
            body: Duration::from_secs(self.body_timeout),
            body_bytes: self.max_body,
            ..Limits::default()
        }
    }
}

/// A random text of hexadecimal digits.
pub(super) fn generated_token() -> String {
    use rand::Rng as _;
    let mut bytes = [0; TOKEN_BYTES];
    rand::rng().fill_bytes(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A number of seconds: from a hundredth up to a day.
fn interval(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.01..=86_400.0).contains(seconds));
    let interval = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    interval.ok_or_else(|| "write a number of seconds from 0.01 to 86400".to_owned())
}

/// A number of seconds: up to a day.
pub(super) fn seconds() -> impl TypedValueParser<Value = u64> {
    clap::value_parser!(u64).range(1..=86_400)
}

fn count() -> impl TypedValueParser<Value = usize> {
    clap::value_parser!(u64).range(1..=1 << 40).map(|count| usize::try_from(count).unwrap_or(usize::MAX))
}

/// A number of bytes, at least one: `1048576`, `1MiB`, `64MB`.
fn size(text: &str) -> Result<usize, String> {
    let size = text.parse::<ByteSize>().ok().and_then(|size| usize::try_from(size.as_u64()).ok());
    size.filter(|size| *size > 0).ok_or_else(|| "write a size above 0 such as 8388608, 8MiB or 2GiB".to_owned())
}

fn origin(text: &str) -> Result<String, String> {
    let is_origin = text.split_once("://").is_some_and(|(scheme, host)| {
        matches!(scheme, "http" | "https") && !host.is_empty() && !host.contains(['/', '*', ' '])
    });
    match is_origin {
        true => Ok(text.to_ascii_lowercase()),
        false => Err("write an origin such as http://localhost:5173, without a path".to_owned()),
    }
}
