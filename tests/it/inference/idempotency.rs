//! Requests that are sent again with their idempotency key.

use serde_json::json;

use super::{api, documented_only, each};
use crate::served::{Received, Served};

const BOATS: &str = "
openapi: 3.0.3
paths:
  /boats:
    get: {responses: {'200': {content: {application/json: {schema: {type: array, items: &boat {type: object, properties: {id: {type: string}, name: {type: string}}}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}}}
      responses: {'201': {content: {application/json: {schema: *boat}}}}
  /boats/{id}:
    get: {responses: {'200': {content: {application/json: {schema: *boat}}}}}
    put:
      parameters: [{name: X-Idempotency-Key, in: header, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: *boat}}}
      responses: {'200': {content: {application/json: {schema: *boat}}}}
";

fn send(served: &Served, method: &str, target: &str, headers: &[(&str, &str)], name: &str) -> Received {
    let headers = [&[("content-type", "application/json")], headers].concat();
    served.send(method, target, &headers, &json!({"name": name}).to_string())
}

fn post(served: &Served, key: &str, name: &str) -> Received {
    send(served, "POST", "/boats", &[("idempotency-key", key)], name)
}

#[test]
fn the_same_request_with_the_same_key_gets_the_stored_response() {
    let served = api(BOATS);
    let (first, again) = (post(&served, "k1", "Ann"), post(&served, "k1", "Ann"));
    assert_eq!((first.status, &first.text), (201, &again.text));
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    assert_ne!(post(&served, "k2", "Ann").text, first.text, "another key is another request");
    let other = send(&served, "POST", "/boats", &[("idempotency-key", "k1"), ("authorization", "Bearer b")], "Ann");
    assert_ne!(other.text, first.text, "another caller has keys of its own");
    assert_eq!(each(&served.get("/boats").json(), "name"), ["Ann", "Ann", "Ann"]);
    served.session.reset();
    assert_eq!(post(&served, "k1", "Bea").status, 201, "a reset forgets keys");
}

#[test]
fn another_body_with_the_same_key_is_rejected() {
    let served = api(BOATS);
    post(&served, "k1", "Ann");
    assert_eq!(post(&served, "k1", "Bea").status, 422);
    assert_eq!(each(&served.get("/boats").json(), "name"), ["Ann"]);
}

#[test]
fn a_rejected_request_does_not_use_up_its_key() {
    let served = api(BOATS);
    let key = [("content-type", "application/json"), ("idempotency-key", "k1")];
    assert_eq!(served.send("POST", "/boats", &key, "{}").status, 422);
    assert_eq!(post(&served, "k1", "Ann").status, 201);
}

#[test]
fn other_methods_have_keys_where_the_contract_documents_the_header() {
    let served = api(BOATS);
    let id = post(&served, "k1", "Ann").json()["id"].as_str().expect("an id").to_owned();
    let path = format!("/boats/{id}");
    let put = |header: &str, name: &str| send(&served, "PUT", &path, &[(header, "k1")], name).status;
    assert_eq!((put("x-idempotency-key", "Bea"), put("x-idempotency-key", "Cleo")), (200, 422));
    assert_eq!((put("idempotency-key", "Dora"), put("idempotency-key", "Eva")), (200, 200));
}

#[test]
fn the_oldest_keys_are_forgotten() {
    let served = api(BOATS);
    let keys: Vec<String> = (0..1001).map(|number| format!("k{number}")).collect();
    let first: Vec<String> = keys.iter().map(|key| post(&served, key, "Ann").text).collect();
    assert_eq!(post(&served, "k1000", "Ann").text, first[1000]);
    assert_ne!(post(&served, "k0", "Ann").text, first[0]);
}

#[test]
fn keys_have_no_meaning_where_only_documented_behaviour_counts() {
    let served = documented_only(BOATS);
    assert_ne!(post(&served, "k1", "Ann").text, post(&served, "k1", "Ann").text);
}
