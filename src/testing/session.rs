use std::fmt::Write as _;
use std::sync::Arc;

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::control::Control;
use super::{Called, MockClock, MockFaults};
use crate::scenarios::Credentials;
use crate::session::{Entry, SessionId};

/// How many of the received requests a failed verification shows.
const MAX_SHOWN: usize = 20;

/// One isolated world of a mock: its own records, ids, clock, faults and journal.
#[derive(Clone)]
pub struct MockSession {
    control: Control,
    credentials: Arc<Credentials>,
    id: String,
}

impl MockSession {
    pub(super) fn new(control: Control, credentials: Arc<Credentials>, id: String) -> Self {
        Self { control, credentials, id }
    }

    /// The session of an id. It is created, with the initial state of the mock, if it does not exist.
    ///
    /// # Panics
    /// If the id has other characters than letters, digits, `_` and `-`.
    #[track_caller]
    #[must_use]
    pub fn session(&self, id: &str) -> Self {
        let session = Self { id: id.to_owned(), ..self.clone() };
        if self.control.mock().sessions().find(id).is_none() {
            done(self.control.send(Method::POST, "/sessions", Some(&json!({"id": id}))));
        }
        session
    }

    /// A new session that begins with the current state of this one.
    #[track_caller]
    #[must_use]
    pub fn fork(&self) -> Self {
        let created = done(self.control.send(Method::POST, "/sessions", Some(&json!({"from": self.id}))));
        Self { id: created["id"].as_str().unwrap_or_default().to_owned(), ..self.clone() }
    }

    /// The id of the session, for the header `X-Standin-Session`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The base URL of the default gateway, such as `http://127.0.0.1:40233`; it selects this session.
    pub fn url(&self) -> String {
        let session = match self.id.as_str() {
            SessionId::DEFAULT => String::new(),
            id => format!("/s/{id}"),
        };
        format!("http://{}{session}", self.control.host())
    }

    /// The base URL of a gateway, by its name in `standin.yaml`.
    ///
    /// # Panics
    /// If the API has no such gateway.
    #[track_caller]
    pub fn gateway_url(&self, name: &str) -> String {
        let engine = self.control.mock().engine();
        let gateways = &engine.api().gateways;
        let names = || gateways.list.iter().map(|gateway| gateway.name.as_str()).collect::<Vec<_>>().join(", ");
        let found = gateways.named(name).ok_or_else(|| format!("there is no gateway `{name}`; there are {}", names()));
        self.url() + done(found.map(|gateway| gateway.prefix()))
    }

    /// The value of a token, by its name in the scenario or its kind.
    ///
    /// # Panics
    /// If there is no such token.
    #[track_caller]
    pub fn token(&self, name: &str) -> &str {
        done(self.credentials.token(name).ok_or_else(|| self.unknown_token(name)))
    }

    /// The value of the header `Authorization` for a token, by its name in the scenario or its kind.
    ///
    /// # Panics
    /// If there is no such token.
    #[track_caller]
    pub fn authorization(&self, name: &str) -> String {
        done(self.credentials.authorization(name).ok_or_else(|| self.unknown_token(name)))
    }

    /// The id of a record of the scenario, by the name that `standin tokens` shows, such as `client_id`.
    ///
    /// # Panics
    /// If there is no such name.
    #[track_caller]
    pub fn param(&self, name: &str) -> &str {
        let params = &self.credentials.params;
        let found = params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let names = || params.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        done(found.ok_or_else(|| format!("there is no param `{name}`; there are {}", names())))
    }

    fn unknown_token(&self, name: &str) -> String {
        let names: Vec<&str> = self.credentials.tokens.iter().map(|(name, _)| name.as_str()).collect();
        format!("there is no token `{name}`; there are {}", names.join(", "))
    }

    /// Creates a record of a kind, in the singular, and returns it with its id and defaults.
    ///
    /// # Panics
    /// If the API has no such kind, a field is wrong, or a record has that id.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "`json!` makes a value")]
    pub fn seed(&self, kind: &str, fields: Value) -> Value {
        self.send(Method::POST, &format!("records/{kind}"), Some(&fields))
    }

    /// A record.
    ///
    /// # Panics
    /// If it does not exist.
    #[track_caller]
    pub fn record(&self, kind: &str, id: &str) -> Value {
        let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
        self.send(Method::GET, &format!("records/{kind}/{id}"), None)
    }

    /// All records of a kind.
    ///
    /// # Panics
    /// If the API has no such kind.
    #[track_caller]
    pub fn records(&self, kind: &str) -> Vec<Value> {
        match self.send(Method::GET, &format!("records/{kind}"), None)["records"].take() {
            Value::Array(records) => records,
            _ => Vec::new(),
        }
    }

    /// The clock.
    pub fn clock(&self) -> MockClock<'_> {
        MockClock::new(self)
    }

    /// The faults: responses that come late, in part, or as errors.
    pub fn faults(&self) -> MockFaults<'_> {
        MockFaults::new(self)
    }

    /// Restores the initial state.
    #[track_caller]
    pub fn reset(&self) {
        self.send(Method::POST, "reset", None);
    }

    /// The requests that were received, oldest first, with their responses and what they changed.
    pub fn requests(&self) -> Vec<Arc<Entry>> {
        self.control.mock().sessions().find(&self.id).map(|session| session.entries(0)).unwrap_or_default()
    }

    /// Checks how often requests were received.
    ///
    /// # Panics
    /// If the claim is false, or the journal has dropped requests that decide it. The message has the requests that nearly
    /// match, with their differences, and the last ones that were received.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "a claim is made where it is checked")]
    #[expect(clippy::panic, reason = "a false claim is a failed test")]
    pub fn verify(&self, claim: Called) {
        let result = self.send(Method::POST, "requests/verify", Some(&claim.to_json()));
        if result["verdict"] != "passed" {
            panic!("{}", self.describe_failure(&claim, &result));
        }
    }

    fn describe_failure(&self, claim: &Called, result: &Value) -> String {
        let mut text = format!("expected {claim}, received {} in the session {}", result["matched"], self.id);
        if result["verdict"] == "inconclusive" {
            let _ = write!(text, "; inconclusive, as the journal has dropped {} requests", result["evicted"]);
        }
        let nearest = result["nearest"].as_array().map(Vec::as_slice).unwrap_or_default();
        text.push_str(if nearest.is_empty() { "" } else { "\n\nnearest:" });
        for miss in nearest {
            let _ = write!(text, "\n  #{} {}", miss["seq"], miss["request"].as_str().unwrap_or_default());
            for difference in miss["differences"].as_array().into_iter().flatten() {
                let at = difference["at"].as_str().unwrap_or_default();
                let _ = write!(
                    text,
                    "\n      {at}: expected {}, received {}",
                    difference["expected"], difference["actual"]
                );
            }
        }
        let requests = self.requests();
        let shown = &requests[requests.len().saturating_sub(MAX_SHOWN)..];
        let _ = write!(text, "\n\nreceived:{}", if requests.is_empty() { " nothing" } else { "" });
        for entry in shown {
            let call = &entry.call;
            let _ = write!(text, "\n  #{} {} {} → {}", entry.seq, call.method, call.local_path(), call.status.as_u16());
        }
        text
    }

    /// Sends a request to the control API below the path of this session.
    #[track_caller]
    pub(super) fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        done(self.control.send(method, &format!("/sessions/{}/{path}", self.id), body))
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "a mistake in a test is a failed test")]
fn done<T>(result: Result<T, String>) -> T {
    match result {
        Ok(value) => value,
        Err(message) => panic!("{message}"),
    }
}
