//! The control API, for this machine only.

use std::sync::Arc;

use serde_json::{Value, json};
use standin::admin::Admin;
use standin::fixtures::state::START;

use crate::vocabulary::{CLIENT, MATTER, Mock, noon, observed, request};

fn ask(mock: &Mock, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
    let call = request(noon(), method, target, headers, body);
    let answer = Admin::new(Arc::clone(&mock.hosted)).respond(&call);
    (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or_default())
}

const HERE: (&str, &str) = ("host", "127.0.0.1:4011");

#[test]
fn health_is_told_on_every_loopback_name() {
    let mock = observed();
    for host in ["127.0.0.1:4011", "localhost:4011", "LOCALHOST", "[::1]:4011", "127.9.9.9"] {
        assert_eq!(ask(&mock, "GET", "/health", &[("host", host)], ""), (200, json!({"status": "ok"})), "{host}");
    }
}

#[test]
fn state_shows_what_is_remembered_and_what_happened() {
    let mock = observed();
    mock.staff("POST", "/platform/v1/clients", json!({"first_name": "Ada"})).expect(201);
    mock.call("staff", "GET", "/business/payments/v1/taxes", Value::Null).expect(401);
    let (status, state) = ask(&mock, "GET", "/state", &[HERE], "");
    assert_eq!((status, state["now"].as_str()), (200, Some("2026-02-08T12:00:00.000Z")));
    assert!(state["records"]["client"].as_array().expect("clients").iter().any(|client| client["first_name"] == "Ada"));
    let last = &state["calls"][1];
    assert_eq!((&last["status"], &last["operation"]), (&json!(401), &json!("GET /business/payments/v1/taxes")));
    assert_eq!(last["quirks"], json!(["gateway-refuses-business-payments"]));
    let (_, only) = ask(&mock, "GET", "/state?kind=tax", &[HERE], "");
    assert_eq!(
        only["records"].as_object().map(|kinds| kinds.keys().cloned().collect::<Vec<_>>()),
        Some(vec!["tax".to_owned()])
    );
}

#[test]
fn reset_forgets() {
    let mock = observed();
    let made =
        mock.staff("POST", "/platform/v1/clients", json!({"first_name": "Ada"})).expect(201).text("/data/client/id");
    assert_eq!(ask(&mock, "POST", "/reset", &[HERE], ""), (200, json!({"status": "reset"})));
    mock.get(&format!("/platform/v1/clients/{made}")).expect(404);
    assert_eq!(ask(&mock, "GET", "/reset", &[HERE], "").0, 405);
    assert_eq!(ask(&mock, "GET", "/nothing", &[HERE], "").0, 404);
}

fn state(mock: &Mock, state: &str, params: Value, action: &str) -> (u16, Value) {
    let body = json!({"state": state, "params": params, "action": action}).to_string();
    ask(mock, "POST", "/states", &[HERE, ("content-type", "application/json")], &body)
}

#[test]
fn the_state_at_the_start_is_a_reset() {
    let mock = observed();
    let made =
        mock.staff("POST", "/platform/v1/clients", json!({"first_name": "Ada"})).expect(201).text("/data/client/id");
    assert_eq!(state(&mock, START, json!({"scenario": "music-school"}), "teardown"), (200, json!({})));
    mock.get(&format!("/platform/v1/clients/{made}")).expect(200);
    assert_eq!(state(&mock, START, json!({"scenario": "music-school"}), "setup").0, 200);
    mock.get(&format!("/platform/v1/clients/{made}")).expect(404);
}

#[test]
fn a_state_with_a_request_is_brought_about_by_sending_it_and_tells_what_was_captured() {
    let mock = observed();
    let request = json!({
        "gateway": "fallback", "method": "POST", "path": "/platform/v1/clients", "token": "staff",
        "headers": {"content-type": "application/json"}, "body": {"first_name": "Ada"},
    });
    let capture = json!([{"variable": "client_id", "at": "/data/client/id"}]);
    let params = json!({"request": request, "status": 201, "captures": capture});
    let (status, values) = state(&mock, "after POST /platform/v1/clients", params, "setup");
    assert_eq!(status, 200, "{values}");
    let client = values["client_id"].as_str().expect("an id");
    assert_eq!(mock.get(&format!("/platform/v1/clients/{client}")).expect(200).text("/data/client/first_name"), "Ada");

    let wrong = json!({"request": request, "status": 404});
    let (status, said) = state(&mock, "after POST /platform/v1/clients", wrong, "setup");
    assert_eq!(status, 409);
    assert!(said["detail"].as_str().expect("a sentence").contains("got status 201, expected 404"), "{said}");
}

#[test]
fn a_state_that_names_records_holds_when_they_exist() {
    let mock = observed();
    let named = json!({"client_id": CLIENT, "matter_uid": MATTER});
    assert_eq!(state(&mock, "a client exists", named.clone(), "setup"), (200, named));
    let (status, said) = state(&mock, "a client exists", json!({"client_id": "nobody"}), "setup");
    assert_eq!(
        (status, &said["detail"]),
        (409, &json!("the record nobody, param `client_id` of the state `a client exists`, does not exist"))
    );
    assert_eq!(state(&mock, "all is well", json!({}), "setup").0, 409);
}

#[test]
fn a_state_that_is_none_is_refused_with_what_one_is() {
    let mock = observed();
    let headers = [HERE, ("content-type", "application/json")];
    for body in ["", "{}", "[1]", r#"{"state": "x", "action": "unknown"}"#] {
        let (status, said) = ask(&mock, "POST", "/states", &headers, body);
        assert_eq!(status, 400, "{body}");
        assert!(said["detail"].as_str().expect("a sentence").contains(r#""setup" or "teardown""#), "{said}");
    }
    assert_eq!(ask(&mock, "POST", "/states", &[HERE], "{}").0, 403, "a body is JSON");
    assert_eq!(ask(&mock, "GET", "/states", &[HERE], "").0, 405);
}

#[test]
fn a_page_of_another_origin_and_a_foreign_host_are_refused_before_anything_happens() {
    let mock = observed();
    let made =
        mock.staff("POST", "/platform/v1/clients", json!({"first_name": "Ada"})).expect(201).text("/data/client/id");
    for headers in [
        vec![("host", "evil.example:4011")],
        vec![("host", "127.0.0.1.evil.example")],
        vec![("host", "[::1].evil.example")],
        vec![("host", "[::1]evil.example:80")],
        vec![("host", "[127.0.0.1]:4011")],
        vec![("host", "localhost:evil.example")],
        vec![("host", "localhost:80@evil.example")],
        vec![("host", "localhost:+80")],
        vec![],
        vec![HERE, ("origin", "http://evil.example")],
        vec![HERE, ("origin", "http://127.0.0.1:9999")],
        vec![HERE, ("origin", "null")],
        vec![HERE, ("origin", "http://127.0.0.1:4011"), ("origin", "http://evil.example")],
        vec![HERE, ("sec-fetch-site", "cross-site")],
        vec![HERE, ("sec-fetch-site", "same-site")],
    ] {
        assert_eq!(ask(&mock, "POST", "/reset", &headers, "").0, 403, "{headers:?}");
    }
    for kind in ["text/plain", "application/jsonx", "application/json-patch+json"] {
        assert_eq!(ask(&mock, "POST", "/reset", &[HERE, ("content-type", kind)], "x=1").0, 403, "{kind}");
    }
    let states = |kind| ask(&mock, "POST", "/states", &[HERE, ("content-type", kind)], "{}").0;
    assert_eq!((states("Application/JSON"), states("application/json ; charset=utf-8")), (400, 400));
    mock.get(&format!("/platform/v1/clients/{made}")).expect(200);
    assert_eq!(
        ask(
            &mock,
            "POST",
            "/reset",
            &[HERE, ("origin", "http://127.0.0.1:4011"), ("sec-fetch-site", "same-origin")],
            ""
        )
        .0,
        200
    );
}
