//! Several servers (replicas) of one API: each session is at one of them, and moves through an object store.
//!
//! | object | content |
//! |---|---|
//! | `claims/ID.json` (in a folder `claims/ID/NUMBER.json`) | which replica has the session, or had it last; where its state is |
//! | `snapshots/ID/NUMBER.json` | its state, a snapshot with credentials |
//! | `starts/HASH.json` | the initial state of sessions, also a snapshot |
//! | `replicas/LEASE.json` | a replica; it writes this again and again while it runs |
//! | `wanted/LEASE/ID` | a session of that replica for which another one waits |
//!
//! A session that is idle is *parked*: its state is stored, its claim says so, and it leaves the memory. The replica that
//! receives its next request *takes it up*: it reads the state and writes the claim, on the condition that the claim is as it
//! was read. So two replicas never have one session. When a replica ends without parking its sessions, its lease runs out;
//! then others take up what was stored, and respond 410 for what never was.
//!
//! | file | what it does |
//! |---|---|
//! | `admit` | what a request waits for: [`ParkedBackend`] |
//! | `selection` | which sessions a request needs |
//! | `take_up` | claims a session, reads its state |
//! | `park` | stores sessions, at any time and at the end |
//! | `hand_over` | parks sessions that other replicas wait for |
//! | `rejection` | responses to requests that are not served |
//! | `claims`, `lease`, `states` | the objects |
//! | `store`, `http` | the object store and its HTTP client |
//! | `locks` | one task at a time for each session |
//! | `metrics` | what `GET /metrics` shows |

mod admit;
mod claims;
mod hand_over;
mod http;
mod lease;
mod locks;
mod metrics;
mod park;
mod rejection;
mod selection;
mod states;
mod store;
mod take_up;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use compact_str::CompactString;
use jiff::Timestamp;
use parking_lot::Mutex;

pub use admit::ParkedBackend;
pub use lease::Replica;
pub use store::{Store, StoreError, StoreUrlError};

use crate::pipeline::Mock;
use crate::session::{Session, SessionVersion};
use claims::{Claim, ClaimVersion, Claims};
use lease::Lease;
use locks::Locks;
use metrics::Counters;
use states::States;

/// How many threads of its runtime's pool for blocking work this needs besides those for requests.
pub const THREADS: usize = 2 * store::MAX_OPERATIONS + states::MAX_THREADS;

/// The time between two errors that are reported.
const BETWEEN_REPORTS: Duration = Duration::from_secs(60);

/// The sessions of one replica, and the store through which they move.
pub struct Parking {
    mock: Arc<Mock>,
    options: ParkingOptions,
    store: Arc<Store>,
    claims: Claims,
    states: States,
    lease: Lease,
    /// The claims of this replica.
    held: Mutex<HashMap<CompactString, Held>>,
    locks: Locks,
    counters: Counters,
    last_number: AtomicU64,
    /// When an error was reported last.
    reported_at: Mutex<Option<Instant>>,
}

/// How sessions are parked.
#[derive(Clone, Debug)]
pub struct ParkingOptions {
    /// This server.
    pub replica: Replica,
    /// How long a replica that does not write its lease keeps its sessions.
    pub lease: Duration,
    /// How long a request waits for a session that is taken up.
    pub wait: Duration,
    /// How long the sessions are stored at the end.
    pub drain: Duration,
    /// Writes one line for people.
    pub report: fn(&str),
}

/// A claim of this replica.
#[derive(Clone)]
struct Held {
    claim: Claim,
    version: ClaimVersion,
    /// The number of losses of the lease when it was written; `None` if it may not be in the store any more.
    losses: Option<u64>,
    /// The version of the session that is stored.
    saved: Option<SessionVersion>,
}

impl Parking {
    /// The sessions of a mock whose limits say that they are parked. [`Parking::start`] begins.
    pub fn new(mock: Arc<Mock>, store: Store, options: ParkingOptions) -> Self {
        let store = Arc::new(store);
        Self {
            claims: Claims::new(Arc::clone(&store)),
            states: States::new(Arc::clone(&store), Arc::clone(&mock)),
            lease: Lease::new(Arc::clone(&store), options.replica.clone(), options.lease),
            store,
            mock,
            options,
            held: Mutex::default(),
            locks: Locks::default(),
            counters: Counters::default(),
            last_number: AtomicU64::new(0),
            reported_at: Mutex::new(None),
        }
    }

    /// Writes the lease for the first time. Then renews it, and parks sessions that are idle or too many, in tasks of the
    /// current runtime.
    ///
    /// # Errors
    /// If the store does not work.
    pub async fn start(self: &Arc<Self>) -> Result<(), StoreError> {
        self.lease.renew().await?;
        let renewing = Arc::downgrade(self);
        let interval = self.lease.interval();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(interval).await;
                let Some(parking) = renewing.upgrade() else { return };
                let renewed = parking.lease.renew().await;
                parking.report(renewed, "cannot renew the lease of this replica");
            }
        });
        let handing = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(hand_over::INTERVAL).await;
                let Some(parking) = handing.upgrade() else { return };
                let handed = parking.hand_over().await;
                parking.report(handed, "cannot hand sessions over");
            }
        });
        let parking = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut interval = park::INTERVAL;
            loop {
                tokio::time::sleep(interval).await;
                let Some(parking) = parking.upgrade() else { return };
                interval = if parking.park_some().await { park::INTERVAL } else { park::INTERVAL_AFTER_ERROR };
            }
        });
        Ok(())
    }

    /// Reports an error, unless one was reported a short time ago.
    fn report<T>(&self, result: Result<T, StoreError>, what: &str) {
        let Err(error) = result else { return };
        self.counters.count_store_error();
        let mut reported_at = self.reported_at.lock();
        if reported_at.is_none_or(|at| at.elapsed() > BETWEEN_REPORTS) {
            *reported_at = Some(Instant::now());
            let seconds = BETWEEN_REPORTS.as_secs();
            (self.options.report)(&format!("error: {what}: {error}; further errors are not reported for {seconds} s"));
        }
    }

    fn next_number(&self) -> u64 {
        self.last_number.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The session of an id if this replica may use it.
    fn ready(&self, id: &str) -> Option<Arc<Session>> {
        let losses = self.held.lock().get(id)?.losses?;
        let is_current = losses == self.lease.losses() && self.lease.is_valid();
        self.mock.sessions().find(id).filter(|_| is_current)
    }

    fn hold(&self, claim: Claim, version: ClaimVersion, losses: u64, saved: Option<SessionVersion>) {
        let held = Held { version, losses: Some(losses), saved, claim };
        self.held.lock().insert(held.claim.session.as_str().into(), held);
    }

    /// The time by the clock of requests.
    fn now() -> Timestamp {
        Timestamp::now()
    }
}
