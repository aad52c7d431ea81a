use std::time::{Duration, Instant};

use clap::Args;
use http::{HeaderMap, Method, StatusCode};

use super::support::inputs::url;
use super::support::output::print_status;
use super::{CliError, Exit};
use crate::scenarios::Upstream;

/// How long to wait between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// Waits until a server is ready
///
/// Exits with 0 as soon as it responds, and with 1 if it does not in time.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  standin wait http://127.0.0.1:4011\n  standin wait http://127.0.0.1:4011 --timeout 60"
)]
pub(super) struct Wait {
    /// The URL of the control API
    #[arg(value_name = "URL", value_parser = url)]
    url: String,

    /// How long to wait, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    timeout: u64,
}

impl Wait {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let server = Upstream::new(&self.url);
        let end = Instant::now() + Duration::from_secs(self.timeout);
        loop {
            let problem = match server.send(&Method::GET, "/ready", &HeaderMap::new(), &[]) {
                Ok(response) if response.status() == StatusCode::OK => return Ok(Exit::Success),
                Ok(response) => format!("{}/ready responds with {}", self.url, response.status()),
                Err(error) => error,
            };
            if Instant::now() >= end {
                print_status(&format!("error: not ready after {} s: {problem}", self.timeout));
                return Ok(Exit::Failure);
            }
            std::thread::sleep(PAUSE);
        }
    }
}
