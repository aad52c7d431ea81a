//! Requests of one session take effect one after the other, whatever the number of clients.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use standin::pipeline::{Mock, MockLimits};
use standin::request::Settings;
use standin::session::Session;

use super::forks::enlarge;
use crate::served::Served;
use crate::vocabulary::{noon, request};

const BOXES: &str = r##"
openapi: 3.0.0
info: {title: boxes, version: "1"}
paths:
  /boxes:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Box"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Box"}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Box"}}}}}
  /boxes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Box"}}}}}}
    patch:
      requestBody: {content: {application/json-patch+json: {schema: {type: array, items: {type: object}}}}}
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Box"}}}}}
components:
  schemas:
    Box: {type: object, properties: {id: {type: string}, value: {type: integer}, last: {type: object, additionalProperties: {type: integer}}}}
"##;

fn boxes() -> Arc<Mock> {
    let Served { engine, session } = Served::new(BOXES, Settings::default());
    let mock = Mock::new(engine, session.state(), MockLimits::default());
    let created = send(&mock, "POST", "/boxes", &json!({"id": "b", "value": 0, "last": {}}));
    assert_eq!(created.0, 201, "{}", created.1);
    Arc::new(mock)
}

fn send(mock: &Mock, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let kind = if method == "PATCH" { "application/json-patch+json" } else { "application/json" };
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let response = mock.respond(request(noon(), method, path, &[("content-type", kind)], &body), || None);
    (response.status.as_u16(), serde_json::from_slice(&response.body).unwrap_or_default())
}

#[test]
fn no_update_of_64_clients_is_lost() {
    let mock = boxes();
    std::thread::scope(|scope| {
        for client in 0..64 {
            let mock = &mock;
            scope.spawn(move || {
                let mut before = [-1; 64];
                for number in 0..100 {
                    let path = format!("/last/c{client}");
                    let update = json!([{"op": "add", "path": path, "value": number}]);
                    let (status, body) = send(mock, "PATCH", "/boxes/b", &update);
                    assert_eq!(status, 200, "{body}");
                    // An update that is lost sets a value back.
                    for (other, before) in before.iter_mut().enumerate() {
                        let value = body["last"][format!("c{other}")].as_i64().unwrap_or(-1);
                        assert!(*before <= value, "c{other} was {before} and is {value}");
                        *before = value;
                    }
                }
            });
        }
    });
    let (_, shown) = send(&mock, "GET", "/boxes/b", &Value::Null);
    let last = shown["last"].as_object().expect("an object");
    assert_eq!((last.len(), last.values().all(|value| *value == 99)), (64, true), "{shown}");
}

/// What a client does with the value of the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Read {
        seen: i64,
    },
    Write {
        value: i64,
    },
    /// Writes `to` if the value is `from`.
    Replace {
        from: i64,
        to: i64,
        done: bool,
    },
}

impl Operation {
    /// The value after the operation; `None` if it cannot have had that result.
    fn apply(self, value: i64) -> Option<i64> {
        match self {
            Self::Read { seen } => (seen == value).then_some(value),
            Self::Write { value } => Some(value),
            Self::Replace { from, to, done: true } => (from == value).then_some(to),
            Self::Replace { from, done: false, .. } => (from != value).then_some(value),
        }
    }
}

/// An operation with the times of its request and its response, by a counter that all clients share.
#[derive(Clone, Copy, Debug)]
struct Happened {
    operation: Operation,
    sent: u64,
    received: u64,
}

/// Whether some order of the operations explains all results and contradicts no client: an operation that was over when
/// another one began comes first (Wing and Gong, Testing and Verifying Concurrent Objects, 1993).
fn is_linearizable(history: &[Happened]) -> bool {
    fn search(history: &[Happened], done: u128, value: i64, seen: &mut HashSet<(u128, i64)>) -> bool {
        if done.count_ones() as usize == history.len() {
            return true;
        }
        if !seen.insert((done, value)) {
            return false;
        }
        let open = || history.iter().enumerate().filter(|(index, _)| done & (1 << index) == 0);
        let Some(first_end) = open().map(|(_, happened)| happened.received).min() else { return true };
        open().filter(|(_, happened)| happened.sent < first_end).any(|(index, happened)| {
            let next = happened.operation.apply(value);
            next.is_some_and(|next| search(history, done | (1 << index), next, seen))
        })
    }
    assert!(history.len() <= 128, "one bit for each operation");
    search(history, 0, 0, &mut HashSet::new())
}

const CLIENTS: u64 = 4;
const CALLS: i64 = 20;

/// What four clients do at the same time, each with its own random stream. `call` sends a request.
fn history(seed: u64, call: impl Fn(&str, &Value) -> (u16, Value) + Sync) -> Vec<Happened> {
    let (clock, all) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (clock, all, call) = (&clock, &all, &call);
            scope.spawn(move || {
                let mut random = ChaCha8Rng::seed_from_u64(seed * CLIENTS + client);
                let mut last = 0;
                for number in 1..=CALLS {
                    let value = i64::try_from(client).expect("small") * CALLS + number;
                    let set = json!({"op": "replace", "path": "/value", "value": value});
                    let sent = clock.fetch_add(1, Ordering::SeqCst);
                    let operation = match random.random_range(0..3) {
                        0 => {
                            last = call("GET", &Value::Null).1["value"].as_i64().expect("a number");
                            Operation::Read { seen: last }
                        }
                        1 => {
                            assert_eq!(call("PATCH", &json!([set])).0, 200);
                            Operation::Write { value }
                        }
                        _ => {
                            let test = json!({"op": "test", "path": "/value", "value": last});
                            let (status, body) = call("PATCH", &json!([test, set]));
                            assert!(status == 200 || status == 409, "{status} {body}");
                            Operation::Replace { from: last, to: value, done: status == 200 }
                        }
                    };
                    let received = clock.fetch_add(1, Ordering::SeqCst);
                    all.lock().expect("whole").push(Happened { operation, sent, received });
                    if random.random_range(0..4) == 0 {
                        std::thread::yield_now();
                    }
                }
            });
        }
    });
    all.into_inner().expect("whole")
}

fn check_histories(mock: &Mock) {
    // `.ci/long` checks more.
    let histories = std::env::var("STANDIN_HISTORIES").map_or(200, |count| count.parse().expect("a number"));
    for seed in 0..histories {
        let reset = json!([{"op": "replace", "path": "/value", "value": 0}]);
        assert_eq!(send(mock, "PATCH", "/boxes/b", &reset).0, 200);
        let history = history(seed, |method, body| send(mock, method, "/boxes/b", body));
        assert!(is_linearizable(&history), "seed {seed}: {history:?}");
    }
}

#[test]
fn requests_of_one_session_are_linearizable() {
    check_histories(&boxes());
}

#[test]
fn requests_of_one_large_session_are_linearizable() {
    let mock = boxes();
    enlarge(mock.sessions().default_session());
    check_histories(&mock);
}

#[test]
fn a_session_without_its_lock_is_not_linearizable() {
    let mock = boxes();
    let session = mock.sessions().default_session();
    // Works on a copy of the state and stores it afterwards, as a session without a lock would.
    let unlocked = |method: &str, body: &Value| {
        let copy = Session::new(session.state());
        let kind = [("content-type", "application/json-patch+json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let response = mock.engine().answer(&copy, &request(noon(), method, "/boxes/b", &kind, &body));
        std::thread::yield_now();
        if method != "GET" {
            session.change(|state| *state = copy.state());
        }
        (response.status.as_u16(), serde_json::from_slice(&response.body).unwrap_or_default())
    };
    let mut broken = (0..200).filter(|seed| {
        send(&mock, "PATCH", "/boxes/b", &json!([{"op": "replace", "path": "/value", "value": 0}]));
        !is_linearizable(&history(*seed, unlocked))
    });
    assert!(broken.next().is_some(), "the checker finds it");
}
