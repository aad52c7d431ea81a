//! What the control API shows of the server and of the API.

use std::sync::Arc;

use serde_json::{Value, json};
use standin::openapi::ApiFolder;
use standin::pipeline::{Mock, MockLimits};
use standin::request::Settings;

use super::{Hosted, ORDERS, embedded};
use crate::served::Served;
use crate::vocabulary::{ENGINE, noon, request};

#[test]
fn operations_show_how_often_they_were_requested_and_what_they_responded() {
    let hosted = Hosted::orders();
    hosted.in_session("a", "POST", "/orders", r#"{"item": "tea"}"#);
    hosted.in_session("b", "GET", "/orders/none", "");
    hosted.in_session("b", "GET", "/orders/none", "");
    hosted.api("GET", "/nowhere", &[], "");
    hosted.control("POST", "/sessions/a/send", json!({"path": "/orders"}));
    let (status, shown) = hosted.control("GET", "/operations", Value::Null);
    let of = |method: &str, path: &str| {
        let all = shown["operations"].as_array().expect("a list");
        let found = all.iter().find(|one| one["method"] == method && one["path"] == path).expect("the operation");
        (found["requests"].clone(), found["statuses"].clone())
    };
    assert_eq!((status, of("POST", "/orders")), (200, (json!(1), json!({"201": 1}))));
    assert_eq!(of("GET", "/orders/{id}"), (json!(2), json!({"404": 2})));
    assert_eq!(of("GET", "/orders"), (json!(1), json!({"200": 1})));
    assert_eq!(of("DELETE", "/orders/{id}"), (json!(0), json!({})));
    assert_eq!(shown["without_operation"], json!({"requests": 1, "statuses": {"404": 1}}));
}

#[test]
fn operations_name_their_quirks_and_what_implements_them() {
    let (_, shown) = embedded().control("GET", "/operations", Value::Null);
    let all = shown["operations"].as_array().expect("a list");
    let created =
        all.iter().find(|one| one["method"] == "POST" && one["path"] == "/business/payments/v1/client_packages");
    let created =
        created.or_else(|| all.iter().find(|one| one["resource"] == "client_package" && one["kind"] == "create"));
    let created = created.expect("the operation that creates client packages");
    assert_eq!((all.len(), &created["behaviour"]), (523, &json!(true)));
    assert!(created["quirks"].as_array().is_some_and(|quirks| !quirks.is_empty()), "{created}");
}

#[test]
fn counts_survive_that_another_version_of_the_api_is_served() {
    let hosted = Hosted::orders();
    hosted.api("GET", "/orders", &[], "");
    let more =
        ORDERS.replace("  /orders:\n", "  /carts: {get: {responses: {\"200\": {description: ok}}}}\n  /orders:\n");
    let Served { engine, session } = Served::new(&more, Settings::default());
    hosted.mock.replace(engine, session.state());
    hosted.api("GET", "/orders", &[], "");
    let (_, shown) = hosted.control("GET", "/operations", Value::Null);
    let counts: Vec<_> = shown["operations"].as_array().expect("a list").iter().map(|one| &one["requests"]).collect();
    assert_eq!(counts[..2], [&json!(0), &json!(2)], "{shown}");
}

#[test]
fn metrics_are_in_the_text_format_of_prometheus() {
    let hosted = Hosted::orders();
    hosted.mock.respond(request(noon(), "GET", "/orders", &[], ""), || Some(std::time::Duration::from_micros(70)));
    hosted.in_session("a", "GET", "/nowhere", "");
    let shown = hosted.control_with("GET", "/metrics", &[("host", "127.0.0.1:4011")], "");
    assert_eq!(shown.status, 200);
    assert_eq!(shown.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = shown.text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(text, @r#"
    # HELP standin_info Version of the server and name of the API.
    # TYPE standin_info gauge
    standin_info{version="VERSION",api=""} 1
    # HELP standin_requests_total Requests to the API by operation and status; without an operation it is empty.
    # TYPE standin_requests_total counter
    standin_requests_total{operation="GET /orders",status="200"} 1
    standin_requests_total{operation="",status="404"} 1
    # HELP standin_request_duration_seconds How long it took to make the responses.
    # TYPE standin_request_duration_seconds histogram
    standin_request_duration_seconds_bucket{le="0.00005"} 0
    standin_request_duration_seconds_bucket{le="0.0001"} 1
    standin_request_duration_seconds_bucket{le="0.00025"} 1
    standin_request_duration_seconds_bucket{le="0.0005"} 1
    standin_request_duration_seconds_bucket{le="0.001"} 1
    standin_request_duration_seconds_bucket{le="0.005"} 1
    standin_request_duration_seconds_bucket{le="0.025"} 1
    standin_request_duration_seconds_bucket{le="0.1"} 1
    standin_request_duration_seconds_bucket{le="1"} 1
    standin_request_duration_seconds_bucket{le="+Inf"} 1
    standin_request_duration_seconds_sum 0.00007
    standin_request_duration_seconds_count 1
    # HELP standin_sessions Sessions that exist.
    # TYPE standin_sessions gauge
    standin_sessions 2
    # HELP standin_sessions_evicted_total Sessions that were evicted.
    # TYPE standin_sessions_evicted_total counter
    standin_sessions_evicted_total 0
    # HELP standin_records_bytes Size of the records of all sessions.
    # TYPE standin_records_bytes gauge
    standin_records_bytes 0
    # HELP standin_journal_entries Requests and events in the journal.
    # TYPE standin_journal_entries gauge
    standin_journal_entries 2
    # HELP standin_journal_bytes Size of the journal.
    # TYPE standin_journal_bytes gauge
    standin_journal_bytes 1554
    # HELP standin_journal_dropped_total Entries that left the full journal.
    # TYPE standin_journal_dropped_total counter
    standin_journal_dropped_total 0
    "#);
}

#[test]
fn quirks_are_listed_with_what_they_do_and_whether_they_are_on() {
    let (status, shown) = embedded().control("GET", "/quirks", Value::Null);
    let quirks = shown["quirks"].as_array().expect("a list");
    assert_eq!((status, quirks.len()), (200, ENGINE.quirks().iter().count()));
    let gate = quirks.iter().find(|quirk| quirk["id"] == "packages-feature-gate").expect("the quirk");
    assert!(gate["is_on"].is_boolean() && gate["effect"].is_string() && gate["line"].is_u64(), "{gate}");
}

#[test]
fn schema_of_a_kind_is_that_of_its_records() {
    let (status, schema) = Hosted::orders().control("GET", "/schemas/order", Value::Null);
    assert_eq!(status, 200);
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    assert!(validator.is_valid(&json!({"id": "1", "item": "tea", "count": 2})), "{schema}");
    assert!(!validator.is_valid(&json!({"count": "two"})), "{schema}");
    let (status, problem) = Hosted::orders().control("GET", "/schemas/ordr", Value::Null);
    assert!(status == 404 && problem["detail"].as_str().is_some_and(|it| it.contains("did you mean `order`?")));
}

#[test]
fn records_of_the_embedded_api_satisfy_the_schemas_of_their_kinds() {
    let hosted = embedded();
    let (_, state) = hosted.control("GET", "/state", Value::Null);
    let (mut checked, mut wrong) = (0, Vec::new());
    for (kind, records) in state["records"].as_object().expect("kinds") {
        let (status, schema) = hosted.control("GET", &format!("/schemas/{kind}"), Value::Null);
        let resource = ENGINE.contract().resources.get(kind);
        if resource.is_none_or(|resource| resource.fields.is_empty()) {
            continue;
        }
        assert_eq!(status, 200, "{kind}");
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        for record in records.as_array().expect("records") {
            // A field without a value is shown as null.
            let mut given = record.clone();
            given.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
            wrong.extend(validator.iter_errors(&given).map(|error| format!("{kind}: {error}")));
            checked += 1;
        }
    }
    assert!(checked > 50 && wrong.is_empty(), "{checked}: {wrong:#?}");
}

#[test]
fn source_shows_the_part_of_the_contract_at_a_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("orders.yaml");
    std::fs::write(&file, ORDERS).expect("written");
    std::fs::write(folder.path().join("secret.txt"), "canary").expect("written");
    let Served { engine, session } =
        Served::of(&ApiFolder::from_paths(&[folder.path().to_owned()]).expect("a contract"), Settings::default());
    let hosted = Hosted::of(Arc::new(Mock::new(engine, session.state(), MockLimits::default())));
    let (_, operations) = hosted.control("GET", "/operations", Value::Null);
    let first = &operations["operations"][0];
    let target = format!("/source?file={}&line={}", file.display(), first["line"]);
    let (status, shown) = hosted.control("GET", &target, Value::Null);
    assert_eq!((status, &shown["line"]), (200, &first["line"]));
    let text = shown["text"].as_str().expect("a text");
    assert!(text.starts_with("    get:\n      responses:") && !text.contains("post:"), "{text}");
    for (query, status) in [
        (format!("file={}", folder.path().join("secret.txt").display()), 404),
        ("file=/etc/passwd".to_owned(), 404),
        (format!("file={}&line=9999", file.display()), 404),
        (format!("file={}&line=0", file.display()), 400),
        ("line=1".to_owned(), 400),
    ] {
        assert_eq!(hosted.control("GET", &format!("/source?{query}"), Value::Null).0, status, "{query}");
    }
    let (status, shown) = embedded().control("GET", "/source?file=swagger/standin.yaml", Value::Null);
    assert!(
        status == 200 && shown["text"].as_str().is_some_and(|text| text.starts_with("# yaml-language-server")),
        "{shown}"
    );
}

#[test]
fn replay_gives_a_session_the_records_of_a_scenario_and_sends_its_steps() {
    let hosted = Hosted::orders();
    let scenario = json!({
        "scenario": "tea",
        "records": {"orders": [{"id": "1", "item": "tea"}]},
        "steps": [
            {"id": "read", "method": "GET", "path": "/orders/1", "expect": {"status": 200, "body": {"$.item": "tea"}}},
            {"id": "remove", "method": "DELETE", "path": "/orders/1", "expect": {"status": 204}},
            {"id": "wrong", "method": "GET", "path": "/orders/1", "expect": {"status": 200}},
        ],
    });
    let (status, report) = hosted.control("POST", "/sessions/a/replay", json!({"scenario": scenario}));
    assert_eq!((status, &report["failed"], &report["passed"]), (200, &json!(1), &json!(0)), "{report}");
    let steps = report["stories"][0]["steps"].as_array().expect("steps");
    assert_eq!((steps.len(), &steps[1]["problem"], &steps[2]["status"]), (3, &Value::Null, &json!(404)));
    let (_, requests) = hosted.control("GET", "/sessions/a/requests", Value::Null);
    assert_eq!(requests["total"], 3);
    assert_eq!(hosted.control("GET", "/sessions/default/requests", Value::Null).1["total"], 0);
    let (_, shown) = hosted.control("GET", "/operations", Value::Null);
    let counts = shown["operations"].as_array().expect("a list").iter().map(|one| one["requests"].as_u64());
    assert_eq!(counts.sum::<Option<u64>>(), Some(3), "{shown}");
}

#[test]
fn wrong_scenario_to_replay_is_rejected_with_its_places_and_changes_nothing() {
    let hosted = Hosted::orders();
    for (body, pointer) in [
        (json!({}), "/scenario"),
        (json!({"scenario": "unknown"}), "/scenario"),
        (json!({"scenario": {"scenario": "x", "records": {"ordrs": []}}}), "/scenario/records/ordrs"),
        (
            json!({"scenario": {"scenario": "x", "faults": [{"operation": "GET /carts", "reset_peer": {}}]}}),
            "/scenario/faults/0/operation",
        ),
    ] {
        let (status, problem) = hosted.control("POST", "/sessions/a/replay", body.clone());
        assert_eq!((status, &problem["errors"][0]["pointer"]), (400, &json!(pointer)), "{body} {problem}");
    }
    assert_eq!(hosted.control("GET", "/sessions/a", Value::Null).0, 404);
}

#[test]
fn operations_have_their_tags_and_documented_statuses() {
    let hosted = Hosted::orders();
    let tagged = ORDERS.replace("    post:\n", "    post:\n      tags: [Shop, 3, Orders]\n");
    let Served { engine, session } = Served::new(&tagged, Settings::default());
    hosted.mock.replace(engine, session.state());
    let (_, shown) = hosted.control("GET", "/operations", Value::Null);
    let all = shown["operations"].as_array().expect("a list");
    let of = |method: &str| {
        let found = all.iter().find(|one| one["method"] == method && one["path"] == "/orders").expect("the operation");
        (found["tags"].clone(), found["documented"].clone())
    };
    assert_eq!(of("POST"), (json!(["Shop", "Orders"]), json!([201, 503])));
    assert_eq!(of("GET"), (json!([]), json!([200])));
}

#[test]
fn kinds_of_records_are_counted_in_each_session() {
    let hosted = Hosted::orders();
    hosted.in_session("a", "POST", "/orders", r#"{"item": "tea"}"#);
    let count = |session: &str| hosted.control("GET", &format!("/sessions/{session}/records"), Value::Null);
    let kinds = |records: u64| json!({"kinds": [{"kind": "order", "plural": null, "records": records}]});
    assert_eq!(count("a"), (200, kinds(1)));
    assert_eq!(count("default"), (200, kinds(0)));
    assert_eq!(count("none").0, 404);
}

#[test]
fn tokens_of_the_scenario_are_listed_and_those_of_run_time_are_not() {
    let hosted = embedded();
    let (status, shown) = hosted.control("GET", "/sessions/default/tokens", Value::Null);
    let first = json!({"name": "staff", "kind": "staff", "authorization": "Bearer staff-harmony-7c1e94d0"});
    assert_eq!((status, &shown["tokens"][0]), (200, &first));
    let before = shown["tokens"].as_array().map(Vec::len);
    let headers = [("authorization", "Bearer staff-harmony-7c1e94d0"), ("content-type", "application/json")];
    let created = hosted.api("POST", "/platform/v1/clients", &headers, r#"{"first_name": "Ada"}"#);
    assert!(created.status == 201 && created.json()["data"]["token"].is_string(), "{}", created.text);
    let (_, shown) = hosted.control("GET", "/sessions/default/tokens", Value::Null);
    assert_eq!(shown["tokens"].as_array().map(Vec::len), before);
}

#[test]
fn scenarios_are_listed_with_their_steps_and_with_their_errors() {
    let (status, shown) = embedded().control("GET", "/scenarios", Value::Null);
    let names: Vec<&Value> = shown["scenarios"].as_array().expect("a list").iter().map(|one| &one["name"]).collect();
    assert_eq!((status, names), (200, vec![&json!("developers-hub"), &json!("empty"), &json!("music-school")]));
    assert!(shown["scenarios"][2]["about"].as_str().is_some_and(|about| !about.is_empty()), "{shown}");
}

#[test]
fn sample_of_an_operation_succeeds_when_it_is_sent_and_changes_nothing_before() {
    let hosted = embedded();
    for operation in ["POST /platform/v1/payment/client_packages", "GET /platform/v1/clients"] {
        let target = format!("/sessions/default/sample?operation={}", operation.replace(' ', "%20"));
        let (status, sample) = hosted.control("GET", &target, Value::Null);
        assert_eq!(status, 200, "{sample}");
        let records = hosted.control("GET", "/sessions/default", Value::Null).1["records"].clone();
        assert_eq!(hosted.control("GET", &target, Value::Null).1, sample, "a sample is repeatable");
        assert_eq!(hosted.control("GET", "/sessions/default", Value::Null).1["records"], records);
        let (_, sent) = hosted.control("POST", "/sessions/default/send", sample.clone());
        assert!(sent["status"].as_u64().is_some_and(|status| status < 300), "{sample} {sent}");
    }
    assert_eq!(hosted.control("GET", "/sessions/default/sample?operation=GET%20/none", Value::Null).0, 404);
}

#[test]
fn info_says_where_the_api_is_reached() {
    let mut hosted = embedded();
    assert_eq!(hosted.control("GET", "/info", Value::Null).1["url"], Value::Null);
    hosted.admin.server.api = Some(([127, 0, 0, 1], 4010).into());
    hosted.admin.server.scenario = Some("music-school".to_owned());
    let (_, shown) = hosted.control("GET", "/info", Value::Null);
    assert_eq!((&shown["url"], &shown["scenario"]), (&json!("http://127.0.0.1:4010"), &json!("music-school")));
    let fallback = shown["gateways"].as_array().and_then(|list| list.iter().find(|one| one["name"] == "fallback"));
    let fallback = fallback.expect("a gateway");
    assert_eq!((&fallback["prefix"], &fallback["url"]), (&json!("/api2"), &json!("http://127.0.0.1:4010/api2")));
}
