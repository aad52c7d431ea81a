//! Callbacks and webhooks of a contract that is not ours, sent by effects.

use serde_json::{Value, json};
use standin::diagnostics::SourceFile;
use standin::openapi::ApiFolder;
use standin::pipeline::Engine;
use standin::request::Settings;

use crate::cli::standin;
use crate::served::Served;

const CONTRACT: &str = r##"
openapi: 3.1.0
info: {title: Payments, version: "1"}
paths:
  /payments:
    post:
      parameters: [{name: X-Hook, in: header, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Payment"}}}}
      responses: {"201": {description: Created, content: {application/json: {schema: {$ref: "#/components/schemas/Payment"}}}}}
      callbacks:
        onPaid:
          "{$request.body#/callbackUrl}/paid?amount={$request.body#/amount}":
            post: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Paid"}}}}, responses: {"204": {description: Seen}}}
        onHeader: {$ref: "#/components/callbacks/OnHeader"}
        onAnswer: {"{$response.body#/url}": {post: {responses: {"204": {description: Seen}}}}}
  /payments/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    patch:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Payment"}}}}
      responses: {"200": {description: Changed, content: {application/json: {schema: {$ref: "#/components/schemas/Payment"}}}}}
    delete: {responses: {"204": {description: Deleted}}}
  /subscriptions:
    post:
      parameters: [{name: url, in: query, required: true, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Subscription"}}}}
      responses: {"201": {description: Created, content: {application/json: {schema: {$ref: "#/components/schemas/Subscription"}}}}}
      callbacks:
        onLarge: {"$request.query.url": {put: {responses: {"204": {description: Seen}}}}}
  /subscriptions/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    delete: {responses: {"204": {description: Deleted}}}
webhooks:
  paymentGone:
    post: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Paid"}}}}, responses: {"204": {description: Seen}}}
components:
  callbacks:
    OnHeader: {"{$request.header.X-Hook}": {post: {responses: {"204": {description: Seen}}}}}
  schemas:
    Payment: {type: object, properties: {id: {type: string}, amount: {type: number}, state: {type: string}, callbackUrl: {type: string}}}
    Subscription: {type: object, properties: {id: {type: string}, least: {type: number}}}
    Paid: {type: object, required: [payment, state], properties: {payment: {type: string}, state: {type: string, enum: [open, paid]}}}
"##;

const RESOURCES: &str = r#"
payment:
  plural: payments
  fields: {amount: decimal, state: {type: text, default: open}, callbackUrl: text}
  effects:
    - {on: create, notify: {callback: onHeader, payload: "{'payment': record.id}"}}
    - {on: create, when: record.amount > 100, notify: {callback: onLarge, where: target.least <= record.amount, payload: record}}
    - {on: update, notify: {callback: onPaid, payload: "{'payment': record.id, 'state': record.state}"}}
    - {on: delete, notify: {webhook: paymentGone, to: "'http://localhost/gone'", payload: "{'payment': record.id, 'state': 'paid'}"}}
subscription:
  plural: subscriptions
  fields: {least: decimal}
"#;

fn folder(resources: &str) -> ApiFolder {
    ApiFolder {
        contracts: vec![SourceFile::new("payments.yaml", CONTRACT)],
        resources: vec![SourceFile::new("payments.resources.yaml", resources)],
        ..ApiFolder::default()
    }
}

fn served() -> Served {
    Served::of(&folder(RESOURCES), Settings::default())
}

fn mistake(notify: &str) -> String {
    let effect = format!("payment:\n  plural: payments\n  effects:\n    - {{on: update, notify: {notify}}}\n");
    Engine::new(&folder(&effect)).err().expect("a mistake").to_string()
}

/// Sends a request with a JSON body. Returns the response.
fn send(served: &Served, method: &str, target: &str, body: &Value) -> Value {
    let received = served.send(method, target, &[("content-type", "application/json")], &body.to_string());
    assert!(received.status < 300, "{}", received.text);
    if received.text.is_empty() { Value::Null } else { received.json() }
}

fn create(served: &Served, body: &Value) -> String {
    send(served, "POST", "/payments", body)["id"].as_str().expect("an id").to_owned()
}

/// The messages of the last request: event, method, URL, and how the body differs from the contract.
fn sent(served: &Served) -> Vec<(String, String, String, Option<String>)> {
    let entries = served.session.entries(0);
    let deliveries = entries.last().expect("a request").deliveries.iter();
    let sent = deliveries.map(|delivery| {
        let sent = &delivery.notification;
        (sent.event.clone(), sent.method.to_string(), sent.url.clone(), sent.violation.clone())
    });
    sent.collect()
}

fn message(event: &str, method: &str, url: &str) -> (String, String, String, Option<String>) {
    (event.to_owned(), method.to_owned(), url.to_owned(), None)
}

#[test]
fn callback_is_sent_to_the_url_of_the_request_that_created_the_record() {
    let served = served();
    let first = create(&served, &json!({"amount": 5, "callbackUrl": "http://localhost/a"}));
    let second = create(&served, &json!({"amount": 6}));
    send(&served, "PATCH", &format!("/payments/{first}"), &json!({"state": "paid"}));
    assert_eq!(sent(&served), [message("onPaid", "POST", "http://localhost/a/paid?amount=5")]);
    send(&served, "PATCH", &format!("/payments/{second}"), &json!({"state": "paid"}));
    assert_eq!(sent(&served), [], "its request had no URL");
}

#[test]
fn callback_can_follow_the_request_that_has_its_url() {
    let served = served();
    let headers = [("content-type", "application/json"), ("x-hook", "http://localhost/header")];
    assert_eq!(served.send("POST", "/payments", &headers, r#"{"amount": 1}"#).status, 201);
    assert_eq!(sent(&served), [message("onHeader", "POST", "http://localhost/header")]);
}

#[test]
fn callback_of_another_kind_is_sent_to_all_subscribers_that_a_condition_selects() {
    let served = served();
    let subscribe =
        |url: &str, least: u32| send(&served, "POST", &format!("/subscriptions?url={url}"), &json!({"least": least}));
    let small = subscribe("http://localhost/small", 50);
    subscribe("http://localhost/large", 500);
    create(&served, &json!({"amount": 200}));
    assert_eq!(sent(&served), [message("onLarge", "PUT", "http://localhost/small")]);
    create(&served, &json!({"amount": 600}));
    assert_eq!(sent(&served).len(), 2);
    send(&served, "DELETE", &format!("/subscriptions/{}", small["id"].as_str().expect("an id")), &Value::Null);
    create(&served, &json!({"amount": 600}));
    assert_eq!(sent(&served), [message("onLarge", "PUT", "http://localhost/large")], "the other one has ended");
}

#[test]
fn webhook_is_sent_to_the_url_of_the_effect() {
    let served = served();
    let id = create(&served, &json!({"amount": 1}));
    send(&served, "DELETE", &format!("/payments/{id}"), &Value::Null);
    assert_eq!(sent(&served), [message("paymentGone", "POST", "http://localhost/gone")]);
}

#[test]
fn payload_that_differs_from_the_contract_is_noted_in_the_journal() {
    let served = served();
    let id = create(&served, &json!({"amount": 1, "callbackUrl": "http://localhost"}));
    send(&served, "PATCH", &format!("/payments/{id}"), &json!({"state": "lost"}));
    let violations: Vec<Option<String>> = sent(&served).into_iter().map(|(_, _, _, violation)| violation).collect();
    let violation = violations[0].as_deref().expect("a violation");
    assert!(violation.starts_with("/state: "), "{violation}");
}

#[test]
fn rejected_request_leaves_no_url() {
    let rules = "  rules: [{reject: record.amount < 0, message: Negative}]\n  effects:";
    let resources = RESOURCES.replacen("  effects:", rules, 1);
    let served = Served::of(&folder(&resources), Settings::default());
    let body = json!({"amount": -1, "callbackUrl": "http://localhost/a"}).to_string();
    let before = served.session.state().revision();
    assert_eq!(served.send("POST", "/payments", &[("content-type", "application/json")], &body).status, 422);
    let state = served.session.state();
    assert_eq!(state.store.kinds().count(), 0, "no record, also none of the engine's own");
    assert_eq!(state.revision(), before);
}

#[test]
fn wrong_callbacks_are_reported_with_line_and_what_to_write() {
    insta::assert_snapshot!(mistake("{callback: onPayd, payload: record}"), @"payments.resources.yaml:4:39: unknown callback `onPayd` (did you mean `onPaid`?)");
    insta::assert_snapshot!(mistake("{webhook: onPaid, to: record.id, payload: record}"), @"payments.resources.yaml:4:38: unknown webhook `onPaid` (known here: paymentGone)");
    insta::assert_snapshot!(mistake("{webhook: paymentGone, payload: record}"), @"payments.resources.yaml:4:28: `notify` has no `to` (add `to: …`)");
    insta::assert_snapshot!(mistake("{callback: onAnswer, payload: record}"), @"payments.resources.yaml:4:39: no request has the URL of the callback `onAnswer`: {$response.body#/url} (add `to` with the URL)");
    insta::assert_snapshot!(mistake("{event: paid, callback: onPaid, payload: record}"), @"payments.resources.yaml:4:36: `notify` needs only one of `event`, `callback` and `webhook` (remove the others)");
    insta::assert_snapshot!(mistake("{event: paid, where: 'true', payload: record}"), @"payments.resources.yaml:4:49: `id` and `where` choose among the requests of a callback (write `callback: NAME`, or only `to`)");
    insta::assert_snapshot!(mistake("{callback: onPaid, to: record.id, id: record.id, payload: record}"), @"payments.resources.yaml:4:28: a callback has only one of `to`, `id` and `where` (remove the others)");
}

#[test]
fn explain_shows_which_operation_has_the_url_of_a_callback_and_what_sends_it() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("payments.yaml"), CONTRACT).expect("written");
    std::fs::write(dir.path().join("payments.resources.yaml"), RESOURCES).expect("written");
    let output = standin(&["explain", "resource", "payment", "--swagger", &dir.path().to_string_lossy()]);
    let text = String::from_utf8_lossy(&output.stdout);
    for line in [
        "    the callback onHeader is sent to {$request.header.X-Hook}\n",
        "  update: sends the callback onPaid to the URL of the request\n",
        "  delete: sends the webhook paymentGone to 'http://localhost/gone'\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
}
