//! Replicas that share sessions through a store.

mod claims;
mod control;
mod losses;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use object_store::ObjectStore;
use object_store::memory::InMemory;
use standin::admin::{Admin, MetricSource};
use standin::pipeline::{Mock, MockLimits};
use standin::request::Settings;
use standin::server::parking::{ParkedBackend, Parking, ParkingOptions, Replica, Store};
use standin::server::{Admission, Backend as _, Port};
use standin::session::SessionLimits;
use tokio::runtime::Runtime;

use crate::served::{Received, Served};
use crate::sessions::ORDERS;
use crate::vocabulary::request;

/// The lease of the replicas here. Others wait a second longer, because stores round times.
const LEASE: Duration = Duration::from_millis(600);
/// How long a lease is over for others.
const OVER: Duration = Duration::from_millis(1_900);

/// Where replicas of a test park their sessions.
#[derive(Clone)]
pub(crate) enum Place {
    Memory(Arc<InMemory>),
    Folder(PathBuf),
}

impl Place {
    fn memory() -> Self {
        Self::Memory(Arc::default())
    }

    fn folder(path: &Path) -> Self {
        Self::Folder(path.join("parked"))
    }

    fn open(&self) -> Store {
        match self {
            Self::Memory(objects) => Store::new(Arc::clone(objects) as Arc<dyn ObjectStore>, true),
            Self::Folder(path) => Store::open(path.to_str().expect("text")).expect("a folder"),
        }
    }
}

/// A replica. Its background tasks run only while it serves a request or [`Host::run`]s: otherwise it is as good as frozen.
pub(crate) struct Host {
    runtime: Runtime,
    backend: ParkedBackend,
}

impl Host {
    fn start(place: &Place, name: &str) -> Self {
        Self::with_limits(place, name, SessionLimits::default())
    }

    fn with_limits(place: &Place, name: &str, limits: SessionLimits) -> Self {
        Self::with_lease(place, name, limits, LEASE)
    }

    fn with_lease(place: &Place, name: &str, limits: SessionLimits, lease: Duration) -> Self {
        let Served { engine, session } = Served::new(ORDERS, Settings::default());
        let sessions = SessionLimits { are_parked: true, ..limits };
        let mock = Arc::new(Mock::new(engine, session.state(), MockLimits { sessions, ..MockLimits::default() }));
        let options = ParkingOptions {
            replica: Replica { id: format!("id-of-{name}"), name: name.to_owned(), address: format!("{name}:4010") },
            lease,
            wait: Duration::from_millis(400),
            drain: Duration::from_secs(5),
            report: |_| {},
        };
        let parking = Arc::new(Parking::new(Arc::clone(&mock), place.open(), options));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(parking.start()).expect("the store works");
        let mut admin = Admin::new(mock);
        admin.access.secrets = true;
        admin.more_metrics = Some(Arc::clone(&parking) as Arc<dyn MetricSource>);
        Self { runtime, backend: ParkedBackend { admin, parking } }
    }

    fn send(&self, port: Port, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Received {
        let mut request = request(Timestamp::now(), method, target, headers, body);
        self.runtime.block_on(async {
            let pass = match self.backend.admit(port, &mut request) {
                Admission::At(pass) => pass,
                Admission::Later(admitted) => match admitted.await {
                    Ok(pass) => pass,
                    Err(response) => return (*response).into(),
                },
            };
            let mut reply = self.backend.respond(port, request);
            pass.finish(&mut reply).await;
            reply.response.into()
        })
    }

    /// A request in a session.
    fn api(&self, id: &str, method: &str, target: &str, body: &str) -> Received {
        self.send(Port::Api, method, target, &[("x-standin-session", id), ("content-type", "application/json")], body)
    }

    fn control(&self, method: &str, target: &str, body: &str) -> Received {
        let headers = [("host", "127.0.0.1:4011"), ("content-type", "application/json")];
        self.send(Port::Control, method, target, &headers, body)
    }

    /// What has happened in a session, as server-sent events.
    fn journal(&self, id: &str) -> String {
        let headers = [("host", "127.0.0.1:4011"), ("last-event-id", "0")];
        let request = request(Timestamp::now(), "GET", &format!("/sessions/{id}/events"), &headers, "");
        Received::from(self.backend.admin.respond(&request)).text
    }

    /// Lets the background tasks run.
    fn run(&self, time: Duration) {
        self.runtime.block_on(async { tokio::time::sleep(time).await });
    }

    /// Ends in an orderly manner.
    fn end(self) -> Result<(), String> {
        self.runtime.block_on(self.backend.parking.finish())
    }

    /// Parks a session that is idle.
    fn park_idle(&self) {
        self.run(Duration::from_millis(700));
    }
}

/// Limits with which sessions are parked at once.
fn impatient() -> SessionLimits {
    SessionLimits { idle: SignedDuration::from_millis(50), ..SessionLimits::default() }
}

fn state_header(response: &Received) -> &str {
    response.header("x-standin-session-state")
}

/// Some requests that change a session, and their responses.
fn some_requests(host: &Host, id: &str, round: usize) -> Vec<(u16, String)> {
    let order = format!(r#"{{"item": "tea {round}", "count": {round}}}"#);
    let requests =
        [("POST", "/orders", order.as_str()), ("GET", "/orders", ""), ("POST", "/orders", r#"{"count": 7}"#)];
    let send = |(method, target, body)| {
        let response = host.api(id, method, target, body);
        (response.status, response.text)
    };
    requests.into_iter().map(send).collect()
}
