use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;

use super::options::{generated_token, seconds};
use crate::cli::CliError;
use crate::cli::support::output::print_status;
use crate::pipeline::{Mock, MockLimits};
use crate::server::parking::{Parking, ParkingOptions, Replica, Store};

/// How long a request waits for a session that is being taken up.
const WAIT: Duration = Duration::from_secs(6);

/// Several servers that share their sessions.
#[derive(Debug, Args)]
#[command(next_help_heading = "Replicas")]
pub(super) struct ParkOptions {
    /// Parks idle sessions in an object store or a folder, where other replicas of this server take them up:
    /// s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX or the path of a folder. Credentials are taken from the
    /// environment, such as AWS_ACCESS_KEY_ID. Snapshots there contain credentials of sessions
    #[arg(long, value_name = "URL")]
    park: Option<String>,

    /// Seconds without a request after which a session is parked, instead of --session-idle
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = seconds(), requires = "park")]
    park_idle: u64,

    /// Seconds after which others may take the sessions of a replica that cannot write to the store
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(2..=3600), requires = "park")]
    park_lease: u64,

    /// Seconds for parking all sessions at the end, after SIGTERM
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = seconds(), requires = "park")]
    park_drain: u64,

    /// The name of this replica in messages [default: its address]
    #[arg(long, value_name = "NAME", requires = "park")]
    replica_name: Option<String>,

    /// The address of this replica's API in responses [default: that on which it listens]
    #[arg(long, value_name = "ADDRESS", requires = "park")]
    replica_address: Option<String>,
}

impl ParkOptions {
    /// The limits of a mock, whose sessions are parked if that is wanted.
    pub(super) fn limits(&self, mut limits: MockLimits) -> MockLimits {
        if self.park.is_some() {
            limits.sessions.are_parked = true;
            limits.sessions.idle = SignedDuration::from_secs(i64::try_from(self.park_idle).unwrap_or(i64::MAX));
        }
        limits
    }

    /// Whether sessions are parked.
    pub(super) fn is_wanted(&self) -> bool {
        self.park.is_some()
    }

    /// Opens the store and begins to park the sessions of a mock; `None` if that is not wanted.
    ///
    /// # Errors
    /// If the URL is invalid, or the store cannot be written.
    pub(super) async fn start(&self, mock: &Arc<Mock>, api: SocketAddr) -> Result<Option<Arc<Parking>>, CliError> {
        let Some(url) = &self.park else { return Ok(None) };
        let store = Store::open(url).map_err(|error| CliError::Usage(format!("--park {url}: {error}")))?;
        let address = self.replica_address.clone().unwrap_or_else(|| api.to_string());
        let name = self.replica_name.clone().unwrap_or_else(|| address.clone());
        let options = ParkingOptions {
            replica: Replica { id: generated_token(), name, address },
            lease: Duration::from_secs(self.park_lease),
            wait: WAIT,
            drain: Duration::from_secs(self.park_drain),
            report: print_status,
        };
        let parking = Arc::new(Parking::new(Arc::clone(mock), store, options));
        let started = parking.start().await;
        started.map_err(|error| CliError::Usage(format!("--park {url}: the store cannot be used: {error}")))?;
        Ok(Some(parking))
    }
}
