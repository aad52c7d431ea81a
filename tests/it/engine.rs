//! The engine: every operation responds, equal requests get equal bytes, and no request breaks it.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::{Value, json};
use standin::model::FieldValue;
use standin::openapi::{Operation, Shape};
use standin::quirks::{Profile, Selection, Stage};
use standin::request::{Checking, ErrorKind, Reply, Response, Settings, ShapedWriter, UnknownIds};

use crate::request_gen::{body, target};
use crate::vocabulary::{
    CLIENT, CLIENT_PACKAGE, ENGINE, MATTER, Mock, PACKAGE, Seen, has_handler, mock, mock_as_documented, mock_set,
    mock_with, mock_with_running_clock, observed,
};

/// Operations that succeed only after others; the tests of their handlers cover them.
const AFTER_SOMETHING_ELSE: [&str; 4] = [
    "POST /platform/v1/payment/client_packages/update_usage",
    "POST /platform/v1/clients/payment/client_packages/update_usage",
    "GET /platform/v1/clients/payment/client_packages/validate",
    "PUT /platform/v1/payment/client_packages/cancel_redemption",
];

#[test]
fn every_operation_responds_with_its_documented_success_in_the_documented_form() {
    let answer = Settings { unknown_ids: UnknownIds::Example, ..Settings::default() };
    let mut wrong = Vec::new();
    for operation in &ENGINE.contract().operations {
        if AFTER_SOMETHING_ELSE.contains(&&*operation.key) {
            continue;
        }
        let seen = mock_set(answer).plausible(operation);
        let mut found = not_as_documented(operation, &seen);
        if !found.is_empty() && !seen.quirks().is_empty() {
            // A quirk departs from the contract: check the response without quirks.
            found = not_as_documented(operation, &mock_as_documented(answer).plausible(operation));
        }
        wrong.extend(found);
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn not_as_documented(operation: &Operation, seen: &Seen) -> Vec<String> {
    let mut wrong = Vec::new();
    if !(200..400).contains(&seen.status) || !operation.responses.contains(seen.status) {
        return vec![format!("{} answers {}: {}", operation.key, seen.status, seen.body)];
    }
    let Some(media) = operation.responses.get(seen.status).and_then(|response| response.first()) else { return wrong };
    match &media.schema {
        Some(schema) => {
            let broken = schema.violations(&seen.body).into_iter().filter(|violation| violation.rule != "format");
            wrong.extend(broken.map(|violation| format!("{}: {violation:?}", operation.key)));
        }
        None if media.is_json() => {
            let place = format!("{} at ", operation.key);
            same_form(media.sample().expect("an example"), &seen.body, &place, &mut wrong);
        }
        None => {}
    }
    wrong
}

/// Checks that every name of the example is present with the JSON type of the example, and that a handler adds no other
/// names; `null` and empty lists match everything.
fn same_form(example: &Value, seen: &Value, place: &str, wrong: &mut Vec<String>) {
    let own = place.split_once(" at").is_some_and(|(key, _)| {
        ENGINE.contract().operations.iter().any(|operation| *operation.key == *key && has_handler(operation))
    });
    match (example, seen) {
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(example), Value::Object(seen)) => {
            for (name, part) in example {
                let is_on_request = name == "items" && place.contains("/packages ");
                match seen.get(name) {
                    Some(found) => same_form(part, found, &format!("{place}/{name}"), wrong),
                    None if is_on_request || !own => {}
                    None => wrong.push(format!("{place} has no {name}")),
                }
            }
            if own && !seen.keys().all(|name| example.contains_key(name) || is_shown_by_quirk(name)) {
                wrong.push(format!("{place} has more than is documented: {seen:?}"));
            }
        }
        (Value::Array(example), Value::Array(seen)) => {
            for (number, found) in seen.iter().enumerate() {
                let like = example.get(number).filter(|_| !own).or_else(|| example.first());
                if let Some(like) = like {
                    same_form(like, found, &format!("{place}/{number}"), wrong);
                }
            }
        }
        _ if std::mem::discriminant(example) == std::mem::discriminant(seen) => {}
        // Some examples have numbers where ids are text, and elements of several types.
        (Value::Number(_), Value::String(_)) if place.ends_with("id") => {}
        (_, Value::Object(_)) if !own => {}
        _ => wrong.push(format!("{place}: {example} and {seen}")),
    }
}

/// Whether a quirk shows the name in responses although the contract does not have it.
fn is_shown_by_quirk(name: &str) -> bool {
    let mut effects = ENGINE.quirks().iter().filter_map(|quirk| quirk.effect.as_ref());
    effects.any(|effect| effect.stage() == Stage::Transform && effect.describe().contains(name))
}

#[test]
fn error_statuses_are_documented_or_common_client_errors() {
    let mut wrong = Vec::new();
    for operation in &ENGINE.contract().operations {
        for (token, sent) in [("directory", body(operation)), ("staff", body(operation)), ("staff", json!({}))] {
            let target = format!("/api2{}", target(operation).replace(CLIENT, "n0such0client000"));
            let seen = observed().call(token, operation.method.as_str(), &target, sent);
            let documented =
                operation.responses.contains(seen.status) || matches!(seen.status, 400 | 401 | 403 | 404 | 422);
            if seen.status >= 300 && !documented {
                wrong.push(format!("{} answers {}: {}", operation.key, seen.status, seen.body));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn workflow(mock: &Mock) -> Vec<Vec<u8>> {
    let mut seen = Vec::new();
    for number in 0..5 {
        let client = mock.staff("POST", "/platform/v1/clients", json!({"first_name": format!("C{number}")}));
        let id = client.text("/data/client/id");
        let made =
            mock.staff("POST", "/platform/v1/payment/client_packages", json!({"client_id": id, "package_id": PACKAGE}));
        seen.extend([client.bytes, made.bytes, mock.get("/platform/v1/clients?per_page=100").bytes]);
    }
    seen
}

#[test]
fn equal_seeds_and_requests_give_equal_bytes_on_every_thread() {
    let told = workflow(&observed());
    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(|| workflow(&observed()))).collect();
    for thread in threads {
        assert_eq!(thread.join().expect("no panic"), told);
    }
    assert_ne!(workflow(&mock_with(&Selection::default(), Some(1))), told);
}

#[test]
fn operation_without_example_responds_with_a_body_generated_from_its_schema() {
    let document = json!({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/things": {"get": {"responses": {"200": {
        "description": "ok",
        "content": {"application/json": {"schema": {"type": "object", "required": ["uid"], "properties": {"uid": {"type": "string"}}}}},
    }}}}}});
    let text = standin::diagnostics::SourceFile::new("things.json", document.to_string());
    let folder = standin::openapi::ApiFolder { contracts: vec![text], ..standin::openapi::ApiFolder::embedded() };
    let engine = standin::pipeline::Engine::new(&folder).expect("right");
    let mock = observed();
    let token = format!("Bearer {}", mock.credentials.token("staff").expect("a token"));
    let ask = || standin::request::Request {
        method: http::Method::GET,
        path: "/things".into(),
        query: None,
        headers: http::HeaderMap::from_iter([(http::header::AUTHORIZATION, token.parse().expect("a value"))]),
        body: Default::default(),
        at: crate::vocabulary::noon(),
    };
    let (one, other) = (engine.answer(&mock.session, &ask()), engine.answer(&mock.session, &ask()));
    let body: Value = serde_json::from_slice(&one.body).expect("JSON");
    assert_eq!(body["uid"].as_str().map(str::len), Some(16), "{body}");
    assert_eq!(one.body, other.body);
}

#[test]
fn path_parameters_are_checked_by_name_not_by_order_of_declaration() {
    let declared =
        |name: &str, kind: &str| json!({"name": name, "in": "path", "required": true, "schema": {"type": kind}});
    let document = json!({"openapi": "3.0.3", "paths": {"/things/{kind}/{number}": {
        "parameters": [declared("kind", "boolean")],
        "get": {"parameters": [declared("number", "integer")], "responses": {"204": {"description": "ok"}}},
    }}});
    let text = standin::diagnostics::SourceFile::new("things.json", document.to_string());
    let folder = standin::openapi::ApiFolder { contracts: vec![text], ..standin::openapi::ApiFolder::embedded() };
    let engine = standin::pipeline::Engine::new(&folder).expect("right");
    let settings = Settings { checking: Checking::Documented, unknown_ids: UnknownIds::Example };
    let mock = mock_set(settings);
    let status = |path: &str| {
        let (path, at) = (path.into(), crate::vocabulary::noon());
        let (headers, body) = Default::default();
        let call = standin::request::Request { method: http::Method::GET, path, query: None, headers, body, at };
        engine.answer(&mock.session, &call).status.as_u16()
    };
    assert_eq!((status("/things/true/7"), status("/things/7/true")), (204, 422));
}

#[test]
fn reset_restores_the_initial_state_and_its_ids() {
    let mock = observed();
    let first = workflow(&mock);
    mock.session.reset();
    assert_eq!(workflow(&mock), first);
}

#[test]
fn concurrent_requests_in_one_session_lose_no_records() {
    let mock = Arc::new(observed());
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let mock = Arc::clone(&mock);
            std::thread::spawn(move || {
                (0..25)
                    .map(|number| {
                        let made = mock.staff(
                            "POST",
                            "/platform/v1/clients",
                            json!({"first_name": format!("{thread}/{number}")}),
                        );
                        made.expect(201).text("/data/client/id")
                    })
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut ids: Vec<String> = threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect();
    for id in &ids {
        mock.get(&format!("/platform/v1/clients/{id}")).expect(200);
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 100);
}

#[test]
fn malformed_json_is_400_in_the_dialect_of_the_path() {
    let mock = observed();
    let token = format!("Bearer {}", mock.credentials.token("staff").expect("a token"));
    let deep = "[".repeat(100_000);
    for bad in ["{", "not json", "\u{0}", "{\"a\":1}{", deep.as_str()] {
        let seen = mock.send("POST", "/api2/platform/v1/clients", &[("authorization", &token)], bad).expect(400);
        assert_eq!(seen.text("/status"), "Error");
    }
    let seen = mock
        .send(
            "PUT",
            &format!("/api2/business/payments/v1/client_packages/{CLIENT_PACKAGE}"),
            &[("authorization", &token)],
            "{",
        )
        .expect(400);
    assert_eq!(seen.at("/success"), false);
}

#[test]
fn bodies_of_wrong_types_are_rejected_without_server_errors() {
    let mock = mock(Profile::Documented);
    for odd in [
        json!([]),
        json!("x"),
        json!(7),
        json!(true),
        json!({"client_package": 7}),
        json!({"package": []}),
        json!({"items": {"0": 1}}),
    ] {
        for operation in ENGINE.contract().operations.iter().filter(|operation| operation.body.is_some()) {
            let seen = mock.staff(operation.method.as_str(), &target(operation), odd.clone());
            assert!(seen.status < 500, "{} {odd}: {}", operation.key, seen.body);
        }
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop_oneof![Just(CLIENT), Just(PACKAGE), Just(MATTER), Just("2026-02-08"), Just("120.0"), Just("")]
            .prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    let names = prop_oneof![
        Just("client_id"),
        Just("package_id"),
        Just("price"),
        Just("valid_from"),
        Just("valid_until"),
        Just("conversation_id"),
        Just("client_package"),
        Just("package"),
        Just("booking_credits"),
        Just("items"),
        Just("services"),
        Just("products"),
        Just("id"),
        Just("total_bookings"),
        Just("expiration"),
        Just("expiration_unit"),
        Just("first_name"),
        Just("staff_id"),
        Just("email"),
        Just("opt_in"),
        Just("force_nullifying"),
        Just("tags"),
        Just("0"),
    ];
    leaf.prop_recursive(4, 40, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..8)
                .prop_map(|pairs| pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Value>()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_body_causes_a_panic_or_a_server_error(sent in json_value(), path in "[a-z0-9/%{}.]{0,30}", query in ".{0,30}") {
        let mock = observed();
        for operation in &ENGINE.contract().operations {
            let seen = mock.staff(operation.method.as_str(), &target(operation), sent.clone());
            prop_assert!(seen.status < 500, "{} {}: {}", operation.key, sent, seen.body);
        }
        let seen = mock.staff("GET", &format!("/{path}?{query}"), Value::Null);
        prop_assert!(seen.status < 500);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reply_built_as_a_value_is_written_like_a_reply_written_directly(example in json_value(), sent in json_value()) {
        let shape = Shape::of(&json!({"part": example}));
        let reply = Reply::empty().and("part", FieldValue::from(&sent));
        let mut text = Vec::new();
        ShapedWriter::write(&mut text, &shape, &reply, &TimeZone::UTC);
        let value = ShapedWriter::build(&shape, &reply, &TimeZone::UTC);
        prop_assert_eq!(String::from_utf8(text).expect("UTF-8"), value.to_string());
    }
}

#[test]
fn response_meta_has_what_the_headers_say() {
    let mock = observed();
    let token = format!("Bearer {}", mock.credentials.token("staff").expect("a token"));
    let respond = |method: &str, path: &str, body: &str| {
        ENGINE.answer(
            &mock.session,
            &standin::request::Request {
                method: method.parse().expect("a method"),
                path: path.into(),
                query: None,
                headers: http::HeaderMap::from_iter([(http::header::AUTHORIZATION, token.parse().expect("a value"))]),
                body: body.to_owned().into(),
                at: crate::vocabulary::noon(),
            },
        )
    };
    let header = |response: &Response, name: &str| {
        let found = response.headers.iter().find(|(known, _)| known == name);
        found.and_then(|(_, value)| value.to_str().ok()).map(str::to_owned)
    };
    let operation =
        |response: &Response| response.meta.operation.map(|index| &*ENGINE.contract().operations[index].key);
    let path = format!("/api2/business/payments/v1/client_packages/{CLIENT_PACKAGE}");
    for _ in ["made", "cached"] {
        let success = respond("GET", &path, "");
        assert_eq!(operation(&success), Some("GET /business/payments/v1/client_packages/{uid}"));
        let ids = ENGINE.quirks().ids(&success.meta.quirks).join(", ");
        assert_eq!(header(&success, "x-standin-quirks"), Some(ids));
        assert_eq!(success.meta.error, None);
    }
    let invalid = respond("POST", "/api2/platform/v1/clients", "{");
    let error = invalid.meta.error.as_ref().expect("an error");
    assert_eq!((error.kind, operation(&invalid)), (ErrorKind::Malformed, Some("POST /platform/v1/clients")));
    assert_eq!(error.violation.as_ref().map(|violation| violation.rule.as_str()), Some("syntax"));
    assert_eq!(header(&invalid, "x-standin-refused"), Some(error.to_string()));
    let unknown = respond("GET", "/api2/platform/v1/client", "");
    let error = unknown.meta.error.as_ref().expect("an error");
    assert_eq!((error.kind, operation(&unknown)), (ErrorKind::NoRoute, None));
    assert_eq!(header(&unknown, "x-standin-nearest"), error.nearest);
    assert_eq!(header(&unknown, "x-standin-refused"), None);
}

#[test]
fn cached_responses_are_valid_until_a_change_or_the_end_of_the_day() {
    let mock = mock_with_running_clock();
    let staff = format!("Bearer {}", mock.credentials.token("staff").expect("a token"));
    let at = |time: &str| time.parse::<Timestamp>().expect("a time");
    let list = "/api2/business/payments/v1/payment_requests?filter[state][in]=OVERDUE";
    let overdue = |time| mock.send_at(at(time), "GET", list, &[("authorization", &staff)], "");
    let count = |seen: &Seen| seen.at("/data/payment_requests").as_array().expect("a list").len();
    let (evening, late) = (overdue("2026-02-08T20:00:00Z"), overdue("2026-02-08T23:59:59Z"));
    assert_eq!(evening.bytes, late.bytes);
    // What is due on the 10th is overdue on the 11th, in every time zone.
    let next = overdue("2026-03-30T00:00:00Z");
    assert!(count(&next) > count(&late), "{} and {}", count(&next), count(&late));
    // A clock that is set back shows the earlier state.
    assert_eq!(overdue("2026-02-08T21:00:00Z").bytes, evening.bytes);
    // A change is visible at once, and gone after a reset.
    let client = format!("/api2/platform/v1/clients/{CLIENT}");
    let name = |seen: Seen| seen.text("/data/client/first_name");
    let before = name(mock.staff("GET", &format!("/platform/v1/clients/{CLIENT}"), Value::Null));
    mock.staff("PUT", &format!("/platform/v1/clients/{CLIENT}"), json!({"first_name": "Zoe"})).expect(200);
    assert_eq!(name(mock.send("GET", &client, &[("authorization", &staff)], "")), "Zoe");
    mock.session.reset();
    assert_eq!(name(mock.send("GET", &client, &[("authorization", &staff)], "")), before);
    // A request with another token is not served from the cache.
    mock.send("GET", &client, &[("authorization", "Bearer nobody")], "").expect(401);
}
