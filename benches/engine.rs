//! The engine without HTTP: the cost of a request and of a start, and how sessions scale with threads.

#![allow(missing_docs, reason = "the macros of the harness make public functions")]
#![allow(clippy::print_stderr, reason = "a bench prints its figures")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use standin::openapi::ApiFolder;
use standin::pipeline::{Engine, Mock, MockLimits, Session};
use standin::request::{Clock, Request, State};
use standin::scenarios::{Scenario, Start, credentials};

fn state(engine: &Engine) -> (State, HeaderMap) {
    let text = Scenario::embedded("music-school").expect("embedded");
    let scenario = Scenario::read(&text).expect("right");
    let now: Timestamp = "2026-02-08T10:00:00Z".parse().expect("a time");
    let flags = engine.quirks().flags(&Default::default()).expect("known");
    let start = Start { clock: Clock::Frozen(now), now, flags, seed: None };
    let state = scenario.seed(engine, start).expect("right");
    let credentials = credentials(engine, &state, &scenario);
    let token = format!("Bearer {}", credentials.token("staff").expect("a token"));
    let headers =
        HeaderMap::from_iter([(http::header::AUTHORIZATION, HeaderValue::from_str(&token).expect("a header"))]);
    (state, headers)
}

fn call(method: Method, path: &str, headers: &HeaderMap, body: &'static str) -> Request {
    Request {
        method,
        path: path.into(),
        query: None,
        headers: headers.clone(),
        body: body.into(),
        at: Timestamp::UNIX_EPOCH,
    }
}

fn calls(criterion: &mut Criterion) {
    let engine = Engine::new(&ApiFolder::embedded()).expect("right");
    let (state, headers) = state(&engine);
    let session = Session::new(state.clone());
    let get = call(Method::GET, "/api2/business/payments/v1/client_packages/y2g7pmb4vd09leas", &headers, "");
    assert_eq!(engine.answer(&session, &get).status, 200);
    criterion.bench_function("GET client package again", |bencher| {
        bencher.iter(|| black_box(engine.answer(&session, &get)));
    });
    let list = call(Method::GET, "/api2/platform/v1/clients", &headers, "");
    for (name, mut call) in [("GET client package", get), ("GET 25 clients", list)] {
        // An unknown query parameter makes each request a different one, which the cache does not have.
        let mut count = 0;
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                count += 1;
                call.query = Some(format!("n={count}"));
                black_box(engine.answer(&session, &call))
            });
        });
    }
    let body =
        r#"{"client_id":"k4w9zr2tq7mh1xpe","package_id":"r5xq81kfhz2wno7t","price":"120.0","valid_from":"2026-02-08"}"#;
    let post = call(Method::POST, "/api2/platform/v1/payment/client_packages", &headers, body);
    assert_eq!(engine.answer(&session, &post).status, 201);
    // A new session now and then, because a session with millions of records would be another measurement.
    criterion.bench_function("POST client package", |bencher| {
        let fresh = || Session::new(state.clone());
        bencher.iter_batched_ref(
            fresh,
            |session| {
                for _ in 0..100 {
                    black_box(engine.answer(session, &post));
                }
            },
            BatchSize::SmallInput,
        );
    });
    criterion.bench_function("fork", |bencher| bencher.iter(|| black_box(state.clone())));
}

fn start(criterion: &mut Criterion) {
    criterion.bench_function("engine of the embedded files", |bencher| {
        bencher.iter(|| black_box(Engine::new(&ApiFolder::embedded()).expect("right")));
    });
}

/// Requests of each thread in one round.
const REQUESTS: u32 = 20_000;
const ROUNDS: usize = 7;

/// Compares two sessions, each served by a thread of its own, with one session and one thread.
fn sessions(_: &mut Criterion) {
    let engine = Engine::new(&ApiFolder::embedded()).expect("right");
    let (state, headers) = state(&engine);
    let mock = Mock::new(engine, state, MockLimits::default());
    let path = "/api2/business/payments/v1/client_packages/y2g7pmb4vd09leas";
    let request = |thread: u32, number: u32| {
        let mut request = call(Method::GET, path, &headers, "");
        request.headers.insert("x-standin-session", HeaderValue::from(thread));
        request.query = Some(format!("n={number}"));
        request
    };
    let serve = |thread: u32| {
        for number in 0..REQUESTS {
            black_box(mock.respond(request(thread, number), || None));
        }
    };
    let time = |threads: u32| {
        let since = Instant::now();
        std::thread::scope(|scope| (0..threads).for_each(|thread| drop(scope.spawn(move || serve(thread)))));
        since.elapsed()
    };
    // The journal is full from here on.
    time(1);
    let mut rounds: Vec<(f64, Duration)> = (0..ROUNDS)
        .map(|_| {
            let (one, two) = (time(1), time(2));
            (2.0 * one.as_secs_f64() / two.as_secs_f64(), one / REQUESTS)
        })
        .collect();
    rounds.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let (ratio, each) = rounds[ROUNDS / 2];
    eprintln!("two sessions on two threads: {ratio:.2} times the requests of one ({each:?} for a request of one)");
}

criterion_group!(benches, calls, start, sessions);
criterion_main!(benches);
