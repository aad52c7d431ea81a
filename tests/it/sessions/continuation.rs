//! A session that begins with a snapshot responds as the original one: random requests, a snapshot, more random requests.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use standin::diagnostics::SourceFile;
use standin::openapi::generate::generate;
use standin::openapi::{ApiFolder, Operation};
use standin::pipeline::{Engine, Mock, MockLimits};
use standin::quirks::Selection;
use standin::request::{Clock, State};
use standin::scenarios::{Credentials, Scenario, Start};

use super::{Hosted, ORDERS};
use crate::properties::cases;
use crate::request_gen;
use crate::vocabulary::{ENGINE, noon};

/// An API, the state in which its sessions begin, and a token.
struct Api {
    engine: Arc<Engine>,
    scenario: Scenario,
    prefix: &'static str,
}

static EMBEDDED: LazyLock<Api> = LazyLock::new(|| Api::of(Arc::clone(&ENGINE), "music-school", "/api2"));
static LIBRARY: LazyLock<Api> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/library");
    let folder = ApiFolder::from_paths(&[folder]).expect("the example");
    Api::of(Arc::new(Engine::new(&folder).expect("the files are valid")), "reading-room", "")
});
static ORDERS_API: LazyLock<Api> = LazyLock::new(|| {
    let contracts = vec![SourceFile::new("api.yaml", ORDERS)];
    let engine = Engine::new(&ApiFolder { contracts, ..ApiFolder::default() }).expect("the contract is valid");
    Api::of(Arc::new(engine), Scenario::EMPTY, "")
});

impl Api {
    fn of(engine: Arc<Engine>, scenario: &str, prefix: &'static str) -> Self {
        let file = engine.scenarios().find(scenario).expect("the API has it");
        let scenario = Scenario::read_in(file, engine.scenarios()).expect("it is valid");
        Self { engine, scenario, prefix }
    }

    fn state(&self, clock: Clock) -> State {
        let flags = self.engine.quirks().flags(&Selection::default()).expect("no switches");
        self.scenario.seed(&self.engine, Start { clock, now: noon(), flags, seed: None }).expect("it is valid")
    }

    /// A server as it begins.
    fn serve(&self, clock: Clock) -> Hosted {
        let mock = Mock::new(Arc::clone(&self.engine), self.state(clock), MockLimits::default());
        let mut hosted = Hosted::of(Arc::new(mock));
        hosted.admin.access.secrets = true;
        hosted
    }
}

/// One request of a random sequence.
#[derive(Clone, Debug)]
struct Step {
    operation: Index,
    seed: u64,
}

fn steps(length: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = (any::<Index>(), any::<u64>()).prop_map(|(operation, seed)| Step { operation, seed });
    prop::collection::vec(step, 1..length)
}

/// Method, target, headers and body of a request.
type Sent = (String, String, Vec<(&'static str, String)>, String);

impl Step {
    /// The request, about records that exist in a state if there are any.
    fn request(&self, api: &Api, state: &State) -> Sent {
        let random = &mut ChaCha8Rng::seed_from_u64(self.seed);
        let operation = self.operation.get(&api.engine.contract().operations);
        let target = match random.random_bool(0.3) {
            true => request_gen::target(operation),
            false => target_of_known(operation, state, random),
        };
        let body = match &operation.body {
            None => Value::Null,
            Some(_) if random.random_bool(0.5) => request_gen::body(operation),
            Some(body) => generate(&body.schema, random),
        };
        let mut headers = vec![("content-type", "application/json".to_owned())];
        let credentials = Credentials::of(&api.engine, state);
        if let Some((name, _)) = credentials.tokens.get(random.random_range(0..8)).or(credentials.tokens.first()) {
            headers.push(("authorization", credentials.authorization(name).expect("a token")));
        }
        if random.random_bool(0.3) {
            headers.push(("idempotency-key", format!("key-{}", random.random_range(0..3))));
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        (operation.method.to_string(), format!("{}{target}", api.prefix), headers, body)
    }
}

fn target_of_known(operation: &Operation, state: &State, random: &mut ChaCha8Rng) -> String {
    let kinds: Vec<&str> = state.store.kinds().map(|(kind, _)| kind).collect();
    let mut path = operation.path.to_string();
    while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
        let own = operation.role.resource.as_deref().filter(|_| random.random_bool(0.8));
        let kind = own.or_else(|| kinds.get(random.random_range(0..kinds.len().max(1))).copied()).unwrap_or_default();
        let ids: Vec<&str> = state.store.all(kind).map(|record| record.id.as_str()).collect();
        let id = if ids.is_empty() { "x" } else { ids[random.random_range(0..ids.len())] };
        path.replace_range(start..=end, id);
    }
    format!("{path}?page=1")
}

/// Sends the steps to all servers, and compares their responses.
fn send(api: &Api, servers: &[&Hosted], steps: &[Step], at: &mut Timestamp) {
    for step in steps {
        *at += SignedDuration::from_millis(1_357);
        let (method, target, headers, body) = step.request(api, &servers[0].mock.sessions().default_session().state());
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let responses = servers.iter().map(|server| server.api_at(*at, &method, &target, &headers, &body));
        let responses: Vec<_> = responses.map(|seen| (seen.status, seen.headers, seen.text)).collect();
        for other in &responses[1..] {
            assert_eq!(*other, responses[0], "{method} {target} {headers:?} {body}");
        }
    }
}

fn assert_continues(api: &Api, clock: Clock, faults: &[Value], first: &[Step], then: &[Step], format: &str) {
    let (original, mut at) = (api.serve(clock), noon());
    for fault in faults {
        let (status, _) = original.control("POST", "/sessions/default/faults", fault.clone());
        assert_eq!(status, 201);
    }
    send(api, &[&original], first, &mut at);
    let path = format!("/sessions/default/snapshot?with_secrets=true&format={format}");
    let taken = original.control_at(at, "GET", &path, &[], "");
    let restored = api.serve(Clock::Running(noon()));
    let content_type = format!("application/{format}");
    let headers = [("content-type", content_type.as_str())];
    let put = restored.control_at(at, "PUT", "/sessions/default/snapshot", &headers, &taken.text);
    assert_eq!(put.status, 200, "{}\n{}", put.text, taken.text);
    assert_eq!(restored.control_at(at, "GET", &path, &[], "").text, taken.text, "the snapshot of the restored session");
    send(api, &[&original, &restored], then, &mut at);
    let [of_original, of_restored] =
        [&original, &restored].map(|server| server.control_at(at, "GET", &path, &[], "").text);
    assert_eq!(of_restored, of_original, "the snapshots after the same requests");
}

fn clock() -> impl Strategy<Value = Clock> {
    let set = |speed| Clock::Set { from: noon() - SignedDuration::from_hours(30), since: noon(), speed };
    prop_oneof![
        Just(Clock::Frozen(noon())),
        Just(Clock::Running(noon())),
        (0..5_u32).prop_map(move |speed| set(f64::from(speed))),
    ]
}

fn faults() -> impl Strategy<Value = Vec<Value>> {
    let fault = prop_oneof![
        Just(json!({"method": "GET", "status": {"code": 503}, "probability": 0.2})),
        Just(json!({"method": "POST", "rate_limit": {"requests": 3, "per": "10s"}})),
        Just(json!({"id": "third", "nth": 3, "status": {"code": 500, "body": {"token": "x"}}})),
        Just(json!({"path": "/**", "latency": {"ms": 10, "jitter": 5}, "count": 4})),
    ];
    prop::collection::vec(fault, 0..3)
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn session_from_a_snapshot_responds_as_the_original(
        clock in clock(), faults in faults(), first in steps(25), then in steps(25), is_yaml in prop::bool::weighted(0.2),
    ) {
        assert_continues(&EMBEDDED, clock, &faults, &first, &then, if is_yaml { "yaml" } else { "json" });
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn session_of_another_api_from_a_snapshot_responds_as_the_original(
        is_library in any::<bool>(), clock in clock(), faults in faults(), first in steps(40), then in steps(40),
        is_yaml in any::<bool>(),
    ) {
        let api = if is_library { &LIBRARY } else { &ORDERS_API };
        assert_continues(api, clock, &faults, &first, &then, if is_yaml { "yaml" } else { "json" });
    }
}
