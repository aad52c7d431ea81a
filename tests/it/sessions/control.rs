use serde_json::{Value, json};
use standin::admin::Login;

use super::{Hosted, embedded};
use crate::vocabulary::noon;

const TEA: &str = r#"{"item": "tea"}"#;

#[test]
fn sessions_are_created_listed_reset_and_deleted() {
    let hosted = Hosted::orders();
    let (status, made) = hosted.control("POST", "/sessions", json!({"id": "a", "now": "2030-01-01T00:00:00Z"}));
    assert_eq!((status, &made["id"], &made["now"]), (201, &json!("a"), &json!("2030-01-01T00:00:00.000Z")));
    assert_eq!(hosted.control("POST", "/sessions", json!({"id": "a"})).0, 409);
    assert_eq!(hosted.control("POST", "/sessions", Value::Null).1["id"], "session-1");
    hosted.in_session("a", "POST", "/orders", TEA);
    assert_eq!(hosted.control("GET", "/sessions/a", Value::Null).1["records"], 1);
    let (_, list) = hosted.control("GET", "/sessions", Value::Null);
    let ids: Vec<&str> = list["sessions"].as_array().expect("a list").iter().filter_map(|s| s["id"].as_str()).collect();
    assert_eq!(ids, ["default", "a", "session-1"]);
    assert_eq!(hosted.control("POST", "/sessions/a/reset", Value::Null).0, 204);
    assert_eq!(hosted.control("GET", "/sessions/a", Value::Null).1["records"], 0);
    assert_eq!(hosted.control("DELETE", "/sessions/a", Value::Null).0, 204);
    for (method, path) in [("GET", "/sessions/a"), ("DELETE", "/sessions/a"), ("GET", "/sessions/a/clock")] {
        assert_eq!(hosted.control(method, path, Value::Null).0, 404, "{method} {path}");
    }
    assert_eq!(hosted.control("DELETE", "/sessions/default", Value::Null).0, 409);
}

#[test]
fn a_session_that_is_created_at_a_later_time_begins_with_the_events_until_then() {
    let hosted = embedded();
    hosted.control("POST", "/sessions", json!({"id": "a", "now": "2030-01-01T00:00:00Z"}));
    let (_, journal) = hosted.control("GET", "/sessions/a/requests", Value::Null);
    assert!(!journal["events"].as_array().expect("a list").is_empty(), "{journal}");
}

#[test]
fn a_session_can_begin_with_the_records_of_another_and_resets_to_the_scenario() {
    let hosted = Hosted::orders();
    hosted.in_session("a", "POST", "/orders", TEA);
    assert_eq!(hosted.control("POST", "/sessions", json!({"id": "b", "from": "a"})).1["records"], 1);
    hosted.in_session("b", "POST", "/orders", TEA);
    assert_eq!(hosted.control("GET", "/sessions/a", Value::Null).1["records"], 1);
    hosted.control("POST", "/sessions/b/reset", Value::Null);
    assert_eq!(hosted.control("GET", "/sessions/b", Value::Null).1["records"], 0);
}

#[test]
fn a_session_can_begin_with_a_scenario_of_its_own_and_resets_to_it() {
    let hosted = Hosted::orders();
    let scenario =
        json!({"scenario": "two", "records": {"orders": [{"id": "1", "item": "tea"}, {"id": "2", "item": "milk"}]}});
    let (status, made) = hosted.control("POST", "/sessions", json!({"id": "a", "scenario": scenario}));
    assert_eq!((status, &made["records"]), (201, &json!(2)), "{made}");
    hosted.in_session("a", "DELETE", "/orders/1", "");
    hosted.control("POST", "/sessions/a/reset", Value::Null);
    assert_eq!(hosted.in_session("a", "GET", "/orders/1", "").json()["item"], "tea");
}

#[test]
fn a_wrong_body_is_rejected_with_all_errors_and_changes_nothing() {
    let hosted = Hosted::orders();
    let body = json!({"id": "a b", "from": "nowhere", "now": "soon", "quirk": "x", "scenario": "unknown"});
    let (status, problem) = hosted.control("POST", "/sessions", body);
    let mut pointers: Vec<&str> =
        problem["errors"].as_array().expect("errors").iter().filter_map(|error| error["pointer"].as_str()).collect();
    pointers.sort_unstable();
    assert_eq!((status, pointers), (400, vec!["/from", "/id", "/now", "/quirk", "/scenario"]));
    assert!(problem.to_string().contains("did you mean `quirks`?"), "{problem}");
    assert_eq!(hosted.control("GET", "/sessions", Value::Null).1["sessions"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_put_below_an_unused_id_creates_the_session() {
    let hosted = Hosted::orders();
    assert_eq!(hosted.control("PUT", "/sessions/a/clock", json!({"frozen": true})).0, 200);
    assert_eq!(hosted.control("POST", "/sessions/b/faults", json!({"latency": {"ms": 1}})).0, 201);
    assert_eq!(hosted.control("GET", "/sessions/c/faults", Value::Null).0, 404);
    assert_eq!(hosted.control("GET", "/sessions", Value::Null).1["sessions"].as_array().map(Vec::len), Some(3));
}

#[test]
fn quirks_are_switched_for_one_session() {
    let hosted = embedded();
    let path = "/apigw/business/payments/v1/taxes";
    let call = |id: &str| {
        let headers = [("x-standin-session", id), ("authorization", "Bearer staff-harmony-7c1e94d0")];
        hosted.api("GET", path, &headers, "").status
    };
    assert_eq!((call("a"), call("b")), (401, 401));
    let switched = json!({"switches": ["-gateway-refuses-business-payments"]});
    let (status, quirks) = hosted.control("PUT", "/sessions/a/quirks", switched);
    assert_eq!((status, &quirks["quirks"]["gateway-refuses-business-payments"]), (200, &json!(false)));
    assert_eq!((call("a"), call("b")), (200, 401));
    let (status, problem) =
        hosted.control("PUT", "/sessions/a/quirks", json!({"switches": ["-gateway-refuses-business-payment"]}));
    assert_eq!(status, 400);
    assert!(problem.to_string().contains("did you mean"), "{problem}");
    hosted.control("PUT", "/sessions/a/quirks", json!({"profile": "observed"}));
    assert_eq!(call("a"), 401);
}

#[test]
fn a_request_can_be_sent_through_the_control_port() {
    let hosted = Hosted::orders();
    let sent = json!({"method": "POST", "path": "/orders", "body": {"item": "tea"}});
    let (status, response) = hosted.control("POST", "/sessions/a/send", sent);
    assert_eq!((status, &response["status"], &response["body"]["item"]), (200, &json!(201), &json!("tea")));
    let (_, requests) = hosted.control("GET", "/sessions/a/requests", Value::Null);
    assert_eq!(requests["requests"][0]["operation"], "POST /orders");
    assert_eq!(hosted.control("POST", "/sessions/a/send", json!({"path": "orders"})).0, 400);
}

#[test]
fn unknown_paths_and_methods_say_what_there_is() {
    let hosted = Hosted::orders();
    let (status, problem) = hosted.control("GET", "/sesions", Value::Null);
    assert_eq!(status, 404);
    assert!(problem["detail"].as_str().expect("a sentence").contains("GET /sessions"), "{problem}");
    assert_eq!(hosted.control("PATCH", "/sessions/default", Value::Null).0, 405);
}

/// The schema of a success in the control API's own description.
fn documented<'d>(document: &'d Value, method: &str, path: &str, status: u16) -> &'d Value {
    let operation = &document["paths"][path][method.to_ascii_lowercase()];
    let response = &operation["responses"][status.to_string()];
    assert!(response.is_object(), "{method} {path} documents no {status}: {operation}");
    &response["content"]["application/json"]["schema"]
}

#[test]
fn the_control_api_describes_itself() {
    let hosted = Hosted::orders();
    let (status, document) = hosted.control("GET", "/openapi.json", Value::Null);
    assert_eq!(status, 200);
    assert!(jsonschema::meta::is_valid(&document["components"]["schemas"]["clock"]), "schemas are valid");
    for route in standin::admin::ROUTES.iter() {
        let operation = &document["paths"][route.path][route.method.as_str().to_ascii_lowercase()];
        assert_eq!(operation["summary"], route.summary, "{} {}", route.method, route.path);
    }
    hosted.api("POST", "/orders", &[("content-type", "application/json")], r#"{"item": "tea"}"#);
    for (method, path, target, body, expected) in [
        ("GET", "/health", "/health", Value::Null, 200),
        ("GET", "/ready", "/ready", Value::Null, 200),
        ("GET", "/info", "/info", Value::Null, 200),
        ("POST", "/sessions", "/sessions", json!({"id": "a"}), 201),
        ("GET", "/sessions", "/sessions", Value::Null, 200),
        ("GET", "/sessions/{session}", "/sessions/a", Value::Null, 200),
        ("PUT", "/sessions/{session}/clock", "/sessions/a/clock", json!({"advance": "3d"}), 200),
        ("GET", "/sessions/{session}/clock", "/sessions/a/clock", Value::Null, 200),
        ("PUT", "/sessions/{session}/quirks", "/sessions/a/quirks", json!({"profile": "documented"}), 200),
        ("GET", "/sessions/{session}/quirks", "/sessions/a/quirks", Value::Null, 200),
        ("POST", "/sessions/{session}/faults", "/sessions/a/faults", json!({"latency": {"ms": 1}}), 201),
        ("GET", "/sessions/{session}/faults", "/sessions/a/faults", Value::Null, 200),
        ("GET", "/sessions/{session}/requests", "/sessions/default/requests", Value::Null, 200),
        ("GET", "/sessions/{session}/requests/{seq}", "/sessions/default/requests/1", Value::Null, 200),
        (
            "POST",
            "/sessions/{session}/requests/verify",
            "/sessions/default/requests/verify",
            json!({"match": {"method": "PUT"}}),
            200,
        ),
        ("POST", "/sessions/{session}/send", "/sessions/a/send", json!({"path": "/orders"}), 200),
        ("GET", "/sessions/{session}/tokens", "/sessions/a/tokens", Value::Null, 200),
        ("GET", "/sessions/{session}/records", "/sessions/a/records", Value::Null, 200),
        ("GET", "/sessions/{session}/sample", "/sessions/a/sample?operation=GET%20/orders", Value::Null, 200),
        ("GET", "/scenarios", "/scenarios", Value::Null, 200),
        ("GET", "/operations", "/operations", Value::Null, 200),
        ("GET", "/state", "/state", Value::Null, 200),
        ("POST", "/reset", "/reset", Value::Null, 200),
    ] {
        let (status, shown) = hosted.control(method, target, body);
        assert_eq!(status, expected, "{method} {target}: {shown}");
        let schema = documented(&document, method, path, status);
        let name = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()).expect("a reference");
        let whole = json!({"$ref": format!("#/components/schemas/{name}"), "components": document["components"]});
        let validator = jsonschema::validator_for(&whole).expect("a schema");
        let errors: Vec<String> = validator.iter_errors(&shown).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{method} {target}: {errors:?}");
    }
}

#[test]
fn errors_of_the_control_api_are_documented() {
    let hosted = Hosted::orders();
    let (_, document) = hosted.control("GET", "/openapi.json", Value::Null);
    for (method, path, target, body, expected) in [
        ("PUT", "/sessions/{session}/clock", "/sessions/a/clock", json!({"advance": 3}), 400),
        ("GET", "/sessions/{session}", "/sessions/nothing", Value::Null, 404),
        ("DELETE", "/sessions/{session}", "/sessions/default", Value::Null, 409),
        ("POST", "/states", "/states", json!({"state": "somewhere else", "params": {"order": "o9"}}), 409),
    ] {
        let (status, problem) = hosted.control(method, target, body);
        assert_eq!(status, expected, "{method} {target}: {problem}");
        let operation = &document["paths"][path][method.to_ascii_lowercase()];
        let content = &operation["responses"][status.to_string()]["content"];
        assert!(content["application/problem+json"].is_object(), "{method} {path} documents no {status}");
    }
}

#[test]
fn browser_logs_in_once_with_a_code_and_then_needs_no_token() {
    let mut hosted = Hosted::orders();
    hosted.admin.access.token = Some("admin-canary".to_owned());
    hosted.admin.access.login = Some(Login::new("code-1".to_owned(), "cookie-canary".to_owned()));
    let get = |target: &str, headers: &[(&str, &str)]| hosted.control_at(noon(), "GET", target, headers, "");
    assert_eq!((get("/info", &[]).status, get("/health", &[]).status), (401, 200));
    for target in ["/login", "/login?code=", "/login?code=code-2"] {
        let rejected = get(target, &[]);
        assert!([400, 401].contains(&rejected.status) && rejected.header("set-cookie").is_empty(), "{target}");
    }
    let accepted = get("/login?code=code-1", &[]);
    assert_eq!((accepted.status, accepted.header("location")), (303, "/"));
    let cookie = accepted.header("set-cookie");
    assert_eq!(cookie, "standin_admin_4011=cookie-canary; HttpOnly; SameSite=Strict; Path=/");
    assert_eq!(get("/info", &[("cookie", "theme=dark; standin_admin_4011=cookie-canary")]).status, 200);
    for wrong in ["standin_admin_4011=other", "standin_admin_4010=cookie-canary", "cookie-canary"] {
        assert_eq!(get("/info", &[("cookie", wrong)]).status, 401, "{wrong}");
    }
    assert_eq!(get("/login?code=code-1", &[]).status, 401, "the code works once");
    assert_eq!(get("/info", &[("authorization", "Bearer admin-canary")]).status, 200);
}

#[test]
fn login_is_not_found_where_no_token_is_needed() {
    assert_eq!(Hosted::orders().control("GET", "/login?code=x", Value::Null).0, 404);
}
