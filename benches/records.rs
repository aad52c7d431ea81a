//! How the cost of a request grows with the number of records: searches and new records find what they need by indexes, and
//! requests that read everything do not keep others waiting.

#![allow(missing_docs, reason = "a bench is a program")]
#![allow(clippy::print_stderr, reason = "a bench prints its figures")]

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use standin::model::{Fields, Record};
use standin::openapi::ApiFolder;
use standin::pipeline::{Engine, Session};
use standin::request::{Clock, Request, State};
use standin::scenarios::{Scenario, Start, credentials};

/// The numbers of clients, each of which has a matter.
const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 300_000];

/// How many threads list, and for how long another one reads meanwhile.
const LISTERS: usize = 4;
const READING: Duration = Duration::from_secs(5);

struct World {
    engine: Engine,
    headers: HeaderMap,
}

fn world() -> (World, State) {
    let engine = Engine::new(&ApiFolder::embedded()).expect("right");
    let scenario = Scenario::read(&Scenario::embedded("music-school").expect("embedded")).expect("right");
    let now: Timestamp = "2026-02-08T10:00:00Z".parse().expect("a time");
    let flags = engine.quirks().flags(&Default::default()).expect("known");
    let start = Start { clock: Clock::Frozen(now), now, flags, seed: None };
    let state = scenario.seed(&engine, start).expect("right");
    let token = format!("Bearer {}", credentials(&engine, &state, &scenario).token("staff").expect("a token"));
    let token = HeaderValue::from_str(&token).expect("a header");
    (World { engine, headers: HeaderMap::from_iter([(http::header::AUTHORIZATION, token)]) }, state)
}

/// Adds clients until there are so many, each with a matter.
fn fill(state: &mut State, count: usize) {
    let business = state.store.all("business").next().expect("a business").id.clone();
    for number in state.store.count("client")..count {
        let client = Fields::new()
            .with("business_uid", &business)
            .with("first_name", format!("Ada{number:x}"))
            .with("last_name", format!("Byron{}", number * 7919))
            .with("email", format!("ada.byron{number}@example.com"))
            .with("created_at", "2026-01-01T00:00:00.000Z");
        let id = format!("client{number:010}");
        let matter = Fields::new()
            .with("business_uid", &business)
            .with("client_uid", id.as_str())
            .with("display_name", format!("Matter {number}"));
        state.store.put(Record::new("client", id, client));
        state.store.put(Record::new("matter", format!("matter{number:010}"), matter));
    }
}

fn call(world: &World, method: Method, path: &str, query: String, body: String) -> Request {
    let (path, headers) = (path.into(), world.headers.clone());
    Request { method, path, query: Some(query), headers, body: body.into(), at: Timestamp::UNIX_EPOCH }
}

/// The median time of some calls, each with its number.
fn median(session: &Session, world: &World, make: impl Fn(usize) -> Request, status: u16) -> Duration {
    let mut times: Vec<Duration> = (0..51)
        .map(|number| {
            let request = make(number);
            let since = Instant::now();
            let response = black_box(world.engine.answer(session, &request));
            let time = since.elapsed();
            assert_eq!(response.status, status, "{:?}", response.body);
            time
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn costs(world: &World, session: &Session) -> [Duration; 4] {
    let search = |number: usize| {
        call(world, Method::GET, "/api2/v2/search", format!("query=byron{}@example", 500 + number), String::new())
    };
    let create = |number: usize| {
        let body =
            format!(r#"{{"first_name": "Ann", "email": "new{number}.{}@example.com"}}"#, session.state().store.len());
        call(world, Method::POST, "/api2/platform/v1/clients", String::new(), body)
    };
    let read = |number: usize| {
        let path = format!("/api2/platform/v1/clients/client{:010}", 300 + number);
        call(world, Method::GET, &path, String::new(), String::new())
    };
    let list =
        |number: usize| call(world, Method::GET, "/api2/platform/v1/clients", format!("n={number}"), String::new());
    [
        median(session, world, search, 200),
        median(session, world, create, 201),
        median(session, world, read, 200),
        median(session, world, list, 200),
    ]
}

/// Small reads while other threads list, in the same session.
fn reads_beside_lists(world: &World, session: &Session) {
    let is_over = AtomicBool::new(false);
    let mut times = Vec::new();
    std::thread::scope(|scope| {
        for lister in 0..LISTERS {
            let is_over = &is_over;
            scope.spawn(move || {
                let mut number = 0;
                while !is_over.load(Ordering::Relaxed) {
                    number += 1;
                    let query = format!("l={lister}&n={number}");
                    let list = call(world, Method::GET, "/api2/platform/v1/clients", query, String::new());
                    black_box(world.engine.answer(session, &list));
                }
            });
        }
        let end = Instant::now() + READING;
        while Instant::now() < end {
            let path = format!("/api2/platform/v1/clients/client{:010}", 300 + times.len());
            let request = call(world, Method::GET, &path, String::new(), String::new());
            let since = Instant::now();
            black_box(world.engine.answer(session, &request));
            times.push(since.elapsed());
            std::thread::sleep(Duration::from_millis(1));
        }
        is_over.store(true, Ordering::Relaxed);
    });
    times.sort_unstable();
    let at = |share: f64| times[(times.len() as f64 * share) as usize];
    eprintln!(
        "{LISTERS} threads list; {} small reads: median {:?}, p99 {:?}, maximum {:?}",
        times.len(),
        at(0.5),
        at(0.99),
        times[times.len() - 1]
    );
}

fn main() {
    let (world, mut state) = world();
    eprintln!("clients and matters: GET search, POST client, GET client, GET 25 clients");
    for size in SIZES {
        fill(&mut state, size);
        let session = Session::new(state.clone());
        eprintln!("{size} each: {:?}", costs(&world, &session));
        if size == SIZES[SIZES.len() - 1] {
            reads_beside_lists(&world, &session);
        }
    }
}
