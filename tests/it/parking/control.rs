use serde_json::Value;
use standin::server::Port;
use tempfile::TempDir;

use super::{Host, Place, impatient, some_requests, state_header};

#[test]
fn reading_a_session_that_was_never_used_does_not_claim_it() {
    let place = Place::memory();
    let (first, second) = (Host::start(&place, "first"), Host::start(&place, "second"));
    assert_eq!(first.control("GET", "/sessions/s", "").status, 404);
    assert_eq!(state_header(&second.api("s", "GET", "/orders", "")), "new");
    assert_eq!(first.control("GET", "/sessions/s", "").status, 421);
}

#[test]
fn control_api_takes_up_a_parked_session() {
    let place = Place::memory();
    let first = Host::with_limits(&place, "first", impatient());
    some_requests(&first, "s", 1);
    first.park_idle();
    let second = Host::start(&place, "second");
    let shown = second.control("GET", "/sessions/s/records/order", "");
    assert!(shown.status == 200 && shown.text.contains("tea 1"), "{}", shown.text);
    assert_eq!(state_header(&shown), "resumed");
}

#[test]
fn deleted_session_leaves_nothing_in_the_store_and_begins_anew() {
    let folder = TempDir::new().expect("a folder");
    let place = Place::folder(folder.path());
    let first = Host::with_limits(&place, "first", impatient());
    some_requests(&first, "s", 1);
    first.park_idle();
    let second = Host::start(&place, "second");
    assert_eq!(second.control("DELETE", "/sessions/s", "").status, 204);
    let parked = folder.path().join("parked");
    let left = ["claims/s", "snapshots/s"].map(|name| std::fs::read_dir(parked.join(name)).map_or(0, Iterator::count));
    assert_eq!(left, [0, 0]);
    let anew = first.api("s", "GET", "/orders", "");
    assert_eq!((anew.text.as_str(), state_header(&anew)), ("[]", "new"));
}

#[test]
fn sessions_created_without_an_id_have_different_ids_on_all_replicas_and_are_claimed() {
    let place = Place::memory();
    let hosts = ["first", "second"].map(|name| Host::start(&place, name));
    let ids = hosts.each_ref().map(|host| {
        let created = host.control("POST", "/sessions", "{}");
        assert_eq!(created.status, 201, "{}", created.text);
        let created: Value = serde_json::from_str(&created.text).expect("JSON");
        created["id"].as_str().expect("an id").to_owned()
    });
    assert_ne!(ids[0], ids[1]);
    assert_eq!(hosts[1].api(&ids[0], "GET", "/orders", "").status, 421);
    assert_eq!(hosts[0].api(&ids[0], "GET", "/orders", "").status, 200);
}

#[test]
fn session_that_another_replica_has_cannot_be_created() {
    let place = Place::memory();
    let (first, second) = (Host::start(&place, "first"), Host::start(&place, "second"));
    some_requests(&first, "s", 1);
    assert_eq!(second.control("POST", "/sessions", r#"{"id": "s"}"#).status, 421);
    assert_eq!(first.control("POST", "/sessions", r#"{"id": "s"}"#).status, 409);
    assert!(first.api("s", "GET", "/orders", "").text.contains("tea 1"));
}

#[test]
fn requests_that_the_control_port_rejects_claim_nothing() {
    let place = Place::memory();
    let (first, second) = (Host::start(&place, "first"), Host::start(&place, "second"));
    let headers = [("host", "evil.example"), ("content-type", "application/json")];
    assert_eq!(first.send(Port::Control, "POST", "/sessions/s/reset", &headers, "").status, 403);
    assert_eq!(state_header(&second.api("s", "GET", "/orders", "")), "new");
}

#[test]
fn reset_after_a_move_restores_the_scenario_of_the_session() {
    let place = Place::memory();
    let first = Host::with_limits(&place, "first", impatient());
    let body = r#"{"id": "s", "scenario": {"scenario": "own", "records": {"orders": [{"id": "o1", "item": "salt"}]}}}"#;
    let created = first.control("POST", "/sessions", body);
    assert_eq!(created.status, 201, "{}", created.text);
    some_requests(&first, "s", 1);
    first.park_idle();
    let second = Host::start(&place, "second");
    assert!(second.api("s", "GET", "/orders", "").text.contains("tea 1"));
    assert_eq!(second.control("POST", "/sessions/s/reset", "").status, 204);
    let list = second.api("s", "GET", "/orders", "").text;
    assert!(list.contains("salt") && !list.contains("tea 1"), "{list}");
}

#[test]
fn path_prefix_and_token_suffix_take_up_sessions_too() {
    let place = Place::memory();
    let first = Host::with_limits(&place, "first", impatient());
    some_requests(&first, "s", 1);
    first.park_idle();
    let second = Host::with_limits(&place, "second", impatient());
    let by_path = second.send(Port::Api, "GET", "/s/s/orders", &[], "");
    assert_eq!((by_path.status, state_header(&by_path)), (200, "resumed"), "{}", by_path.text);
    second.park_idle();
    let by_token = first.send(Port::Api, "GET", "/orders", &[("authorization", "Bearer any~s")], "");
    assert_eq!((by_token.status, state_header(&by_token)), (200, "resumed"), "{}", by_token.text);
    assert_eq!(by_path.text, by_token.text);
}

#[test]
fn every_rejection_is_documented_by_the_control_api_itself() {
    let place = Place::memory();
    let (first, second) = (Host::start(&place, "first"), Host::start(&place, "second"));
    some_requests(&first, "s", 1);
    let document: Value =
        serde_json::from_str(&second.control("GET", "/openapi.json", "").text).expect("an OpenAPI document");
    for (method, path, template) in [
        ("GET", "/sessions/s", "/sessions/{session}"),
        ("PUT", "/sessions/s/clock", "/sessions/{session}/clock"),
        ("POST", "/sessions/s/requests/verify", "/sessions/{session}/requests/verify"),
    ] {
        assert_eq!(second.control(method, path, "{}").status, 421, "{method} {path}");
        let responses = &document["paths"][template][method.to_lowercase()]["responses"];
        for status in ["410", "421", "503"] {
            assert!(responses[status].is_object(), "{method} {template} {status}");
        }
    }
}

#[test]
fn metrics_count_how_sessions_move() {
    let place = Place::memory();
    let first = Host::with_limits(&place, "first", impatient());
    some_requests(&first, "s", 1);
    first.park_idle();
    let second = Host::start(&place, "second");
    second.api("s", "GET", "/orders", "");
    assert_eq!(first.api("s", "GET", "/orders", "").status, 421);
    let value = |host: &Host, name: &str| {
        let text = host.control("GET", "/metrics", "").text;
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("standin_parking_{name} ")));
        line.and_then(|value| value.parse::<u64>().ok()).unwrap_or_else(|| panic!("no metric {name}: {text}"))
    };
    assert_eq!((value(&first, "parked_total"), value(&first, "claims")), (1, 0));
    assert_eq!((value(&second, "resumed_total"), value(&second, "claims")), (1, 1));
    assert_eq!((value(&first, "misdirected_total"), value(&second, "misdirected_total")), (1, 0));
    assert_eq!((value(&second, "lease_valid"), value(&second, "store_errors_total")), (1, 0));
}
