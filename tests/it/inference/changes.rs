//! Changing records: PUT that creates or replaces, PATCH that merges, JSON Patch.

use serde_json::{Value, json};

use super::{api, documented_only, new_id};

const ARTICLES: &str = "
openapi: 3.0.3
paths:
  /articles:
    post: {requestBody: &body {content: {application/vnd.api+json: {schema: &wrapped {type: object, properties: {data: {$ref: '#/components/schemas/Article'}}}}}}, responses: {'201': {content: {application/vnd.api+json: {schema: *wrapped}}}}}
  /articles/{id}:
    get: {responses: {'200': &ok {content: {application/vnd.api+json: {schema: *wrapped}}}}}
    patch: {requestBody: *body, responses: {'200': *ok}}
components:
  schemas:
    Article: {type: object, properties: {id: {type: string}, type: {type: string, enum: [articles]}, attributes: {type: object, properties: {title: {type: string}, text: {type: string}}}}}
";

#[test]
fn patch_merges_the_objects_inside_a_record() {
    let served = api(ARTICLES);
    let kind = [("content-type", "application/vnd.api+json")];
    let sent = r#"{"data": {"type": "articles", "attributes": {"title": "Tides", "text": "High and low."}}}"#;
    let created = served.send("POST", "/articles", &kind, sent).json();
    let path = format!("/articles/{}", created["data"]["id"].as_str().expect("an id"));
    let sent = r#"{"data": {"type": "articles", "attributes": {"title": "Ebb"}}}"#;
    assert_eq!(served.send("PATCH", &path, &kind, sent).status, 200);
    assert_eq!(served.get(&path).json()["data"]["attributes"], json!({"title": "Ebb", "text": "High and low."}));
}

const LAMPS: &str = "
openapi: 3.0.3
paths:
  /lamps:
    post: {requestBody: &body {content: {application/json: {schema: &lamp {$ref: '#/components/schemas/Lamp'}}}}, responses: {'201': &ok {content: {application/json: {schema: *lamp}}}}}
  /lamps/{id}:
    get: {responses: {'200': *ok}}
    put: {requestBody: *body, responses: {'200': *ok}}
    patch: {requestBody: {content: {application/json: {schema: *lamp}, application/merge-patch+json: {schema: *lamp}, application/json-patch+json: {schema: {type: array, items: {type: object}}}}}, responses: {'200': *ok}}
components:
  schemas:
    Lamp: {type: object, properties: {id: {type: string, readOnly: true}, colour: {type: string}, watts: {type: integer}, place: {type: object, additionalProperties: {type: string}}}}
";

fn lamp(served: &crate::served::Served) -> String {
    let created = served.post("/lamps", r#"{"colour": "red", "watts": 5, "place": {"room": "hall", "wall": "west"}}"#);
    format!("/lamps/{}", new_id(&created))
}

#[test]
fn merge_patch_removes_members_that_are_null() {
    let served = api(LAMPS);
    let path = lamp(&served);
    let patched = served.send(
        "PATCH",
        &path,
        &[("content-type", "application/merge-patch+json")],
        r#"{"place": {"wall": null, "shelf": "2"}}"#,
    );
    assert_eq!((patched.status, &patched.json()["colour"]), (200, &json!("red")), "{}", patched.text);
    assert_eq!(served.get(&path).json()["place"], json!({"room": "hall", "shelf": "2"}));
}

#[test]
fn put_replaces_a_record_where_patch_is_beside_it() {
    let served = api(LAMPS);
    let path = lamp(&served);
    let id = served.get(&path).json()["id"].clone();
    assert_eq!(served.call("PUT", &path, r#"{"colour": "blue"}"#).status, 200);
    let seen = served.get(&path).json();
    assert_eq!((&seen["id"], &seen["colour"]), (&id, &json!("blue")));
    assert!(seen.get("watts").is_none_or(Value::is_null) && seen.get("place").is_none_or(Value::is_null), "{seen}");
}

#[test]
fn put_without_patch_beside_it_keeps_what_was_not_sent() {
    let contract: String = LAMPS.lines().filter(|line| !line.starts_with("    patch:")).collect::<Vec<_>>().join("\n");
    let served = api(&contract);
    let path = lamp(&served);
    assert_eq!(served.call("PUT", &path, r#"{"colour": "blue"}"#).status, 200);
    let seen = served.get(&path).json();
    assert_eq!((&seen["colour"], &seen["watts"]), (&json!("blue"), &json!(5)));
}

#[test]
fn json_patch_is_applied_as_a_whole_or_not_at_all() {
    let served = api(LAMPS);
    let path = lamp(&served);
    let patch = |operations: Value| {
        served.send("PATCH", &path, &[("content-type", "application/json-patch+json")], &operations.to_string())
    };
    let done = patch(json!([
        {"op": "test", "path": "/colour", "value": "red"},
        {"op": "replace", "path": "/colour", "value": "green"},
        {"op": "add", "path": "/place/shelf", "value": "2"},
        {"op": "remove", "path": "/place/wall"},
        {"op": "move", "from": "/place/room", "path": "/place/area"},
    ]));
    assert_eq!(done.status, 200, "{}", done.text);
    let seen = served.get(&path).json();
    assert_eq!((&seen["colour"], &seen["place"]), (&json!("green"), &json!({"shelf": "2", "area": "hall"})));
    let refused = patch(json!([
        {"op": "replace", "path": "/watts", "value": 9},
        {"op": "test", "path": "/colour", "value": "red"},
    ]));
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert_eq!(patch(json!([{"op": "remove", "path": "/place/cellar"}])).status, 422, "there is no such member");
    assert_eq!(patch(json!([{"op": "replace"}])).status, 422, "no JSON Patch");
    assert_eq!(served.get(&path).json(), seen, "nothing has changed");
}

#[test]
fn json_patch_cannot_make_a_record_without_bounds() {
    let served = api(LAMPS);
    let path = lamp(&served);
    let before = served.get(&path).json();
    let patch = |operations: Vec<Value>| {
        let body = Value::Array(operations).to_string();
        served.send("PATCH", &path, &[("content-type", "application/json-patch+json")], &body)
    };
    let doubled = (0..40).map(|index| json!({"op": "copy", "from": "/place", "path": format!("/place/a{index}")}));
    let large = patch(doubled.collect());
    assert_eq!(large.status, 422, "{}", large.text);
    assert!(large.text.contains("too large"), "{}", large.text);
    let nested =
        (0..200).map(|depth| json!({"op": "add", "path": format!("/place{}", "/a".repeat(depth + 1)), "value": {}}));
    let deep = patch(nested.collect());
    assert_eq!(deep.status, 422, "{}", deep.text);
    assert!(deep.text.contains("too deep"), "{}", deep.text);
    assert_eq!(served.get(&path).json(), before, "nothing has changed");
}

const SECRETS: &str = "
openapi: 3.0.3
paths:
  /secrets/{name}:
    get: {responses: {'200': &ok {content: {application/json: {schema: &secret {type: object, properties: {name: {type: string}, text: {type: string}}}}}}}}
    put: {requestBody: {content: {application/json: {schema: *secret}}}, responses: {'200': *ok, '201': *ok}}
    delete: {responses: {'204': {description: gone}}}
";

#[test]
fn put_creates_the_record_that_the_path_names_where_201_is_documented() {
    let served = api(SECRETS);
    assert_eq!(served.get("/secrets/harbour").status, 404);
    let created = served.call("PUT", "/secrets/harbour", r#"{"text": "blue"}"#);
    assert_eq!((created.status, created.json()), (201, json!({"name": "harbour", "text": "blue"})));
    let changed = served.call("PUT", "/secrets/harbour", r#"{"text": "red"}"#);
    assert_eq!((changed.status, &changed.json()["text"]), (200, &json!("red")));
    assert_eq!(served.get("/secrets/harbour").json()["text"], "red");
    assert_eq!(served.delete("/secrets/harbour").status, 204);
    assert_eq!(served.get("/secrets/harbour").status, 404);
}

#[test]
fn put_creates_a_record_that_nothing_else_creates() {
    let served = api(&SECRETS.replace(", '201': *ok", ""));
    let created = served.call("PUT", "/secrets/harbour", r#"{"text": "blue"}"#);
    assert_eq!((created.status, &created.json()["name"]), (200, &json!("harbour")), "201 is not documented");
    assert_eq!(served.get("/secrets/harbour").json()["text"], "blue");
}

#[test]
fn put_creates_nothing_where_post_does_and_201_is_not_documented() {
    let served = api(LAMPS);
    assert_eq!(served.call("PUT", "/lamps/unknown", r#"{"colour": "blue"}"#).status, 404);
}

#[test]
fn put_creates_nothing_in_an_api_with_documented_behaviour_only() {
    let served = documented_only(SECRETS);
    assert_eq!(served.call("PUT", "/secrets/harbour", r#"{"text": "blue"}"#).status, 404);
}

#[test]
fn post_creates_the_record_that_the_path_names_where_201_is_documented() {
    let served = api(&SECRETS.replace("    put:", "    post:").replace("'200': *ok, '201'", "'201'"));
    let created = served.post("/secrets/harbour", r#"{"text": "blue"}"#);
    assert_eq!((created.status, created.json()), (201, json!({"name": "harbour", "text": "blue"})));
    assert_eq!(served.get("/secrets/harbour").json()["text"], "blue");
    assert_eq!(served.delete("/secrets/harbour").status, 204);
    assert_eq!(served.get("/secrets/harbour").status, 404);
    let quiet = api(&SECRETS.replace("    put:", "    post:").replace(", '201': *ok", ""));
    assert_eq!(quiet.post("/secrets/harbour", r#"{"text": "blue"}"#).status, 404, "201 is not documented");
}

#[test]
fn a_changed_member_is_shown_inside_an_object_whose_example_lacks_it() {
    let served = api("
openapi: 3.0.3
paths:
  /lamps/{id}:
    get: {responses: {'200': &lamp {content: {application/json: {schema: {$ref: '#/components/schemas/Lamp'}, example: {id: l1, light: {colour: red}}}}}}}
    patch: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Lamp'}}}}, responses: {'200': *lamp}}
components:
  schemas:
    Lamp: {type: object, properties: {id: {type: string}, light: {type: object, properties: {colour: {type: string}, period: {type: integer}, key: {type: string, writeOnly: true}}}}}
");
    let sent = r#"{"light": {"period": 5, "key": "secret", "other": 1}}"#;
    assert_eq!(served.call("PATCH", "/lamps/l1", sent).status, 200);
    assert_eq!(served.get("/lamps/l1").json(), json!({"id": "l1", "light": {"colour": "red", "period": 5}}));
}
