//! Which records exist from the start, the ids of new ones, and what responses show of them.

use serde_json::{Value, json};

use super::{api, each, new_id};

#[test]
fn every_example_of_a_response_exists_as_a_record() {
    let served = api("
openapi: 3.0.3
paths:
  /boats:
    get:
      responses:
        '200':
          content:
            application/json:
              examples:
                none: {value: []}
                some: {value: [{id: b1, name: Ann}, {id: b2, name: Bea}]}
    post: {requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {'201': {content: {application/json: {example: {id: b3, name: Cleo}}}}}}
  /boats/{id}:
    get:
      responses:
        '200':
          content:
            application/json:
              examples:
                short: {value: {id: b1, name: Ann}}
                long: {value: {id: b4, name: Dora}}
");
    for (id, name) in [("b1", "Ann"), ("b2", "Bea"), ("b3", "Cleo"), ("b4", "Dora")] {
        assert_eq!(served.get(&format!("/boats/{id}")).json(), json!({"id": id, "name": name}));
    }
    assert_eq!(each(&served.get("/boats").json(), "id").len(), 4);
    assert_eq!(served.get("/boats/b5").status, 404);
}

#[test]
fn the_example_of_a_path_parameter_exists_as_a_record() {
    let served = api("
openapi: 3.0.3
paths:
  /boats/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}, examples: {first: {value: b1}, second: {value: b2}}}]
    get: {responses: {'200': {content: {application/json: {schema: {type: object, properties: {id: {type: string}, name: {type: string}}}}}}}}
");
    assert_eq!(served.get("/boats/b1").json()["id"], "b1");
    assert_eq!(served.get("/boats/b2").json()["id"], "b2");
    assert_eq!(served.get("/boats/b3").status, 404);
}

#[test]
fn an_example_belongs_to_the_parents_whose_examples_the_contract_has() {
    let served = api("
openapi: 3.0.3
paths:
  /ports/{port}/boats:
    get:
      parameters: [{name: port, in: path, required: true, schema: {type: string}, example: oslo}]
      responses: {'200': {content: {application/json: {example: [{id: b1, name: Ann}]}}}}
");
    assert_eq!(each(&served.get("/ports/oslo/boats").json(), "id"), ["b1"]);
    assert_eq!(served.get("/ports/kiel/boats").json(), json!([]));
}

const BOATS: &str = "
openapi: 3.0.3
paths:
  /boats:
    get: {responses: {'200': {content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Boat'}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'201': {content: {application/json: {schema: {type: object, properties: {id: {type: string}, name: {type: string}, crew: {type: array, items: {type: object, properties: {id: {type: string}, name: {type: string}}}}}}}}}}
  /boats/{id}:
    get: {responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}}}
components:
  schemas:
    Boat: {type: object, properties: {id: {type: string, pattern: '^boat-[0-9]{4}$'}, name: {type: string}}}
";

#[test]
fn kinds_that_requests_create_start_without_records_if_the_contract_has_no_examples() {
    assert_eq!(api(BOATS).get("/boats").json(), json!([]));
}

#[test]
fn a_kind_that_no_request_creates_starts_with_a_record() {
    let served = api("
openapi: 3.0.3
paths:
  /tides:
    get: {responses: {'200': {content: {application/json: {schema: {type: array, minItems: 1, items: &tide {type: object, required: [id], properties: {id: {type: string}, height: {type: number}}}}}}}}}
  /tides/{id}:
    get: {responses: {'200': {content: {application/json: {schema: *tide}}}}}
");
    let listed = served.get("/tides").json();
    let id = each(&listed, "id")[0];
    assert_eq!(served.get(&format!("/tides/{id}")).json(), listed[0]);
}

#[test]
fn a_new_id_has_the_form_that_any_response_with_such_records_documents() {
    let id = new_id(&api(BOATS).post("/boats", r#"{"name": "Ann"}"#));
    let digits = id.strip_prefix("boat-").unwrap_or_else(|| panic!("{id}"));
    assert!(digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_digit()), "{id}");
}

#[test]
fn a_new_record_has_no_records_inside_that_nobody_sent() {
    let served = api(BOATS);
    assert_eq!(served.post("/boats", r#"{"name": "Ann"}"#).json().get("crew").unwrap_or(&json!([])), &json!([]));
    let sent = r#"{"name": "Ann", "crew": [{"id": "c1", "name": "Bo"}]}"#;
    assert_eq!(each(&served.post("/boats", sent).json()["crew"], "name"), ["Bo"]);
}

#[test]
fn a_new_record_has_no_record_in_an_optional_object_that_nobody_sent() {
    let served = api("
openapi: 3.0.3
paths:
  /boats:
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'201': {content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}}
  /boats/{id}:
    get: {responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}}}
components:
  schemas:
    Person: {type: object, required: [id], properties: {id: {type: string}}}
    Boat:
      type: object
      required: [id, owner, size]
      properties:
        id: {type: string}
        owner: {$ref: '#/components/schemas/Person'}
        charter: {type: object, required: [guest], properties: {guest: {$ref: '#/components/schemas/Person'}}}
        size: {type: object, required: [length], properties: {length: {type: integer}}}
");
    let made = served.post("/boats", "{}").json();
    assert!(made["owner"]["id"].is_string() && made["size"]["length"].is_number(), "required: {made}");
    assert_eq!(made.get("charter"), None, "{made}");
    let sent = served.post("/boats", r#"{"charter": {"guest": {"id": "g1"}}}"#).json();
    assert_eq!(sent["charter"]["guest"]["id"], "g1");
}

/// Boats whose response has this schema and the example `{id: b1, name: Ann}`.
fn shown(schema: &str) -> Value {
    let served = api(&format!(
        "
openapi: 3.0.3
paths:
  /boats:
    post:
      requestBody: {{content: {{application/json: {{schema: {{type: object}}}}}}}}
      responses: {{'201': &ok {{content: {{application/json: {{schema: {schema}, example: {{id: b1, name: Ann}}}}}}}}}}
  /boats/{{id}}:
    get: {{responses: {{'200': *ok}}}}
"
    ));
    let id = new_id(&served.post("/boats", r#"{"name": "Bea", "flag": "NO", "pin": "1234"}"#));
    let mut shown = served.get(&format!("/boats/{id}")).json();
    assert_eq!(shown["id"].take(), id);
    shown
}

#[test]
fn a_field_that_was_sent_is_shown_although_the_example_lacks_it() {
    let names = "id: {type: string}, name: {type: string}";
    assert_eq!(
        shown(&format!("{{type: object, properties: {{{names}, flag: {{type: string}}, pin: {{type: string}}}}}}")),
        json!({"id": null, "name": "Bea", "flag": "NO", "pin": "1234"})
    );
    assert_eq!(shown("{type: object}"), json!({"id": null, "name": "Bea", "flag": "NO", "pin": "1234"}));
}

#[test]
fn a_field_that_the_schema_forbids_or_that_is_write_only_is_not_shown() {
    let names = "id: {type: string}, name: {type: string}";
    let schema =
        format!("{{type: object, additionalProperties: false, properties: {{{names}, flag: {{type: string}}}}}}");
    assert_eq!(shown(&schema), json!({"id": null, "name": "Bea", "flag": "NO"}));
    let schema = format!("{{type: object, properties: {{{names}, pin: {{type: string, writeOnly: true}}}}}}");
    assert_eq!(shown(&schema), json!({"id": null, "name": "Bea", "flag": "NO"}));
}

#[test]
fn a_kind_that_put_creates_starts_without_records_if_the_contract_has_no_examples() {
    let served = api("
openapi: 3.0.3
paths:
  /keys:
    get: {responses: {'200': {content: {application/json: {schema: {type: array, items: &key {type: object, properties: {id: {type: string}, text: {type: string}}}}}}}}}
  /keys/{id}:
    put: {requestBody: &one {content: {application/json: {schema: *key}}}, responses: {'201': *one}}
");
    assert_eq!(served.get("/keys").json(), json!([]));
    assert_eq!(served.call("PUT", "/keys/k1", r#"{"text": "x"}"#).status, 201);
    assert_eq!(each(&served.get("/keys").json(), "id"), ["k1"]);
}

#[test]
fn a_record_may_have_its_id_in_its_metadata() {
    let served = api("
openapi: 3.0.3
paths:
  /pods:
    get: {responses: {'200': {content: {application/json: {schema: {type: object, properties: {items: {type: array, items: &pod {type: object, properties: {kind: {type: string}, metadata: {type: object, properties: {name: {type: string}, uid: {type: string}}}}}}}}}}}}}
    post: {requestBody: &one {content: {application/json: {schema: *pod}}}, responses: {'201': *one}}
  /pods/{name}:
    get: {responses: {'200': *one}}
    delete: {responses: {'204': {description: gone}}}
");
    let sent = r#"{"kind": "Pod", "metadata": {"name": "p1"}}"#;
    let created = served.post("/pods", sent);
    assert_eq!((created.status, created.json()), (201, json!({"kind": "Pod", "metadata": {"name": "p1"}})));
    assert_eq!(served.get("/pods/p1").json(), created.json());
    assert_eq!(served.get("/pods").json()["items"], json!([created.json()]));
    assert_eq!(served.post("/pods", sent).status, 409, "it exists");
    assert_eq!(served.delete("/pods/p1").status, 204);
    assert_eq!(served.get("/pods/p1").status, 404);
}

#[test]
fn a_new_record_can_be_found_without_a_documented_body() {
    let served = api("
openapi: 3.0.3
paths:
  /flags:
    post: {requestBody: {content: {application/json: {schema: &flag {type: object, required: [code], properties: {code: {type: string}, colour: {type: string}}}}}}, responses: {'201': {headers: {Location: {schema: {type: string}}}}}}
  /flags/{code}:
    get: {responses: {'200': {content: {application/json: {schema: *flag}}}}}
");
    let created = served.post("/flags", r#"{"code": "f1", "colour": "red"}"#);
    assert_eq!((created.status, created.header("location")), (201, "/flags/f1"));
    assert_eq!(served.get("/flags/f1").json(), json!({"code": "f1", "colour": "red"}));
}

/// Boards of which the contract documents no response bodies.
pub(super) const BOARDS: &str = "
openapi: 3.0.3
paths:
  /boards:
    get: {responses: {'200': {description: all boards}}}
    post: {requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}, responses: {'201': {description: created}}}
  /boards/{id}:
    get: {responses: {'200': {description: one board}}}
";

#[test]
fn records_without_documented_bodies_can_be_found_and_read() {
    let served = api(BOARDS);
    let created = served.post("/boards", r#"{"name": "tides"}"#);
    let path = created.header("location");
    let id = path.strip_prefix("/boards/").unwrap_or_else(|| panic!("{path}"));
    let board = json!({"id": id, "name": "tides"});
    assert_eq!((created.status, served.get(path).json()), (201, board.clone()));
    assert_eq!(served.get("/boards").json(), json!([board]));
}

#[test]
fn a_new_record_takes_fields_from_the_query_too() {
    let served = api("
openapi: 3.0.3
paths:
  /boats/create:
    post:
      parameters: [{name: name, in: query, schema: {type: string}}, {name: dryRun, in: query, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {type: object, properties: {length: {type: integer}}}}}}
      responses: {'201': &one {content: {application/json: {schema: {type: object, properties: {id: {type: string}, name: {type: string}, length: {type: integer}}}}}}}
  /boats/{id}:
    get: {responses: {'200': *one}}
");
    let id = new_id(&served.post("/boats/create?name=Ann&dryRun=no", r#"{"length": 5}"#));
    assert_eq!(served.get(&format!("/boats/{id}")).json(), json!({"id": id, "name": "Ann", "length": 5}));
}

#[test]
fn a_record_whose_path_names_no_id_has_that_of_its_example() {
    let served = api("
openapi: 3.0.3
paths:
  /me:
    get: {responses: {'200': &me {content: {application/json: {example: {id: u7, name: Ann}}}}}}
    patch: {requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}, responses: {'200': *me}}
");
    assert_eq!(served.get("/me").json(), json!({"id": "u7", "name": "Ann"}));
    assert_eq!(served.call("PATCH", "/me", r#"{"name": "Bea"}"#).json(), json!({"id": "u7", "name": "Bea"}));
    assert_eq!(served.get("/me").json(), json!({"id": "u7", "name": "Bea"}));
}
