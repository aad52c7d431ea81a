//! What `documented_behaviour_only` in `standin.yaml` switches off.

use serde_json::{Value, json};

use super::{api, documented_only, each, new_id};

const LAMPS: &str = "
openapi: 3.0.3
paths:
  /lamps:
    get: {responses: {'200': {content: {application/json: {examples: {one: {value: [{id: l1, colour: red}]}, two: {value: [{id: l2, colour: blue}]}}}}}}}
    post: {requestBody: &body {content: {application/json: {schema: {type: object, properties: {colour: {type: string}, place: {type: object}, note: {type: string}}}}}}, responses: {'201': &ok {content: {application/json: {example: {id: l1, colour: red, place: {room: hall, wall: west}}}}}}}
  /lamps/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}, example: l9}]
    get: {responses: {'200': *ok}}
    put: {requestBody: *body, responses: {'200': *ok}}
    patch: {requestBody: *body, responses: {'200': *ok}}
  /signals:
    get: {responses: {'200': {content: {application/json: {schema: {type: array, items: &signal {type: object, required: [id], properties: {id: {type: string}, colour: {type: string}}}}}}}}}
    post: {requestBody: *body, responses: {'201': {content: {application/json: {schema: *signal}}}}}
  /signals/{id}:
    get: {responses: {'200': {content: {application/json: {schema: *signal}}}}}
  /blink:
    post: {requestBody: *body, responses: {'200': {content: {application/json: {example: {colour: red, times: 3}}}}}}
";

#[test]
fn responses_have_only_the_members_of_the_example() {
    let sent = r#"{"colour": "green", "note": "new"}"#;
    assert_eq!(api(LAMPS).post("/lamps", sent).json()["note"], "new");
    assert_eq!(documented_only(LAMPS).post("/lamps", sent).json().get("note"), None);
}

#[test]
fn actions_do_not_repeat_what_was_sent() {
    let sent = r#"{"colour": "green"}"#;
    assert_eq!(api(LAMPS).post("/blink", sent).json(), json!({"colour": "green", "times": 3}));
    assert_eq!(documented_only(LAMPS).post("/blink", sent).json(), json!({"colour": "red", "times": 3}));
}

#[test]
fn only_the_first_example_of_a_response_is_a_record() {
    let ids = |served: &crate::served::Served| {
        let listed = served.get("/lamps").json();
        each(&listed, "id").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let (inferred, documented) = (ids(&api(LAMPS)), ids(&documented_only(LAMPS)));
    assert!(inferred.contains(&"l2".to_owned()) && !documented.contains(&"l2".to_owned()));
    assert!(inferred.contains(&"l9".to_owned()) && !documented.contains(&"l9".to_owned()));
}

#[test]
fn a_kind_without_examples_starts_with_a_generated_record() {
    assert_eq!(api(LAMPS).get("/signals").json(), json!([]));
    assert_eq!(documented_only(LAMPS).get("/signals").json().as_array().map(Vec::len), Some(1));
}

#[test]
fn put_merges_and_patch_replaces_objects() {
    for (served, place, colour) in [
        (api(LAMPS), json!({"room": "attic", "wall": "east"}), Value::Null),
        (documented_only(LAMPS), json!({"room": "attic", "wall": null}), json!("green")),
    ] {
        let sent = r#"{"colour": "green", "place": {"room": "hall", "wall": "east"}}"#;
        let path = format!("/lamps/{}", new_id(&served.post("/lamps", sent)));
        served.call("PATCH", &path, r#"{"place": {"room": "attic"}}"#);
        assert_eq!(served.get(&path).json()["place"], place);
        served.call("PUT", &path, r#"{"note": "n"}"#);
        assert_eq!(served.get(&path).json()["colour"], colour);
    }
}

#[test]
fn a_new_id_has_the_form_of_its_own_response_only() {
    let contract = "
openapi: 3.0.3
paths:
  /boats:
    post: {requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {'201': {content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}}}}
  /boats/{id}:
    get: {responses: {'200': {content: {application/json: {schema: {type: object, properties: {id: {type: string, pattern: '^b[0-9]{6}$'}}}}}}}}
";
    let id = |served: crate::served::Served| new_id(&served.post("/boats", "{}"));
    assert_eq!((id(api(contract)).len(), id(documented_only(contract)).len()), (7, 16));
}

#[test]
fn a_documented_link_header_has_its_documented_value() {
    let contract = "
openapi: 3.0.3
paths:
  /boats:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}, {name: page, in: query, schema: {type: integer}}]
      responses: {'200': {headers: {Link: {schema: {type: string, example: 'from the example'}}}, content: {application/json: {example: [{id: b1}, {id: b2}]}}}}
";
    assert!(api(contract).get("/boats?limit=1").header("link").contains("rel=\"next\""));
    assert_eq!(documented_only(contract).get("/boats?limit=1").header("link"), "from the example");
}
