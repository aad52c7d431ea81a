use serde_json::{Value, json};
use standin::faults::MAX_FAULTS;

use super::Hosted;
use crate::vocabulary::{noon, request};

fn add(hosted: &Hosted, fault: Value) -> (u16, Value) {
    hosted.control("POST", "/sessions/a/faults", fault)
}

fn statuses(hosted: &Hosted, count: usize) -> Vec<u16> {
    (0..count).map(|_| hosted.in_session("a", "GET", "/orders", "").status).collect()
}

#[test]
fn a_status_fault_ends_after_its_count_and_is_named() {
    let hosted = Hosted::orders();
    let (status, fault) =
        add(&hosted, json!({"operation": "GET /orders", "status": {"code": 429, "retry_after": 7}, "count": 1}));
    assert_eq!((status, &fault["id"], &fault["applied"]), (201, &json!("fault-1"), &json!(0)));
    let response = hosted.in_session("a", "GET", "/orders", "");
    assert_eq!(
        (response.status, response.header("retry-after"), response.header("x-standin-faults")),
        (429, "7", "fault-1")
    );
    assert_eq!(statuses(&hosted, 2), [200, 200]);
    let (_, listed) = hosted.control("GET", "/sessions/a/requests", Value::Null);
    assert_eq!(listed["requests"][0]["faults"], json!(["fault-1"]));
    assert_eq!(hosted.control("GET", "/sessions/a/faults", Value::Null).1["faults"][0]["applied"], 1);
}

#[test]
fn the_body_of_a_status_fault_is_as_documented_or_as_given() {
    let hosted = Hosted::orders();
    add(&hosted, json!({"operation": "POST /orders", "status": {"code": 503, "message": "Closed"}, "nth": 1}));
    add(&hosted, json!({"operation": "POST /orders", "status": {"code": 500, "body": {"own": 1}}, "nth": 2}));
    let post = || hosted.in_session("a", "POST", "/orders", "{}");
    let (first, second) = (post(), post());
    assert_eq!((first.status, &first.json()["reason"]), (503, &json!("Closed")), "{}", first.text);
    assert_eq!((second.status, second.json()), (500, json!({"own": 1})));
    assert_eq!(hosted.control("GET", "/sessions/a", Value::Null).1["records"], 0, "no order was made");
    assert_eq!(post().status, 201);
}

#[test]
fn faults_match_by_pattern_method_number_and_session() {
    let hosted = Hosted::orders();
    add(&hosted, json!({"path": "/orders/**", "method": "delete", "status": {"code": 500}}));
    add(&hosted, json!({"operation": "GET /**", "nth": 2, "status": {"code": 503}}));
    assert_eq!(statuses(&hosted, 3), [200, 503, 200]);
    assert_eq!(hosted.in_session("a", "DELETE", "/orders/1", "").status, 500);
    assert_eq!(hosted.in_session("b", "DELETE", "/orders/1", "").status, 404);
}

#[test]
fn a_probability_is_the_same_in_every_run() {
    let run = || {
        let hosted = Hosted::orders();
        add(&hosted, json!({"probability": 0.5, "status": {"code": 500}}));
        statuses(&hosted, 40)
    };
    let first = run();
    let failed = first.iter().filter(|status| **status == 500).count();
    assert!((8..=32).contains(&failed), "{first:?}");
    assert_eq!(run(), first);
}

#[test]
fn a_rate_limit_counts_in_the_time_of_the_session() {
    let hosted = Hosted::orders();
    hosted.control("PUT", "/sessions/a/clock", json!({"frozen": true}));
    add(&hosted, json!({"rate_limit": {"requests": 2, "per": "1min"}}));
    assert_eq!(statuses(&hosted, 3), [200, 200, 429]);
    let limited = hosted.in_session("a", "GET", "/orders", "");
    assert_eq!((limited.header("retry-after"), limited.header("ratelimit-remaining")), ("60", "0"));
    hosted.control("PUT", "/sessions/a/clock", json!({"advance": "61s"}));
    assert_eq!(statuses(&hosted, 1), [200]);
}

#[test]
fn delays_and_broken_connections_are_left_to_the_server() {
    let hosted = Hosted::orders();
    add(&hosted, json!({"latency": {"ms": 400}}));
    add(&hosted, json!({"slicer": {"bytes": 5, "delay_ms": 10}}));
    let response =
        hosted.mock.respond(request(noon(), "GET", "/s/a/orders", &[("prefer", "delay=200ms")], ""), || None);
    let delivery = &response.meta.faults.expect("faults").delivery;
    assert_eq!(delivery.delay.as_millis(), 600);
    assert_eq!(delivery.pieces.map(|(bytes, pause)| (bytes, pause.as_millis())), Some((5, 10)));
}

#[test]
fn a_wrong_fault_is_rejected_with_what_to_write() {
    let hosted = Hosted::orders();
    for (fault, pointer, advice) in [
        (json!({"operation": "GET /orders"}), "", "write one of latency"),
        (json!({"latency": {"ms": 1}, "reset_peer": {}}), "/reset_peer", "one kind"),
        (json!({"latncy": {"ms": 1}}), "/latncy", "did you mean `latency`?"),
        (json!({"latency": {"s": 1}}), "/latency/s", "did you mean `ms`?"),
        (json!({"latency": {}}), "/latency/ms", "milliseconds"),
        (json!({"status": {"code": 200}}), "/status/code", "400 to 599"),
        (json!({"rate_limit": {"requests": 1, "per": "hour"}}), "/rate_limit/per", "whole number"),
        (json!({"operation": "GET /order", "reset_peer": {}}), "/operation", "did you mean `GET /orders`?"),
        (json!({"operation": "orders", "reset_peer": {}}), "/operation", "write GET /v1/orders"),
        (json!({"token": "staff", "reset_peer": {}}), "/token", "no tokens"),
        (json!({"probability": 2, "reset_peer": {}}), "/probability", "0 to 1"),
        (json!({"nth": 0, "reset_peer": {}}), "/nth", "1"),
    ] {
        let (status, problem) = add(&hosted, fault.clone());
        let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("{fault}: {problem}"));
        let found = errors.iter().find(|error| error["pointer"] == pointer);
        let detail = found.and_then(|error| error["detail"].as_str()).unwrap_or_else(|| panic!("{fault}: {problem}"));
        assert!(status == 400 && detail.contains(advice), "{fault}: {problem}");
    }
    assert_eq!(hosted.control("GET", "/sessions/a/faults", Value::Null).0, 404, "nothing was created");
}

#[test]
fn faults_are_removed_one_by_one_and_all_at_once() {
    let hosted = Hosted::orders();
    add(&hosted, json!({"id": "down", "status": {"code": 500}}));
    add(&hosted, json!({"status": {"code": 503}}));
    assert_eq!(hosted.control("DELETE", "/sessions/a/faults/down", Value::Null).0, 204);
    assert_eq!(hosted.control("DELETE", "/sessions/a/faults/down", Value::Null).0, 404);
    assert_eq!(statuses(&hosted, 1), [503]);
    assert_eq!(hosted.control("DELETE", "/sessions/a/faults", Value::Null).0, 204);
    assert_eq!(statuses(&hosted, 1), [200]);
}

#[test]
fn a_scenario_has_faults_and_wrong_ones_are_reported_with_their_line() {
    let hosted = Hosted::orders();
    let scenario = "scenario: slow\nfaults:\n  - {operation: GET /orders, status: {code: 503}, count: 1}\n";
    assert_eq!(hosted.control("POST", "/sessions", json!({"id": "a", "scenario": scenario})).0, 201);
    assert_eq!(statuses(&hosted, 2), [503, 200]);
    hosted.control("POST", "/sessions/a/reset", Value::Null);
    assert_eq!(statuses(&hosted, 2), [503, 200], "a reset brings it back");

    let wrong = "scenario: slow\nfaults:\n  - latency: {s: 5}\n  - status:\n      code: 200\n";
    let source = standin::diagnostics::SourceFile::new("slow.yaml", wrong);
    let error = standin::scenarios::Scenario::read(&source).expect_err("it is wrong").to_string();
    for place in ["slow.yaml:3", "slow.yaml:5", "did you mean `ms`?", "400 to 599"] {
        assert!(error.contains(place), "{place}: {error}");
    }
}

#[test]
fn a_session_has_a_maximum_number_of_faults() {
    let hosted = Hosted::orders();
    let fault = || json!({"path": "/never", "status": {"code": 500}});
    assert!((0..MAX_FAULTS).all(|_| add(&hosted, fault()).0 == 201));
    assert_eq!(add(&hosted, fault()).0, 409);
    assert_eq!(statuses(&hosted, 1), [200]);
    hosted.control("DELETE", "/sessions/a/faults/fault-1", Value::Null);
    assert_eq!(add(&hosted, fault()).0, 201);
}
