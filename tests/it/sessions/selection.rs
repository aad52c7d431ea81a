use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::HeaderValue;
use jiff::SignedDuration;
use serde_json::{Value, json};
use standin::pipeline::MockLimits;
use standin::session::{SESSION_HEADER, SessionLimits};

use super::{Hosted, embedded};
use crate::vocabulary::{noon, request};

const TEA: &str = r#"{"item": "tea"}"#;
const JSON: (&str, &str) = ("content-type", "application/json");

fn count(hosted: &Hosted, id: &str) -> usize {
    hosted.in_session(id, "GET", "/orders", "").json().as_array().map_or(0, Vec::len)
}

#[test]
fn a_header_a_path_prefix_and_a_token_suffix_select_the_same_session() {
    let hosted = Hosted::orders();
    for (target, headers) in [
        ("/orders", vec![("x-standin-session", "a")]),
        ("/s/a/orders", vec![]),
        ("/orders", vec![("authorization", "Bearer anything~a")]),
        ("/s/a/orders", vec![("x-standin-session", "a"), ("authorization", "Bearer x~a")]),
    ] {
        let headers: Vec<_> = headers.into_iter().chain([JSON]).collect();
        let response = hosted.api("POST", target, &headers, TEA);
        assert_eq!((response.status, response.header("x-standin-session")), (201, "a"), "{target} {headers:?}");
    }
    let basic = format!("Basic {}", BASE64_STANDARD.encode("user:secret~a"));
    assert_eq!(hosted.api("POST", "/orders", &[("authorization", &basic), JSON], TEA).header("x-standin-session"), "a");
    assert_eq!((count(&hosted, "a"), count(&hosted, "b"), count(&hosted, "default")), (5, 0, 0));
}

#[test]
fn requests_that_select_nothing_are_served_in_the_session_default() {
    let hosted = Hosted::orders();
    let response = hosted.api("POST", "/orders", &[JSON], TEA);
    assert_eq!((response.status, response.header("x-standin-session")), (201, "default"));
    assert_eq!(count(&hosted, "default"), 1);
}

#[test]
fn the_first_response_of_a_session_says_that_it_is_new() {
    let hosted = Hosted::orders();
    assert_eq!(hosted.in_session("a", "GET", "/orders", "").header("x-standin-session-state"), "new");
    assert_eq!(hosted.in_session("a", "GET", "/orders", "").header("x-standin-session-state"), "");
    assert_eq!(hosted.api("GET", "/orders", &[], "").header("x-standin-session-state"), "");
}

#[test]
fn two_sessions_in_one_request_and_malformed_ids_are_rejected() {
    let hosted = Hosted::orders();
    let response = hosted.api("GET", "/s/a/orders", &[("x-standin-session", "b")], "");
    assert_eq!((response.status, response.header("content-type")), (400, "application/problem+json"));
    assert_eq!(response.json()["detail"], "the request names two sessions, `b` and `a`; name one");
    for id in ["", "a b", "ä", "a/b", &"x".repeat(65)] {
        let mut request = request(noon(), "GET", "/orders", &[], "");
        request.headers.insert(SESSION_HEADER, HeaderValue::from_bytes(id.as_bytes()).expect("a value"));
        let response = hosted.mock.respond(request, || None);
        assert_eq!(response.status, 400, "{id}");
    }
    assert_eq!(hosted.control("GET", "/sessions", Value::Null).1["sessions"].as_array().map(Vec::len), Some(1));
}

#[test]
fn equal_calls_give_equal_bytes_in_every_session() {
    let hosted = Hosted::orders();
    let story = |id: &str| {
        let made = hosted.in_session(id, "POST", "/orders", TEA);
        let order = made.json()["id"].as_str().expect("an id").to_owned();
        let changed = hosted.in_session(id, "PUT", &format!("/orders/{order}"), r#"{"item": "milk"}"#);
        let other = hosted.in_session(id, "POST", "/orders", TEA);
        let list = hosted.in_session(id, "GET", "/orders", "");
        [made.text, changed.text, other.text, list.text]
    };
    let first = story("a");
    assert!(["b", "c", "default"].iter().all(|id| story(id) == first));
}

#[test]
fn links_keep_the_prefix_of_the_session() {
    let hosted = Hosted::orders();
    let response = hosted.api("POST", "/s/a/orders", &[JSON], TEA);
    let id = response.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(response.header("location"), format!("/s/a/orders/{id}"));
    let found = hosted.api("GET", &format!("/s/a/orders/{id}"), &[], "");
    assert_eq!(found.json()["item"], "tea");
    assert_eq!(hosted.in_session("a", "POST", "/orders", TEA).header("location").split('/').count(), 3);
}

#[test]
fn a_path_of_the_api_that_begins_as_a_session_prefix_belongs_to_the_api() {
    let contract = r#"{"openapi": "3.0.0", "info": {"title": "s", "version": "1"}, "paths": {
        "/s/{id}/orders": {"get": {"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "ok", "content": {"application/json": {"example": {"own": true}}}}}}}}}"#;
    let served = crate::served::Served::new(contract, Default::default());
    let mock = standin::pipeline::Mock::new(served.engine, served.session.state(), MockLimits::default());
    let hosted = Hosted::of(std::sync::Arc::new(mock));
    let response = hosted.api("GET", "/s/a/orders", &[], "");
    assert_eq!((response.status, response.header("x-standin-session")), (200, "default"));
    assert_eq!(hosted.api("GET", "/s/a/s/b/orders", &[], "").header("x-standin-session"), "a");
}

#[test]
fn where_the_api_has_tokens_only_a_token_of_the_session_has_a_suffix() {
    let hosted = embedded();
    let call = |token: &str| hosted.api("GET", "/api2/platform/v1/clients", &[("authorization", token)], "");
    let response = call("Bearer staff-harmony-7c1e94d0~worker-3");
    assert_eq!((response.status, response.header("x-standin-session")), (200, "worker-3"));
    let response = call("Token token=\"staff-harmony-7c1e94d0~worker-4\"");
    assert_eq!((response.status, response.header("x-standin-session")), (200, "worker-4"));
    let response = call("Bearer unknown~worker-5");
    assert_eq!((response.status, response.header("x-standin-session")), (401, "default"));
    assert_eq!(hosted.control("GET", "/sessions/worker-5", Value::Null).0, 404);
}

#[test]
fn a_token_that_was_made_in_a_session_is_one_of_that_session_only() {
    let hosted = embedded();
    let record = json!({"kind": "staff"});
    let session = match hosted.mock.sessions().create(
        Some(&standin::session::SessionId::parse("w").expect("an id")),
        None,
        noon(),
    ) {
        Ok(session) => session,
        Err(error) => panic!("{error:?}"),
    };
    session.change(|state| {
        let fields = record.as_object().expect("fields").iter();
        let fields = fields.map(|(name, value)| (name.as_str().into(), value.as_str().expect("text").into()));
        let fields = fields.collect();
        state.store.put(standin::model::Record::new("token", "made-here", fields));
    });
    let call = |token: &str| hosted.api("GET", "/api2/platform/v1/clients", &[("authorization", token)], "");
    assert_eq!(call("Bearer made-here~w").header("x-standin-session"), "w");
    assert_eq!(call("Bearer made-here~other").header("x-standin-session"), "default");
}

#[test]
fn the_least_recently_used_session_is_evicted_and_never_silently_replaced() {
    let sessions = SessionLimits { count: 2, ..SessionLimits::default() };
    let hosted = Hosted::with_limits(MockLimits { sessions, ..MockLimits::default() });
    hosted.in_session("a", "POST", "/orders", TEA);
    hosted.in_session("b", "POST", "/orders", TEA);
    hosted.in_session("a", "GET", "/orders", "");
    hosted.in_session("c", "POST", "/orders", TEA);
    for _ in 0..2 {
        let response = hosted.in_session("b", "GET", "/orders", "");
        assert_eq!((response.status, response.header("x-standin-session")), (410, "b"));
        assert!(
            response.json()["detail"].as_str().expect("a sentence").contains("POST /sessions"),
            "{}",
            response.text
        );
    }
    assert_eq!(hosted.control("POST", "/sessions", json!({"id": "b"})).0, 201);
    assert_eq!((count(&hosted, "b"), count(&hosted, "c")), (0, 1));
    assert_eq!(hosted.in_session("a", "GET", "/orders", "").status, 410, "`a` made room for `b`");
}

#[test]
fn a_session_that_was_idle_for_too_long_is_evicted() {
    let sessions = SessionLimits { idle: SignedDuration::from_secs(60), ..SessionLimits::default() };
    let hosted = Hosted::with_limits(MockLimits { sessions, ..MockLimits::default() });
    let at = |seconds: i64, id: &str| {
        let at = noon() + SignedDuration::from_secs(seconds);
        hosted.api_at(at, "GET", "/orders", &[("x-standin-session", id)], "").status
    };
    assert_eq!((at(0, "a"), at(50, "a"), at(105, "a")), (200, 200, 200));
    assert_eq!((at(120, "b"), at(170, "a"), at(171, "b")), (200, 410, 200));
}

#[test]
fn a_session_that_only_reads_takes_the_responses_that_others_have_cached() {
    let hosted = embedded();
    let list = |id: &str| {
        hosted.api(
            "GET",
            "/api2/platform/v1/clients?per_page=100",
            &[("x-standin-session", id), ("authorization", "Bearer staff-harmony-7c1e94d0")],
            "",
        )
    };
    let first = list("a");
    assert_eq!(first.status, 200);
    assert!(list("b").text == first.text && list("default").text == first.text);
    let made = hosted.api(
        "POST",
        "/api2/platform/v1/clients",
        &[("x-standin-session", "b"), ("authorization", "Bearer staff-harmony-7c1e94d0"), JSON],
        r#"{"first_name": "Ada"}"#,
    );
    assert_eq!(made.status, 201, "{}", made.text);
    assert!(list("b").text != first.text);
    assert!(list("a").text == first.text && list("c").text == first.text);
}
