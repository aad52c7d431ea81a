//! Another engine takes over while sessions exist.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use standin::diagnostics::SourceFile;
use standin::openapi::ApiFolder;
use standin::pipeline::{Mock, MockLimits};
use standin::request::{Checking, Settings};
use standin::scenarios::{Scenario, Start};

use super::{Hosted, ORDERS};
use crate::served::Served;
use crate::vocabulary::noon;

const TEA: &str = r#"{"item": "tea"}"#;

/// A contract with a collection of each of these names, whose example is the record `1`.
fn collections(names: &[&str]) -> String {
    let paths = names.iter().map(|name| {
        format!(
            "  /{name}:\n    get: {{responses: {{\"200\": {{description: ok, content: {{application/json: {{example: [{{id: \"1\", item: first of {name}}}]}}}}}}}}}}\n    \
             post: {{requestBody: {{content: {{application/json: {{schema: {{type: object}}}}}}}}, responses: {{\"201\": {{description: made}}}}}}\n  \
             /{name}/{{id}}:\n    parameters: [{{name: id, in: path, required: true, schema: {{type: string}}}}]\n    \
             get: {{responses: {{\"200\": {{description: ok, content: {{application/json: {{schema: {{type: object, properties: {{item: {{type: string}}}}}}}}}}}}}}}}\n    \
             delete: {{responses: {{\"204\": {{description: gone}}}}}}\n"
        )
    });
    format!("openapi: 3.0.0\ninfo: {{title: shop, version: \"1\"}}\npaths:\n{}", paths.collect::<String>())
}

fn hosted(contract: &str) -> Hosted {
    let Served { engine, session } = Served::new(contract, Settings::default());
    Hosted::of(Arc::new(Mock::new(engine, session.state(), MockLimits::default())))
}

fn replace(hosted: &Hosted, contract: &str) {
    let Served { engine, session } = Served::new(contract, Settings::default());
    hosted.mock.replace(engine, session.state());
}

/// The status and the item of a record in a session.
fn item(hosted: &Hosted, session: &str, path: &str) -> (u16, Value) {
    let received = hosted.in_session(session, "GET", path, "");
    let body: Value = serde_json::from_str(&received.text).unwrap_or_default();
    (received.status, body["item"].clone())
}

#[test]
fn records_of_remaining_kinds_stay_in_every_session() {
    let hosted = hosted(&collections(&["orders"]));
    for session in ["default", "a", "b"] {
        hosted.in_session(session, "POST", "/orders", &json!({"item": session}).to_string());
    }
    hosted.in_session("b", "DELETE", "/orders/1", "");
    replace(&hosted, &collections(&["orders"]).replace("first of", "another"));
    for session in ["default", "a", "b"] {
        assert_eq!(item(&hosted, session, "/orders/2"), (200, json!(session)));
    }
    assert_eq!(item(&hosted, "a", "/orders/1"), (200, json!("first of orders")), "it is a record of the session");
    assert_eq!(item(&hosted, "b", "/orders/1").0, 404, "it was deleted");
}

#[test]
fn records_of_removed_kinds_are_dropped_and_those_of_new_kinds_are_added() {
    let hosted = hosted(&collections(&["orders", "bills"]));
    for path in ["/orders", "/bills"] {
        hosted.in_session("a", "POST", path, TEA);
    }
    replace(&hosted, &collections(&["orders", "parcels"]));
    assert_eq!(hosted.in_session("a", "GET", "/bills/2", "").status, 404);
    assert_eq!(item(&hosted, "a", "/parcels/1"), (200, json!("first of parcels")));
    assert_eq!(hosted.control("GET", "/sessions/a", Value::Null).1["records"], 3);
    hosted.in_session("a", "POST", "/parcels", TEA);
    assert_eq!(item(&hosted, "a", "/parcels/2"), (200, json!("tea")), "new ids follow the added ones");
    replace(&hosted, &collections(&["orders", "bills"]));
    assert_eq!(item(&hosted, "a", "/bills/1"), (200, json!("first of bills")));
    assert_eq!(item(&hosted, "a", "/bills/2").0, 404);
    assert_eq!(item(&hosted, "a", "/orders/2"), (200, json!("tea")));
}

#[test]
fn sessions_without_changes_begin_anew_and_cached_responses_are_dropped() {
    let hosted = hosted(&collections(&["orders"]));
    hosted.in_session("changed", "POST", "/orders", TEA);
    for session in ["default", "unchanged", "changed"] {
        for _ in 0..2 {
            assert_eq!(hosted.in_session(session, "GET", "/orders", "").json()[0]["item"], "first of orders");
        }
    }
    replace(&hosted, &collections(&["orders", "parcels"]).replace("first of", "another"));
    for (session, expected) in
        [("default", "another orders"), ("unchanged", "another orders"), ("changed", "first of orders")]
    {
        assert_eq!(hosted.in_session(session, "GET", "/orders", "").json()[0]["item"], expected, "{session}");
        assert_eq!(hosted.in_session(session, "GET", "/parcels", "").status, 200, "{session}");
    }
    replace(&hosted, &collections(&["parcels"]));
    for session in ["default", "unchanged", "changed"] {
        assert_eq!(hosted.in_session(session, "GET", "/orders", "").status, 404, "{session}");
    }
}

#[test]
fn a_session_of_which_only_clock_faults_or_quirks_were_changed_has_the_new_records() {
    let hosted = hosted(&collections(&["orders"]));
    let now = "2030-01-01T00:00:00.000Z";
    hosted.control("PUT", "/sessions/a/clock", json!({"now": now, "frozen": true}));
    hosted.control("POST", "/sessions/a/faults", json!({"id": "slow", "latency": {"ms": 1}}));
    assert_eq!(item(&hosted, "a", "/orders/1").0, 200);
    replace(&hosted, &collections(&["orders"]).replace("first of", "another"));
    assert_eq!(item(&hosted, "a", "/orders/1"), (200, json!("another orders")));
    assert_eq!(hosted.control("GET", "/sessions/a/clock", Value::Null).1["now"], now);
    assert_eq!(hosted.control("GET", "/sessions/a/faults", Value::Null).1["faults"][0]["id"], "slow");
    // A copy of a session with other records of the same number is no such session.
    let scenario = json!({"scenario": "own", "records": {"orders": [{"id": "7", "item": "own"}]}});
    hosted.control("POST", "/sessions", json!({"id": "b", "scenario": scenario}));
    hosted.control("POST", "/sessions", json!({"id": "c", "from": "b"}));
    replace(&hosted, &collections(&["orders"]));
    assert_eq!(item(&hosted, "c", "/orders/7"), (200, json!("own")));
}

#[test]
fn reset_returns_to_the_new_initial_state() {
    let hosted = hosted(&collections(&["orders"]));
    for session in ["default", "a"] {
        hosted.in_session(session, "POST", "/orders", TEA);
    }
    replace(&hosted, &collections(&["orders"]).replace("first of", "another"));
    for session in ["default", "a", "new"] {
        hosted.control("POST", &format!("/sessions/{session}/reset"), Value::Null);
        assert_eq!(item(&hosted, session, "/orders/1"), (200, json!("another orders")), "{session}");
        assert_eq!(item(&hosted, session, "/orders/2").0, 404, "{session}");
    }
}

#[test]
fn a_session_with_a_scenario_of_its_own_keeps_it() {
    let hosted = hosted(&collections(&["orders", "bills"]));
    let records = json!({"orders": [{"id": "7", "item": "own"}], "bills": [{"id": "7", "item": "own"}]});
    let scenario = json!({"scenario": "own", "records": records});
    assert_eq!(hosted.control("POST", "/sessions", json!({"id": "a", "scenario": scenario})).0, 201);
    replace(&hosted, &collections(&["orders"]));
    for _ in 0..2 {
        assert_eq!(item(&hosted, "a", "/orders/7"), (200, json!("own")));
        assert_eq!(item(&hosted, "a", "/orders/1").0, 404);
        assert_eq!(hosted.control("GET", "/sessions/a", Value::Null).1["records"], 1);
        hosted.in_session("a", "POST", "/orders", TEA);
        hosted.control("POST", "/sessions/a/reset", Value::Null);
    }
}

#[test]
fn clock_faults_idempotency_keys_and_journal_stay() {
    let hosted = Hosted::orders();
    let now = "2030-01-01T00:00:00.000Z";
    hosted.control("PUT", "/sessions/a/clock", json!({"now": now, "frozen": true}));
    hosted.control("POST", "/sessions/a/faults", json!({"id": "slow", "latency": {"ms": 1}}));
    let headers = [("x-standin-session", "a"), ("content-type", "application/json"), ("idempotency-key", "k")];
    let first = hosted.api("POST", "/orders", &headers, TEA).text;
    replace(&hosted, ORDERS);
    assert_eq!(hosted.control("GET", "/sessions/a/clock", Value::Null).1["now"], now);
    assert_eq!(hosted.control("GET", "/sessions/a/faults", Value::Null).1["faults"][0]["id"], "slow");
    assert_eq!(hosted.api("POST", "/orders", &headers, TEA).text, first);
    let (_, requests) = hosted.control("GET", "/sessions/a/requests", Value::Null);
    assert_eq!(requests["requests"].as_array().map(Vec::len), Some(2), "{requests}");
}

#[test]
fn ids_are_not_generated_twice() {
    let contract = collections(&["orders"]).replace("id: \"1\"", "id: a1b2c3d4e5f6a7b8");
    let hosted = hosted(&contract);
    hosted.in_session("a", "POST", "/orders", TEA);
    for _ in 0..3 {
        replace(&hosted, &contract);
        hosted.in_session("a", "POST", "/orders", TEA);
    }
    assert_eq!(hosted.in_session("a", "GET", "/orders", "").json().as_array().map(Vec::len), Some(5));
}

/// An API with a quirk for each id, which responds to `GET /ID` with 410.
fn quirky(ids: &[&str]) -> Served {
    let path = |id: &&str| {
        format!("  /{id}: {{get: {{responses: {{\"200\": {{description: ok}}, \"410\": {{description: gone}}}}}}}}\n")
    };
    let contract = format!(
        "openapi: 3.0.0\ninfo: {{title: q, version: \"1\"}}\npaths:\n{}",
        ["one", "two", "three"].iter().map(path).collect::<String>()
    );
    let quirk = |id: &&str| {
        format!(
            "  - id: {id}-is-gone\n    on: GET returns 410\n    off: GET returns 200\n    evidence: [{{source: a test, at: this one}}]\n    \
             when: {{method: GET, path: /{id}}}\n    respond: {{status: 410, body: {{error: gone}}}}\n    \
             proof: [{{method: GET, path: /{id}, on: {{status: 410}}, off: {{status: 200}}}}]\n"
        )
    };
    let quirks = format!("quirks:\n{}", ids.iter().map(quirk).collect::<String>());
    let folder = ApiFolder {
        contracts: vec![SourceFile::new("api.yaml", contract)],
        quirks: vec![SourceFile::new("api.quirks.yaml", quirks)],
        ..ApiFolder::default()
    };
    Served::of(&folder, Settings::default())
}

#[test]
fn switched_quirks_stay_switched_by_their_id() {
    let Served { engine, session } = quirky(&["one", "two"]);
    let hosted = Hosted::of(Arc::new(Mock::new(engine, session.state(), MockLimits::default())));
    let call = |session: &str, path: &str| {
        let received = hosted.in_session(session, "GET", path, "");
        (received.status, received.header("x-standin-quirks").to_owned())
    };
    hosted.control("PUT", "/sessions/a/quirks", json!({"switches": ["-two-is-gone", "-one-is-gone"]}));
    assert_eq!((call("a", "/two").0, call("b", "/two").0), (200, 410));
    let Served { engine, session } = quirky(&["three", "two"]);
    hosted.mock.replace(engine, session.state());
    assert_eq!(call("a", "/two"), (200, String::new()));
    assert_eq!(call("a", "/three"), (410, "three-is-gone".to_owned()), "a new quirk");
    assert_eq!(call("a", "/one"), (200, String::new()), "a quirk that the API no longer has");
    assert_eq!(call("b", "/two"), (410, "two-is-gone".to_owned()));
    hosted.control("POST", "/sessions/a/reset", Value::Null);
    assert_eq!(call("a", "/two").0, 410);
}

#[test]
fn settings_are_those_of_the_new_initial_state() {
    let hosted = Hosted::orders();
    let wrong = r#"{"item": "tea", "count": "many"}"#;
    assert_eq!(hosted.in_session("a", "POST", "/orders", TEA).status, 201);
    let settings = Settings { checking: Checking::Documented, ..Settings::default() };
    let Served { engine, session } = Served::new(ORDERS, settings);
    hosted.mock.replace(engine, session.state());
    assert_eq!(hosted.in_session("a", "POST", "/orders", wrong).status, 422);
    let settings = Settings { checking: Checking::Off, ..Settings::default() };
    let Served { engine, session } = Served::new(ORDERS, settings);
    hosted.mock.replace(engine, session.state());
    assert_eq!(hosted.in_session("a", "POST", "/orders", wrong).status, 201);
}

#[test]
fn tokens_follow_the_scenario_and_revoked_tokens_stay_revoked() {
    let contract = "openapi: 3.0.0\ninfo: {title: t, version: \"1\"}\npaths:\n  /orders:\n    post: {responses: {\"201\": {description: made}}}\n";
    let settings = "name: t\ntokens: {schemes: [Bearer], kinds: {clerk: {}}}\ndialects:\n  - {name: all, paths: [\"/**\"], success: $data, errors: {default: {message: $message}}}\n";
    let folder = ApiFolder {
        contracts: vec![SourceFile::new("api.yaml", contract)],
        settings: vec![SourceFile::new("standin.yaml", settings)],
        ..ApiFolder::default()
    };
    let start = |tokens: &str| {
        let engine = standin::pipeline::Engine::new(&folder).expect("the files are valid");
        let text = format!("scenario: t\ntokens: {tokens}\n");
        let scenario = Scenario::read_in(&SourceFile::new("t.yaml", text), engine.scenarios()).expect("valid");
        let clock = standin::request::Clock::Frozen(noon());
        let start = Start { clock, now: noon(), flags: Default::default(), seed: None };
        let state = scenario.seed(&engine, start).expect("valid");
        (engine, state)
    };
    let (engine, state) =
        start("{x: {kind: clerk, value: xx}, y: {kind: clerk, value: yy}, z: {kind: clerk, value: zz}}");
    let hosted = Hosted::of(Arc::new(Mock::new(engine, state, MockLimits::default())));
    let call = |token: &str| {
        let authorization = format!("Bearer {token}");
        hosted.api("POST", "/orders", &[("authorization", authorization.as_str())], "").status
    };
    assert_eq!((call("xx"), call("yy"), call("ww")), (201, 201, 401));
    hosted.mock.sessions().default_session().change(|state| state.store.remove("token", "zz"));
    let (engine, state) =
        start("{w: {kind: clerk, value: ww}, y: {kind: clerk, value: yy}, z: {kind: clerk, value: zz}}");
    hosted.mock.replace(engine, state);
    assert_eq!((call("xx"), call("yy"), call("zz"), call("ww")), (401, 201, 401, 201));
}

#[test]
fn requests_in_all_sessions_are_served_while_engines_are_replaced() {
    const SESSIONS: usize = 4;
    let contract = |version: usize| collections(&["orders"]).replace("first of", &format!("version {version} of"));
    let versions: Vec<String> = (0..2).map(contract).collect();
    let hosted = Arc::new(hosted(&versions[0]));
    let (is_over, made): (AtomicBool, Vec<_>) =
        (AtomicBool::new(false), (0..SESSIONS).map(|id| format!("s{id}")).collect());
    std::thread::scope(|scope| {
        let clients: Vec<_> = made
            .iter()
            .map(|session| {
                let (mock, is_over) = (&hosted.mock, &is_over);
                scope.spawn(move || {
                    let headers = [("x-standin-session", session.as_str()), ("content-type", "application/json")];
                    let send = |method: &str, target: &str, body: &str| {
                        let request = crate::vocabulary::request(noon(), method, target, &headers, body);
                        mock.respond(request, || None).status.as_u16()
                    };
                    let mut count = 0;
                    while !is_over.load(Ordering::Relaxed) {
                        assert_eq!(send("POST", "/orders", TEA), 201);
                        count += 1;
                        assert_eq!(send("GET", &format!("/orders/{}", count + 1), ""), 200);
                        assert_eq!(send("GET", "/orders/1", ""), 200);
                        assert_eq!(send("GET", "/nowhere", ""), 404);
                    }
                    count
                })
            })
            .collect();
        for version in 1..30 {
            replace(&hosted, &versions[version % 2]);
        }
        is_over.store(true, Ordering::Relaxed);
        let counts: Vec<usize> = clients.into_iter().map(|client| client.join().expect("no request failed")).collect();
        for (session, count) in made.iter().zip(counts) {
            let (_, found) = hosted.control("GET", &format!("/sessions/{session}"), Value::Null);
            assert_eq!(found["records"], count + 1, "no record is lost");
        }
    });
}
