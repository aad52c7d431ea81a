use serde_json::{Value, json};

use super::{Hosted, embedded};
use crate::vocabulary::{CLIENT, noon, request};

#[test]
fn records_are_created_read_replaced_and_deleted() {
    let hosted = Hosted::orders();
    let (status, made) =
        hosted.control("POST", "/sessions/a/records/order", json!({"id": "o1", "item": "tea", "count": 2}));
    assert_eq!((status, &made["item"]), (201, &json!("tea")), "{made}");
    assert_eq!(hosted.in_session("a", "GET", "/orders/o1", "").json()["count"], 2);
    assert_eq!(hosted.control("POST", "/sessions/a/records/order", json!({"id": "o1"})).0, 409);
    let (_, listed) = hosted.control("GET", "/sessions/a/records/order", Value::Null);
    assert_eq!(listed["records"].as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!(hosted.control("PUT", "/sessions/a/records/order/o1", json!({"item": "cup"})).0, 200);
    let (_, read) = hosted.control("GET", "/sessions/a/records/order/o1", Value::Null);
    assert_eq!(
        (&read["item"], &read["count"]),
        (&json!("cup"), &Value::Null),
        "a replaced record has only what was sent"
    );
    assert_eq!(hosted.control("PUT", "/sessions/a/records/order/o2", json!({"item": "pot"})).0, 201);
    assert_eq!(hosted.control("GET", "/sessions/a/records/order/o2", Value::Null).1["item"], "pot");
    assert_eq!(hosted.control("DELETE", "/sessions/a/records/order/o2", Value::Null).0, 204);
    assert_eq!(hosted.in_session("a", "GET", "/orders/o2", "").status, 404);
    assert_eq!(hosted.control("DELETE", "/sessions/a/records/order/o2", Value::Null).0, 404);
}

#[test]
fn a_record_without_an_id_gets_a_new_one() {
    let hosted = Hosted::orders();
    let create = || hosted.control("POST", "/sessions/a/records/order", json!({"item": "tea"}));
    let ((status, one), (_, other)) = (create(), create());
    assert_eq!(status, 201);
    assert_ne!(one["id"], other["id"]);
    assert!(one["id"].is_string(), "{one}");
}

#[test]
fn a_record_is_checked_as_those_of_a_scenario_and_a_wrong_one_changes_nothing() {
    let hosted = embedded();
    let before = hosted.control("GET", "/sessions/default/records/client", Value::Null).1;
    let wrong = json!({"first_name": "Ada", "staff_id": "nobody0123456789", "hair": "red"});
    let (status, problem) = hosted.control("POST", "/sessions/default/records/client", wrong);
    assert_eq!(status, 400, "{problem}");
    let pointers: Vec<&str> =
        problem["errors"].as_array().expect("a list").iter().filter_map(|error| error["pointer"].as_str()).collect();
    assert!(pointers.contains(&"/hair"), "{problem}");
    assert_eq!(hosted.control("GET", "/sessions/default/records/client", Value::Null).1, before);
    let path = format!("/sessions/default/records/client/{CLIENT}");
    let (status, problem) = hosted.control("PUT", &path, json!({"id": "another"}));
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (400, Some("/id")), "{problem}");
}

#[test]
fn an_unknown_kind_is_rejected_with_a_similar_one() {
    let hosted = Hosted::orders();
    let (status, problem) = hosted.control("GET", "/sessions/default/records/orders", Value::Null);
    assert_eq!(status, 404);
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("`order`")), "{problem}");
}

#[test]
fn credentials_of_records_are_hidden() {
    let hosted = Hosted::orders();
    let secret = "sk_live_4eC39HqLyjWDarjtT1zdp7dc";
    let (_, made) = hosted.control("POST", "/sessions/a/records/order", json!({"item": "tea", "api_key": secret}));
    assert!(!made.to_string().contains(secret), "{made}");
    let (_, listed) = hosted.control("GET", "/sessions/a/records/order", Value::Null);
    assert!(!listed.to_string().contains(secret), "{listed}");
}

#[test]
fn thousands_of_records_are_written_in_pieces_that_make_one_document() {
    let hosted = Hosted::orders();
    let records: Vec<Value> = (1..=5000).map(|number| json!({"id": number.to_string(), "item": "tea"})).collect();
    let scenario = json!({"scenario": "many", "records": {"orders": records}});
    assert_eq!(hosted.control("PUT", "/sessions/default/snapshot", scenario).0, 200);
    for (target, list) in [
        ("/state", "/records/order"),
        ("/state?kind=order", "/records/order"),
        ("/sessions/default/records/order", "/records"),
    ] {
        let host = [("host", "127.0.0.1:4011")];
        let (first, rest) = hosted.admin.serve(&request(noon(), "GET", target, &host, ""));
        assert!(first.body.len() < 100_000 && rest.is_some(), "{target}: {}", first.body.len());
        let whole = hosted.control("GET", target, Value::Null).1;
        let shown = whole.pointer(list).and_then(Value::as_array).expect("a list");
        let ids: Vec<&str> = shown.iter().filter_map(|record| record["id"].as_str()).collect();
        assert!(ids.len() == 5000 && ids[0] == "1" && ids[4999] == "5000", "{target}: {}", ids.len());
    }
    assert_eq!(hosted.control("GET", "/state?kind=none", Value::Null).1["records"], json!({}));
}

#[test]
fn numbers_with_more_digits_than_a_decimal_holds_are_whole_in_every_list() {
    let hosted = Hosted::orders();
    let digits = "0.1234567890123456789012345678901234567890";
    let body = format!(r#"{{"item": "tea", "exact": {digits}}}"#);
    assert_eq!(hosted.in_session("default", "POST", "/orders", &body).status, 201);
    for target in ["/state", "/sessions/default/records/order", "/sessions/default/snapshot"] {
        let text = hosted.control_at(noon(), "GET", target, &[], "").text;
        assert!(text.contains(digits), "{target}: {text}");
    }
}
