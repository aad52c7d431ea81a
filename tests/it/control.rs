//! The control API, for this machine only.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use standin::control;
use standin::exchange::Call;

use crate::vocabulary::{ENGINE, Mock, noon, observed};

fn ask(mock: &Mock, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query.to_owned())));
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            (name.parse::<HeaderName>().expect("a name"), HeaderValue::from_str(value).expect("a value"))
        })
        .collect();
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let call = Call { method, path: path.into(), query, headers, body: body.to_owned().into(), at: noon() };
    let answer = control::answer(&ENGINE, &mock.session, &call);
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

#[test]
fn a_page_of_another_origin_and_a_foreign_host_are_refused_before_anything_happens() {
    let mock = observed();
    let made =
        mock.staff("POST", "/platform/v1/clients", json!({"first_name": "Ada"})).expect(201).text("/data/client/id");
    for headers in [
        vec![("host", "evil.example:4011")],
        vec![("host", "127.0.0.1.evil.example")],
        vec![],
        vec![HERE, ("origin", "http://evil.example")],
        vec![HERE, ("origin", "http://127.0.0.1:9999")],
        vec![HERE, ("origin", "null")],
        vec![HERE, ("sec-fetch-site", "cross-site")],
        vec![HERE, ("sec-fetch-site", "same-site")],
    ] {
        assert_eq!(ask(&mock, "POST", "/reset", &headers, "").0, 403, "{headers:?}");
    }
    assert_eq!(ask(&mock, "POST", "/reset", &[HERE, ("content-type", "text/plain")], "x=1").0, 403);
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
