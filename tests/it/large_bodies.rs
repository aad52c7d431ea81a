//! Large bodies are validated before their session is locked, with the same result as small ones.

use std::time::Duration;

use serde_json::{Value, json};
use standin::quirks::Profile;
use standin::request::{Checking, Settings};

use crate::request_gen::{body, target};
use crate::served::Served;
use crate::vocabulary::{ENGINE, Mock, mock, mock_set};

/// The same body with so much space after it that it is large.
fn enlarged(body: &Value) -> String {
    format!("{body}{}", " ".repeat(20_000))
}

/// A body that has to be coerced, or is invalid: its numbers are texts, and its texts are lists.
fn with_other_types(body: &Value) -> Value {
    match body {
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| (name.clone(), with_other_types(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(list) => list.iter().map(with_other_types).collect(),
        Value::Number(number) => number.to_string().into(),
        Value::String(text) if text.len() % 3 == 0 => json!([text]),
        other => other.clone(),
    }
}

fn compare(mock: &Mock, bodies_of: fn(Value) -> Vec<Value>) -> usize {
    let mut rejected = 0;
    for operation in ENGINE.contract().operations.iter().filter(|operation| operation.body.is_some()) {
        for body in bodies_of(body(operation)) {
            let send = |text: &str| {
                let token = format!("Bearer {}", mock.credentials.token("staff").expect("a token"));
                let headers = [("content-type", "application/json"), ("authorization", token.as_str())];
                let target = format!("/api2{}", target(operation));
                mock.fork().send(operation.method.as_str(), &target, &headers, text)
            };
            let (small, large) = (send(&body.to_string()), send(&enlarged(&body)));
            assert_eq!((small.status, &small.body), (large.status, &large.body), "{}: {body}", operation.key);
            assert_eq!(small.quirks(), large.quirks(), "{}: {body}", operation.key);
            rejected += usize::from(small.status >= 400);
        }
    }
    rejected
}

#[test]
fn large_body_gets_the_response_of_the_same_small_body() {
    let rejected = compare(&mock(Profile::Observed), |valid| vec![with_other_types(&valid), valid]);
    assert!(rejected > 50, "{rejected} bodies are invalid");
    compare(&mock_set(Settings { checking: Checking::Documented, ..Settings::default() }), |_| vec![json!({"uid": 7})]);
}

const BOATS: &str = "
openapi: 3.0.3
paths:
  /boats:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}
      responses: {'201': {content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}}
components:
  schemas:
    Boat: {type: object, properties: {id: {type: string}, length: {type: integer}, others: {type: array, items: {type: integer}}}}
";

#[test]
fn others_use_the_session_while_a_body_is_validated_and_their_changes_count() {
    let served = Served::new(BOATS, Settings::default());
    let text = json!({"length": "7", "others": vec!["8"; 200_000]}).to_string();
    let set = |checking| served.session.change(|state| state.settings.checking = checking);
    std::thread::scope(|scope| {
        let posted = scope.spawn(|| served.post("/boats", &text).status);
        std::thread::sleep(Duration::from_millis(30));
        set(Checking::Documented);
        assert!(!posted.is_finished(), "the session was not locked meanwhile");
        assert_eq!(posted.join().expect("no panic"), served.post("/boats", r#"{"length": "7"}"#).status);
    });
    set(Checking::Lenient);
    let accepted = served.post("/boats", &text);
    assert_eq!((accepted.status, &accepted.json()["length"]), (201, &json!(7)), "texts are coerced");
}
