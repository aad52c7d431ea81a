//! The engine without HTTP: what a call costs, and what it costs to start.

#![allow(missing_docs, reason = "the macros of the harness make public functions")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use standin::openapi::ApiFolder;
use standin::pipeline::{Engine, Session};
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
        // A query that nobody looks at makes each call another one, to which no answer is known yet.
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
    // A fresh world now and then keeps the bench from measuring a world of millions.
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

criterion_group!(benches, calls, start);
criterion_main!(benches);
