//! The engine of the embedded API: whatever is called, it answers with a status below 500, and JSON where it says JSON.
//!
//! An input is a line `METHOD path?query`, a line with a content type, and a body.

#![no_main]

use std::sync::{LazyLock, Mutex};

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target, fuzzer_mutate};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use standin::openapi::ApiFolder;
use standin::openapi::generate::generate;
use standin::openapi::random::stream;
use standin::pipeline::{Engine, Session};
use standin::request::{Request, Clock, State};
use standin::scenarios::{Scenario, Start, credentials};

struct Mock {
    engine: Engine,
    /// Forked for every input, so that none depends on those before it.
    state: Mutex<State>,
    token: HeaderValue,
    /// A plausible call of every operation.
    seeds: Vec<String>,
}

static MOCK: LazyLock<Mock> = LazyLock::new(|| {
    let engine = Engine::new(&ApiFolder::embedded()).expect("the embedded files are right");
    let text = Scenario::embedded("music-school").expect("it is embedded");
    let scenario = Scenario::read(&text).expect("it is right");
    let flags = engine.quirks().flags(&Default::default()).expect("known quirks");
    let now = Timestamp::UNIX_EPOCH;
    let start = Start { clock: Clock::Frozen(now), now, flags, seed: None };
    let state = scenario.seed(&engine, start).expect("the scenario is right");
    let token = format!("Bearer {}", credentials(&engine, &state, &scenario).token("staff").expect("a token"));
    let seed = |operation: &standin::openapi::Operation| {
        let path = operation.path.replace("{client_id}", "k4w9zr2tq7mh1xpe").replace("{uid}", "y2g7pmb4vd09leas");
        let body =
            operation.body.as_ref().map(|body| generate(&body.schema, &mut stream(0, &operation.key)).to_string());
        format!("{} /api2{path}?page=1\napplication/json\n{}", operation.method, body.unwrap_or_default())
    };
    let seeds = engine.contract().operations.iter().map(seed).collect();
    Mock { token: token.parse().expect("a header"), state: Mutex::new(state), seeds, engine }
});

fuzz_target!(|text: &[u8]| -> Corpus {
    let mut lines = text.splitn(3, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (first, kind, body) = (line(), line(), line());
    let first = String::from_utf8_lossy(first);
    let (method, target) = first.split_once(' ').unwrap_or(("GET", &first));
    let Ok(method) = Method::from_bytes(method.as_bytes()) else { return Corpus::Reject };
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query.to_owned())));
    let mut headers = HeaderMap::from_iter([(AUTHORIZATION, MOCK.token.clone())]);
    headers.extend(HeaderValue::from_bytes(kind).ok().map(|kind| (CONTENT_TYPE, kind)));
    let call =
        Request { method, path: path.into(), query, headers, body: body.to_vec().into(), at: Timestamp::UNIX_EPOCH };
    let answer = MOCK.engine.answer(&Session::new(MOCK.state.lock().expect("whole").clone()), &call);
    assert!(answer.status.as_u16() < 500, "{}", answer.status);
    let is_json = answer.headers.iter().any(|(name, value)| name == CONTENT_TYPE && value == "application/json");
    if is_json && !answer.body.is_empty() {
        serde_json::from_slice::<serde_json::Value>(&answer.body).expect("JSON");
    }
    Corpus::Keep
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut random = ChaCha8Rng::seed_from_u64(seed.into());
    if random.random_range(0..20) > 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let seed = MOCK.seeds[random.random_range(0..MOCK.seeds.len())].as_bytes();
    let length = seed.len().min(max_size);
    data[..length].copy_from_slice(&seed[..length]);
    fuzzer_mutate(data, length, max_size)
});
