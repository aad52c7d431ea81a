use serde_json::{Value, json};

use super::{Hosted, embedded};
use crate::vocabulary::{noon, request};

const STAFF: &str = "Bearer staff-harmony-7c1e94d0";

fn snapshot(hosted: &Hosted, query: &str) -> Value {
    let (status, document) = hosted.control("GET", &format!("/sessions/default/snapshot{query}"), Value::Null);
    assert_eq!(status, 200, "{document}");
    document
}

/// The pointers of the errors in a response.
fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().expect("errors").iter().filter_map(|error| error["pointer"].as_str()).collect()
}

#[test]
fn a_snapshot_is_a_scenario_with_the_records_of_the_session() {
    let hosted = Hosted::orders();
    hosted.in_session("default", "POST", "/orders", r#"{"item": "tea", "count": 2}"#);
    let document = snapshot(&hosted, "");
    let order = &document["records"]["orders"][0];
    assert_eq!((&document["scenario"], &order["item"], &order["count"]), (&json!("default"), &json!("tea"), &json!(2)));
    assert_eq!(document["snapshot"]["version"], 1);
    let (status, made) = hosted.control("POST", "/sessions", json!({"id": "b", "scenario": document}));
    assert_eq!((status, &made["records"]), (201, &json!(1)), "{made}");
}

#[test]
fn a_snapshot_replaces_the_whole_state_of_another_session() {
    let hosted = Hosted::orders();
    hosted.in_session("a", "POST", "/orders", r#"{"item": "tea"}"#);
    hosted.control("PUT", "/sessions/a/clock", json!({"now": "2030-01-01T00:00:00Z", "frozen": false, "speed": 3}));
    hosted.control("POST", "/sessions/a/faults", json!({"status": {"code": 503}, "nth": 3}));
    let (_, taken) = hosted.control("GET", "/sessions/a/snapshot", Value::Null);
    hosted.in_session("default", "POST", "/orders", r#"{"item": "milk"}"#);
    let (status, shown) = hosted.control("PUT", "/sessions/default/snapshot", taken.clone());
    assert_eq!((status, &shown["id"], &shown["speed"]), (200, &json!("default"), &json!(3.0)), "{shown}");
    let again = snapshot(&hosted, "");
    assert_eq!((&taken["scenario"], &again["scenario"]), (&json!("a"), &json!("default")));
    assert_eq!(again["records"], taken["records"]);
    assert_eq!(again["faults"], taken["faults"]);
    assert_eq!(again["snapshot"], taken["snapshot"]);
    assert_eq!(hosted.in_session("default", "GET", "/orders", "").json().as_array().map(Vec::len), Some(1));
}

#[test]
fn a_put_below_an_unused_id_creates_the_session_and_a_get_does_not() {
    let hosted = Hosted::orders();
    assert_eq!(hosted.control("GET", "/sessions/a/snapshot", Value::Null).0, 404);
    let document = json!({"scenario": "x", "records": {"orders": [{"id": "7", "item": "tea"}]}});
    assert_eq!(hosted.control("PUT", "/sessions/a/snapshot", document).0, 200);
    assert_eq!(hosted.in_session("a", "GET", "/orders/7", "").json()["item"], "tea");
    assert_eq!(hosted.in_session("default", "GET", "/orders/7", "").status, 404);
    hosted.control("POST", "/sessions/a/reset", Value::Null);
    assert_eq!(hosted.in_session("a", "GET", "/orders/7", "").status, 404, "a reset restores the server's scenario");
}

#[test]
fn an_invalid_snapshot_is_rejected_with_all_errors_and_changes_nothing() {
    let hosted = embedded();
    let before = snapshot(&hosted, "");
    let mut document = before.clone();
    document["sed"] = json!(7);
    document["records"]["clients"][0]["first_nam"] = json!("Ada");
    document["records"]["clients"][1]["business_uid"] = json!("7c1e94d02ab85f37");
    document["records"]["packages"].as_array_mut().expect("packages").insert(0, json!("a package"));
    document["records"]["orderz"] = json!([]);
    document["quirks"] = json!({"switches": ["+packages-feature-gat"]});
    document["tokens"]["staff"]["staff"] = json!("unknown");
    document["snapshot"]["clock"]["now"] = json!("soon");
    document["snapshot"]["idempotency"] =
        json!([{"key": {"text": "k"}, "body": {"text": ""}, "response": {"status": 20, "body": {"text": ""}}}]);
    document["snapshot"]["faults"] = json!({"usage": {"slow": {}}});
    for id in ["default", "new"] {
        let (status, problem) = hosted.control("PUT", &format!("/sessions/{id}/snapshot"), document.clone());
        let mut found = pointers(&problem);
        found.sort_unstable();
        let expected = [
            "/quirks/switches/0",
            "/records/clients/0/first_nam",
            "/records/clients/1/business_uid",
            "/records/orderz",
            "/records/packages/0",
            "/sed",
            "/snapshot/clock/now",
            "/snapshot/faults/usage/slow",
            "/snapshot/idempotency/0/response/status",
            "/tokens/staff/staff",
        ];
        assert_eq!((status, found), (400, expected.to_vec()), "{problem:#}");
        for advice in ["did you mean `first_name`?", "did you mean `7c1e94d02ab85f36`?", "did you mean `seed`?"] {
            assert!(problem.to_string().contains(advice), "{advice}: {problem:#}");
        }
    }
    assert_eq!(snapshot(&hosted, ""), before);
    assert_eq!(hosted.control("GET", "/sessions/new", Value::Null).0, 404);
}

#[test]
fn a_text_that_is_no_document_is_rejected_with_its_place() {
    let hosted = Hosted::orders();
    let put = |body: &str| {
        let headers = [("content-type", "application/json")];
        let response = hosted.control_at(noon(), "PUT", "/sessions/a/snapshot", &headers, body);
        (response.status, response.text)
    };
    for (body, part) in [
        ("{\"scenario\": \"x\",\n\"records\": {", "line 2"),
        ("[]", "a scenario as a mapping"),
        ("{}", "has no `scenario`"),
        ("{\"scenario\": \"x\", \"snapshot\": {\"version\": 2}}", "this program reads version 1"),
        ("{\"scenario\": \"x\", \"snapshot\": {}}", "has no `version`"),
    ] {
        let (status, text) = put(body);
        assert!(status == 400 && text.contains(part), "{body}: {status} {text}");
    }
    assert_eq!(hosted.control("GET", "/sessions/a", Value::Null).0, 404);
}

#[test]
fn a_snapshot_can_be_yaml() {
    let hosted = Hosted::orders();
    hosted.in_session("default", "POST", "/orders", r#"{"item": "tea\u2028\u0085 - #: \ud83c\udf75"}"#);
    let headers = [("accept", "application/yaml")];
    let yaml = hosted.control_at(noon(), "GET", "/sessions/default/snapshot", &headers, "");
    assert_eq!(yaml.header("content-type"), "application/yaml");
    assert!(yaml.text.starts_with("scenario: \"default\"\n"), "{}", yaml.text);
    let headers = [("content-type", "application/yaml")];
    let put = hosted.control_at(noon(), "PUT", "/sessions/b/snapshot", &headers, &yaml.text);
    assert_eq!(put.status, 200, "{}", put.text);
    let items = |id: &str| hosted.in_session(id, "GET", "/orders", "").text;
    assert_eq!(items("b"), items("default"));
    assert_eq!(hosted.control("GET", "/sessions/b/snapshot?format=xml", Value::Null).0, 400);
}

#[test]
fn numbers_keep_all_their_digits() {
    let hosted = Hosted::orders();
    let order = r#"{"item": "tea", "count": 123456789012345678901234567890, "a": 0.1234567890123456789012345678, "b": 1.10, "c": 5.0, "d": 1e3, "e": [18446744073709551615, 79228162514264337593543950335, -0.0, 1e-7, 1e300, 12345678901234567890.5]}"#;
    hosted.in_session("default", "POST", "/orders", order);
    let headers = [("content-type", "application/json")];
    for query in ["", "?format=yaml"] {
        let taken = hosted.control_at(noon(), "GET", &format!("/sessions/default/snapshot{query}"), &[], "").text;
        assert_eq!(hosted.control_at(noon(), "PUT", "/sessions/b/snapshot", &headers, &taken).status, 200);
        let again = hosted.control_at(noon(), "GET", &format!("/sessions/b/snapshot{query}"), &[], "").text;
        assert_eq!(again.replacen("\"b\"", "\"default\"", 1), taken);
        assert!(taken.contains("123456789012345678901234567890"), "{taken}");
    }
}

/// Requests that leave credentials in the session: an app with a secret, a token of it, and the same once more under an
/// idempotency key. Returns the credentials.
fn leave_credentials(hosted: &Hosted) -> Vec<String> {
    let sent = |method: &str, path: &str, headers: &[(&str, &str)], body: Value| {
        let headers = [&[("content-type", "application/json")], headers].concat();
        let response = hosted.api(method, path, &headers, &body.to_string());
        assert!((200..300).contains(&response.status), "{}", response.text);
        response.json()
    };
    let app = json!({"client_id": "3e7a9c1d5f824b60c4e91a7d2f3b8560", "client_secret": "8d2f4b6a1c3e5d7f90b2a4c6e8f01357", "grant_type": "client_credentials"});
    let token = sent("POST", "/api2/oauth/token", &[], app.clone());
    let again = sent("POST", "/api2/oauth/token", &[("idempotency-key", "canary")], app);
    let fault = json!({"path": "/never", "status": {"code": 500, "body": {"access_token": "c4n4ry0f4ult9d8e7"}}});
    assert_eq!(hosted.control("POST", "/sessions/default/faults", fault).0, 201);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut found = vec![text(&token["access_token"]), text(&again["access_token"])];
    found.extend(["8d2f4b6a1c3e5d7f90b2a4c6e8f01357", "c4n4ry0f4ult9d8e7"].map(str::to_owned));
    found
}

#[test]
fn credentials_are_in_a_snapshot_only_with_secrets() {
    let mut hosted = embedded();
    let canaries = leave_credentials(&hosted);
    let get = |hosted: &Hosted, query: &str| {
        hosted.control("GET", &format!("/sessions/default/snapshot{query}"), Value::Null)
    };
    let (status, without) = get(&hosted, "");
    assert_eq!(status, 200);
    for canary in &canaries {
        assert!(!without.to_string().contains(canary.as_str()), "{canary}");
    }
    assert_eq!(without["tokens"]["staff"]["value"], STAFF.trim_start_matches("Bearer "), "tokens of the scenario stay");
    let (status, loaded) = hosted.control("PUT", "/sessions/b/snapshot", without);
    assert_eq!(status, 200, "{loaded:#}");
    let (status, problem) = get(&hosted, "?with_secrets=true");
    assert_eq!(status, 403);
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("--with-secrets")), "{problem}");
    assert_eq!(get(&hosted, "?with_secrets=yes").0, 400);
    hosted.admin.access.secrets = true;
    let (_, with) = get(&hosted, "?with_secrets=true");
    for canary in &canaries {
        assert!(with.to_string().contains(canary.as_str()), "{canary}");
    }
    let (_, without) = get(&hosted, "");
    assert!(canaries.iter().all(|canary| !without.to_string().contains(canary.as_str())));
}

#[test]
fn a_response_with_an_idempotency_key_is_kept() {
    let hosted = Hosted::orders();
    let send = |session: &str| {
        let headers = [("content-type", "application/json"), ("idempotency-key", "k1"), ("x-standin-session", session)];
        let response = hosted.api("POST", "/orders", &headers, r#"{"item": "tea"}"#);
        (response.header("idempotent-replayed").to_owned(), response.text)
    };
    let (_, first) = send("default");
    hosted.control("PUT", "/sessions/b/snapshot", snapshot(&hosted, ""));
    assert_eq!(send("b"), ("true".to_owned(), first));
}

#[test]
fn a_replayed_response_has_the_faults_of_its_own_request() {
    let hosted = Hosted::orders();
    let headers = [("content-type", "application/json"), ("idempotency-key", "k1")];
    let delay = || {
        let request = request(noon(), "POST", "/orders", &headers, r#"{"item": "tea"}"#);
        let response = hosted.mock.respond(request, || None);
        response.meta.faults.map_or(0, |effect| effect.delivery.delay.as_millis())
    };
    hosted.control("POST", "/sessions/default/faults", json!({"latency": {"ms": 7}, "count": 1}));
    assert_eq!((delay(), delay()), (7, 0));
    hosted.control("POST", "/sessions/default/faults", json!({"latency": {"ms": 9}}));
    assert_eq!(delay(), 9);
}

#[test]
fn counts_of_any_size_are_accepted() {
    let hosted = Hosted::orders();
    let most = u64::MAX;
    let usage =
        json!({"matched": most, "applied": most, "window": {"begun": "2026-02-08T11:59:59Z", "requests": most}});
    let document = json!({
        "scenario": "x",
        "faults": [{"id": "limit", "rate_limit": {"requests": 1}}],
        "snapshot": {
            "version": 1, "random": most, "numbers": {"order": most},
            "faults": {"last_number": most, "random": most, "usage": {"limit": usage}},
            "deleted": [{"kind": "order", "place": most, "id": "gone"}],
            "records": [{"kind": "order", "place": most, "id": "7", "fields": {"item": "tea"}}],
        },
    });
    let (status, problem) = hosted.control("PUT", "/sessions/default/snapshot", document);
    assert_eq!(status, 200, "{problem:#}");
    assert_eq!(hosted.in_session("default", "POST", "/orders", r#"{"item": "milk"}"#).status, 429);
    assert_eq!(hosted.control("POST", "/sessions/default/faults", json!({"latency": {"ms": 1}})).0, 201);
    hosted.control("DELETE", "/sessions/default/faults", Value::Null);
    assert_eq!(hosted.in_session("default", "POST", "/orders", r#"{"item": "milk"}"#).status, 201);
    hosted.control("POST", "/sessions/default/faults", json!({"status": {"code": 500}, "nth": most, "count": most}));
    let (status, problem) = hosted.control("PUT", "/sessions/b/snapshot", snapshot(&hosted, ""));
    assert_eq!(status, 200, "{problem:#}");
}

#[test]
fn a_session_that_is_created_with_a_snapshot_has_its_clock_and_its_quirks() {
    let hosted = embedded();
    hosted.control(
        "PUT",
        "/sessions/default/clock",
        json!({"now": "2030-01-01T00:00:00Z", "frozen": false, "speed": 5}),
    );
    hosted.control("PUT", "/sessions/default/quirks", json!({"switches": ["-packages-feature-gate"]}));
    let taken = snapshot(&hosted, "");
    assert_eq!(taken["quirks"], json!({"profile": "observed", "switches": ["-packages-feature-gate"]}));
    hosted.control("POST", "/sessions", json!({"id": "b", "scenario": taken}));
    for part in ["clock", "quirks"] {
        let of = |id: &str| hosted.control("GET", &format!("/sessions/{id}/{part}"), Value::Null).1;
        assert_eq!(of("b"), of("default"));
    }
}

#[test]
fn a_page_goes_on_after_a_record_that_was_deleted_before_the_snapshot() {
    let hosted = Hosted::orders();
    for item in ["a", "b", "c"] {
        hosted.in_session("default", "POST", "/orders", &json!({"item": item}).to_string());
    }
    let ids: Vec<String> = snapshot(&hosted, "")["records"]["orders"]
        .as_array()
        .expect("orders")
        .iter()
        .map(|order| order["id"].as_str().expect("an id").to_owned())
        .collect();
    hosted.in_session("default", "DELETE", &format!("/orders/{}", ids[1]), "");
    hosted.control("PUT", "/sessions/b/snapshot", snapshot(&hosted, ""));
    let page =
        |session: &str| hosted.in_session(session, "GET", &format!("/orders?starting_after={}", ids[1]), "").text;
    assert_eq!(page("b"), page("default"));
}
