use base64::Engine as _;
use serde_json::{Value, json};
use standin::pipeline::MockLimits;
use standin::session::JournalLimits;

use super::Hosted;

const TEA: &str = r#"{"item": "tea"}"#;

#[test]
fn a_request_is_listed_with_bodies_and_what_it_has_changed() {
    let hosted = Hosted::orders();
    let made = hosted.in_session("a", "POST", "/orders", TEA).json();
    let id = made["id"].as_str().expect("an id");
    hosted.in_session("a", "PUT", &format!("/orders/{id}"), r#"{"item": "milk"}"#);
    hosted.in_session("a", "DELETE", &format!("/orders/{id}"), "");
    let (status, listed) = hosted.control("GET", "/sessions/a/requests", Value::Null);
    assert_eq!((status, &listed["total"], &listed["evicted"]), (200, &json!(3), &json!(0)));
    let [post, put, delete] = listed["requests"].as_array().expect("a list").as_slice() else { panic!("{listed}") };
    assert_eq!((&post["seq"], &post["operation"], &post["status"]), (&json!(1), &json!("POST /orders"), &json!(201)));
    assert_eq!(post["request"]["body"], json!({"json": {"item": "tea"}, "size": TEA.len()}));
    assert_eq!(post["response"]["body"]["json"], made);
    assert_eq!(post["changes"][0]["before"], Value::Null);
    assert_eq!(put["changes"][0]["before"]["item"], "tea");
    assert_eq!(put["changes"][0]["after"]["item"], "milk");
    assert_eq!(delete["changes"][0]["after"], Value::Null);
    assert_eq!(hosted.control("GET", "/sessions/a/requests/2", Value::Null).1, *put);
    assert_eq!(hosted.control("GET", "/sessions/a/requests/9", Value::Null).0, 404);
}

#[test]
fn requests_are_filtered_and_bad_filters_rejected() {
    let hosted = Hosted::orders();
    hosted.in_session("a", "POST", "/orders", TEA);
    hosted.in_session("a", "GET", "/orders/unknown", "");
    hosted.in_session("a", "GET", "/orders", "");
    for (filter, count) in [
        ("method=get", 2),
        ("status=4xx", 1),
        ("status=201", 1),
        ("path=/orders", 2),
        ("operation=GET%20/orders/%7Bid%7D", 1),
        ("since=2", 1),
        ("method=get&status=200", 1),
    ] {
        let (_, listed) = hosted.control("GET", &format!("/sessions/a/requests?{filter}"), Value::Null);
        assert_eq!(listed["total"], count, "{filter}");
    }
    let (_, last) = hosted.control("GET", "/sessions/a/requests?limit=1", Value::Null);
    assert_eq!((&last["total"], &last["requests"][0]["seq"]), (&json!(3), &json!(3)));
    let (status, problem) = hosted.control("GET", "/sessions/a/requests?stauts=200&since=x&status=abc", Value::Null);
    assert_eq!((status, problem["errors"].as_array().map(Vec::len)), (400, Some(3)), "{problem}");
}

#[test]
fn credentials_are_redacted() {
    let hosted = Hosted::orders();
    let headers = [("authorization", "Bearer canary-1"), ("cookie", "sid=canary-2"), ("x-api-key", "canary-3")];
    hosted.api("GET", "/orders", &headers, "");
    let (_, listed) = hosted.control("GET", "/sessions/default/requests", Value::Null);
    assert!(!listed.to_string().contains("canary"), "{listed}");
    assert_eq!(listed["requests"][0]["request"]["headers"]["authorization"], "Bearer [REDACTED]");
}

#[test]
fn an_unknown_path_has_the_nearest_route_and_a_rejected_body_its_place() {
    let hosted = Hosted::orders();
    hosted.in_session("a", "GET", "/order", "");
    hosted.in_session("a", "POST", "/orders", r#"{"count": "many"}"#);
    let (_, listed) = hosted.control("GET", "/sessions/a/requests", Value::Null);
    assert_eq!(listed["requests"][0]["error"]["nearest"], "GET /orders");
    let error = &listed["requests"][1]["error"];
    assert_eq!((&error["pointer"], &error["rule"]), (&json!("/count"), &json!("type")));
    assert!(error["contract"].as_str().expect("a place").starts_with("api.yaml:"), "{error}");
}

#[test]
fn the_oldest_entries_are_dropped_and_counted() {
    let journal = JournalLimits { entries: 3, ..JournalLimits::default() };
    let hosted = Hosted::with_limits(MockLimits { journal, ..MockLimits::default() });
    for _ in 0..4 {
        hosted.in_session("a", "GET", "/orders", "");
    }
    hosted.in_session("b", "GET", "/orders", "");
    let (_, listed) = hosted.control("GET", "/sessions/a/requests", Value::Null);
    assert_eq!((&listed["total"], &listed["evicted"]), (&json!(2), &json!(2)));
    assert_eq!(hosted.control("GET", "/sessions/a/requests/1", Value::Null).0, 410);
}

#[test]
fn a_journal_is_bounded_in_bytes_and_a_long_body_is_shortened() {
    let journal = JournalLimits { bytes: 200_000, ..JournalLimits::default() };
    let hosted = Hosted::with_limits(MockLimits { journal, ..MockLimits::default() });
    let body = json!({"item": "x".repeat(100_000)}).to_string();
    hosted.in_session("a", "POST", "/orders", &body);
    let (_, listed) = hosted.control("GET", "/sessions/a/requests", Value::Null);
    let shown = &listed["requests"][0]["request"]["body"];
    assert_eq!((&shown["truncated"], &shown["size"]), (&json!(true), &json!(body.len())));
    assert_eq!(shown["text"].as_str().map(str::len), Some(64 << 10));
    hosted.in_session("a", "POST", "/orders", &body);
    assert_eq!(hosted.control("GET", "/sessions/a/requests", Value::Null).1["evicted"], 1);
}

#[test]
fn a_reset_empties_the_journal_of_the_session() {
    let hosted = Hosted::orders();
    hosted.in_session("a", "GET", "/orders", "");
    hosted.in_session("b", "GET", "/orders", "");
    hosted.control("POST", "/sessions/a/reset", Value::Null);
    hosted.in_session("a", "GET", "/orders", "");
    assert_eq!(hosted.control("GET", "/sessions/a/requests", Value::Null).1["requests"][0]["seq"], 1);
    assert_eq!(hosted.control("GET", "/sessions/b/requests", Value::Null).1["total"], 1);
}

fn verify(hosted: &Hosted, body: Value) -> Value {
    let (status, result) = hosted.control("POST", "/sessions/a/requests/verify", body.clone());
    assert_eq!(status, 200, "{body}: {result}");
    result
}

#[test]
fn a_verification_counts_requests_and_names_the_nearest_with_its_differences() {
    let hosted = Hosted::orders();
    hosted.in_session("a", "POST", "/orders", r#"{"item": "tea", "count": 2}"#);
    hosted.in_session("a", "POST", "/orders?dry=1", r#"{"item": "milk"}"#);
    let one_tea = json!({"match": {"operation": "POST /orders", "body": {"item": "tea"}}, "count": {"exactly": 1}});
    assert_eq!(verify(&hosted, one_tea), json!({"matched": 1, "verdict": "passed", "evicted": 0, "nearest": []}));
    let failed =
        verify(&hosted, json!({"match": {"method": "POST", "path": "/orders", "body": {"item": "tea", "count": 3}}}));
    assert_eq!((&failed["matched"], &failed["verdict"]), (&json!(0), &json!("failed")));
    assert_eq!(failed["nearest"][0]["seq"], 1);
    assert_eq!(failed["nearest"][0]["differences"], json!([{"at": "body/count", "expected": 3, "actual": 2}]));
    for (matching, count) in [
        (json!({"query": {"dry": 1}}), 1),
        (json!({"headers": {"Content-Type": "application/json"}}), 2),
        (json!({"status": "2xx"}), 2),
        (json!({"body_path": "$[?@ == 'milk']"}), 1),
        (json!({"operation": "POST /**"}), 2),
    ] {
        let result = verify(&hosted, json!({"match": matching, "count": {"at_least": count, "at_most": count}}));
        assert_eq!(result["verdict"], "passed", "{matching}: {result}");
    }
}

#[test]
fn a_verification_that_may_have_lost_its_subject_is_inconclusive() {
    let journal = JournalLimits { entries: 2, ..JournalLimits::default() };
    let hosted = Hosted::with_limits(MockLimits { journal, ..MockLimits::default() });
    hosted.in_session("a", "POST", "/orders", TEA);
    for _ in 0..2 {
        hosted.in_session("a", "GET", "/orders", "");
    }
    let post = json!({"method": "POST"});
    let get = json!({"method": "GET"});
    for (matching, count, verdict) in [
        (&post, json!({"exactly": 1}), "inconclusive"),
        (&post, json!({"at_most": 0}), "inconclusive"),
        (&get, json!({"at_least": 2}), "passed"),
        (&get, json!({"at_most": 1}), "failed"),
    ] {
        assert_eq!(
            verify(&hosted, json!({"match": matching, "count": count}))["verdict"],
            verdict,
            "{matching} {count}"
        );
    }
}

#[test]
fn a_wrong_verification_is_rejected_with_all_errors() {
    let hosted = Hosted::orders();
    hosted.in_session("a", "GET", "/orders", "");
    let wrong =
        json!({"match": {"operation": "orders", "status": "2x", "bdy": {}}, "count": {"exactly": 1, "at_most": 2}});
    let (status, problem) = hosted.control("POST", "/sessions/a/requests/verify", wrong);
    assert_eq!((status, problem["errors"].as_array().map(Vec::len)), (400, Some(4)), "{problem}");
    assert_eq!(hosted.control("POST", "/sessions/a/requests/verify", json!({})).0, 400);
}

#[test]
fn a_client_of_wiremock_finds_and_counts_requests() {
    let hosted = Hosted::orders();
    hosted.api("POST", "/orders?x=1", &[("content-type", "application/json")], r#"{"item": "tea", "count": 2}"#);
    hosted.api("GET", "/orders", &[], "");
    let count = |pattern: Value| hosted.control("POST", "/__admin/requests/count", pattern).1["count"].clone();
    for (pattern, expected) in [
        (json!({"method": "ANY"}), 2),
        (json!({"method": "POST", "url": "/orders?x=1"}), 1),
        (json!({"method": "POST", "url": "/orders"}), 0),
        (json!({"urlPath": "/orders"}), 2),
        (json!({"urlPattern": "/ord.*x=\\d"}), 1),
        (json!({"headers": {"Content-Type": {"contains": "json"}}}), 1),
        (json!({"headers": {"Content-Type": {"absent": true}}}), 1),
        (json!({"queryParameters": {"x": {"matches": "[0-9]"}}}), 1),
        (json!({"bodyPatterns": [{"equalToJson": "{\"item\": \"tea\"}", "ignoreExtraElements": true}]}), 1),
        (json!({"bodyPatterns": [{"equalToJson": {"item": "tea"}}]}), 0),
        (json!({"bodyPatterns": [{"matchesJsonPath": "$.item"}]}), 1),
    ] {
        assert_eq!(count(pattern.clone()), expected, "{pattern}");
    }
    let (_, found) = hosted.control("POST", "/__admin/requests/find", json!({"method": "POST"}));
    assert_eq!(found["requests"][0]["url"], "/orders?x=1");
    assert_eq!(hosted.control("GET", "/__admin/requests", Value::Null).1["meta"]["total"], 2);
    assert_eq!(hosted.control("POST", "/__admin/requests/count", json!({"cookies": {}})).0, 400);
    assert_eq!(hosted.control("POST", "/__admin/reset", Value::Null).0, 200);
    assert_eq!(count(json!({})), 0);
}

#[test]
fn neither_the_list_of_requests_nor_a_near_miss_shows_credentials() {
    let hosted = Hosted::orders();
    let body = json!({"item": "tea", "password": "canary-4"}).to_string();
    let headers = [("authorization", "Bearer canary-5"), ("content-type", "application/json")];
    hosted.api("POST", "/orders?access_token=canary-6", &headers, &body);
    let (_, listed) = hosted.control("GET", "/__admin/requests", Value::Null);
    let (_, found) = hosted.control("POST", "/__admin/requests/find", json!({"method": "POST"}));
    let expected = json!({"item": "milk", "password": "secret"});
    let matching = json!({"body": expected, "query": {"access_token": "x"}, "headers": {"authorization": "x"}});
    let verify = json!({"match": matching});
    let (_, verified) = hosted.control("POST", "/sessions/default/requests/verify", verify);
    for (shown, known) in [(&listed, "tea"), (&found, "tea"), (&verified, "access_token")] {
        let text = shown.to_string();
        assert!(!text.contains("canary") && text.contains(known), "{text}");
    }
    let base64 = listed["requests"][0]["request"]["bodyAsBase64"].as_str().expect("a text");
    let decoded = base64::prelude::BASE64_STANDARD.decode(base64).expect("base64");
    assert!(!String::from_utf8(decoded).expect("text").contains("canary"));
}

#[test]
fn a_client_of_wiremock_that_only_looks_creates_no_session() {
    let hosted = Hosted::orders();
    for (method, path) in
        [("GET", "/__admin/requests"), ("POST", "/__admin/requests/count"), ("POST", "/__admin/reset")]
    {
        let headers = [("host", "127.0.0.1"), ("x-standin-session", "unused"), ("content-type", "application/json")];
        let response = hosted.control_with(method, path, &headers, "");
        assert_eq!(response.status, 200, "{path}: {}", response.text);
    }
    assert_eq!(hosted.control("GET", "/sessions/unused", Value::Null).0, 404);
}
