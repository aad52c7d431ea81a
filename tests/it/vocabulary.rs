//! The words in which the tests speak.

use std::sync::{Arc, LazyLock, Mutex};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use serde_json::Value;
use standin::openapi::{ApiFolder, Operation};
use standin::pipeline::{self, Engine, MockLimits, Session};
use standin::quirks::{Profile, Selection};
use standin::request::{Clock, Request, Settings, State};
use standin::scenarios::{Credentials, Scenario, Start, credentials};

/// The engine of the embedded API.
pub(crate) static ENGINE: LazyLock<Arc<Engine>> =
    LazyLock::new(|| Arc::new(Engine::new(&ApiFolder::embedded()).expect("the embedded files are right")));

/// Whether an operation is one of the embedded API with a Rust handler of its own.
pub(crate) fn has_handler(operation: &Operation) -> bool {
    let index = ENGINE.contract().operations.iter().position(|known| known.key == operation.key);
    index.is_some_and(|index| ENGINE.has_handler(index))
}

/// The embedded scenario.
pub(crate) static MUSIC_SCHOOL: LazyLock<Scenario> = LazyLock::new(|| {
    let text = Scenario::embedded("music-school").expect("it is embedded");
    Scenario::read(&text).expect("it is right")
});

/// The records of the scenario that tests speak of.
pub(crate) const CLIENT: &str = "k4w9zr2tq7mh1xpe";
pub(crate) const MATTER: &str = "d8v3nyc60ujs5glb";
pub(crate) const PACKAGE: &str = "r5xq81kfhz2wno7t";
pub(crate) const CLIENT_PACKAGE: &str = "y2g7pmb4vd09leas";
pub(crate) const SERVICE: &str = "u7sd2klq94yhx6wv";
pub(crate) const BUSINESS: &str = "7c1e94d02ab85f36";

/// When tests are set, unless they say otherwise.
pub(crate) fn noon() -> Timestamp {
    "2026-02-08T12:00:00Z".parse().expect("a time")
}

/// A mock in process.
pub(crate) struct Mock {
    pub(crate) session: Arc<Session>,
    pub(crate) credentials: Credentials,
    /// The whole, with further sessions.
    pub(crate) hosted: Arc<pipeline::Mock>,
}

/// A mock with the quirks of a profile.
pub(crate) fn mock(profile: Profile) -> Mock {
    mock_with(&Selection { profile, ..Selection::default() }, None)
}

/// The world in which most tests begin; a fork costs nothing.
static WORLD: LazyLock<Mutex<State>> =
    LazyLock::new(|| Mutex::new(state(Clock::Frozen(noon()), &Selection::default(), None)));

fn fork() -> State {
    WORLD.lock().expect("whole").clone()
}

fn state(clock: Clock, selection: &Selection, seed: Option<u64>) -> State {
    let flags = ENGINE.quirks().flags(selection).expect("known quirks");
    let start = Start { clock, now: noon(), flags, seed };
    MUSIC_SCHOOL.seed(&ENGINE, start).expect("the scenario is right")
}

/// A mock with that selection of quirks and that seed.
pub(crate) fn mock_with(selection: &Selection, seed: Option<u64>) -> Mock {
    match seed {
        Some(_) => mock_in(state(Clock::Frozen(noon()), selection, seed)),
        None => {
            let mut state = fork();
            state.set_quirk_flags(ENGINE.quirks().flags(selection).expect("known quirks"));
            mock_in(state)
        }
    }
}

/// A mock that deals with calls in another way than by default.
pub(crate) fn mock_set(settings: Settings) -> Mock {
    let mut state = fork();
    state.settings = settings;
    mock_in(state)
}

/// The same, without any quirk.
pub(crate) fn mock_as_documented(settings: Settings) -> Mock {
    let mut state = fork();
    let selection = Selection { profile: Profile::Documented, ..Selection::default() };
    state.set_quirk_flags(ENGINE.quirks().flags(&selection).expect("known quirks"));
    state.settings = settings;
    mock_in(state)
}

/// A mock whose clock is that of each call.
pub(crate) fn mock_with_running_clock() -> Mock {
    mock_in(state(Clock::Running(noon()), &Selection::default(), None))
}

pub(crate) fn mock_in(state: State) -> Mock {
    let credentials = credentials(&ENGINE, &state, &MUSIC_SCHOOL);
    let hosted = Arc::new(pipeline::Mock::new(Arc::clone(&ENGINE), state, MockLimits::default()));
    Mock { session: Arc::clone(hosted.sessions().default_session()), credentials, hosted }
}

/// The records of a session, of all kinds or of one, and its clock.
pub(crate) fn state_json(session: &Session, kind: Option<&str>) -> Value {
    let state = session.state();
    let kinds = state.store.kinds().filter(|(name, _)| kind.is_none_or(|kind| kind == *name));
    let records: serde_json::Map<String, Value> = kinds
        .map(|(name, _)| (name.to_owned(), state.store.all(name).map(|record| serde_json::json!(**record)).collect()))
        .collect();
    serde_json::json!({"now": standin::request::time_text(state.now()).as_str(), "records": records})
}

/// A mock as it behaves by default.
pub(crate) fn observed() -> Mock {
    mock(Profile::Observed)
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
    pub(crate) body: Value,
}

impl Seen {
    /// What stands at a JSON pointer of the body.
    #[track_caller]
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        self.body.pointer(pointer).unwrap_or_else(|| panic!("there is no {pointer} in {self:#?}"))
    }

    /// The text at a JSON pointer.
    #[track_caller]
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.at(pointer).as_str().unwrap_or_else(|| panic!("{pointer} is no text in {self:#?}")).to_owned()
    }

    /// The quirks that changed the answer.
    pub(crate) fn quirks(&self) -> &str {
        self.header("x-standin-quirks")
    }

    /// A header; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The same, if the status is this one.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:#}", self.body);
        self
    }
}

/// A request to a path with its query.
pub(crate) fn request(at: Timestamp, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query.to_owned())));
    let header = |(name, value): &(&str, &str)| {
        (name.parse::<HeaderName>().expect("a name"), HeaderValue::from_str(value).expect("a value"))
    };
    Request {
        method: Method::from_bytes(method.as_bytes()).expect("a method"),
        path: path.into(),
        query,
        headers: headers.iter().map(header).collect(),
        body: body.to_owned().into(),
        at,
    }
}

impl Mock {
    /// The same world, which goes on by itself and has answered nothing yet.
    pub(crate) fn fork(&self) -> Self {
        mock_in(self.session.state())
    }

    /// A call with raw headers and body.
    pub(crate) fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Seen {
        self.send_at(noon(), method, target, headers, body)
    }

    /// The same at another time.
    pub(crate) fn send_at(
        &self,
        at: Timestamp,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Seen {
        let call = request(at, method, target, headers, body);
        let answer = ENGINE.answer(&self.session, &call);
        Seen {
            status: answer.status.as_u16(),
            headers: answer.headers.iter().cloned().collect(),
            body: serde_json::from_slice(&answer.body).unwrap_or_default(),
            bytes: answer.body.to_vec(),
        }
    }

    /// A call with the token of that name.
    pub(crate) fn call(&self, token: &str, method: &str, target: &str, body: Value) -> Seen {
        let value = format!("Bearer {}", self.credentials.token(token).expect("a token of the scenario"));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, target, &[("authorization", &value)], &body)
    }

    /// A call by staff through the fallback.
    pub(crate) fn staff(&self, method: &str, path: &str, body: Value) -> Seen {
        self.call("staff", method, &format!("/api2{path}"), body)
    }

    /// A read by staff through the fallback.
    pub(crate) fn get(&self, path: &str) -> Seen {
        self.staff("GET", path, Value::Null)
    }
}
