//! Which paths are collections, and which operations beside them create, list, read and change their records.

use serde_json::json;
use standin::openapi::RoleKind;

use super::{api, each, new_id};

/// A contract whose successes all have the schema `Boat`, unless a path says otherwise.
fn boats(paths: &str) -> String {
    format!(
        "
openapi: 3.0.3
info: {{title: harbour, version: '1'}}
x-shared:
  one: &one {{content: {{application/json: {{schema: &boat {{$ref: '#/components/schemas/Boat'}}}}}}}}
  many: &many {{content: {{application/json: {{schema: {{type: array, items: *boat}}}}}}}}
paths:
{paths}
components:
  schemas:
    Boat: {{type: object, properties: {{id: {{type: string}}, name: {{type: string}}, length: {{type: integer}}}}}}
"
    )
}

#[test]
fn a_path_with_post_and_records_below_it_is_a_collection_whatever_its_list_documents() {
    for list in ["*one", "{description: all boats}", "{content: {application/json: {schema: {type: object}}}}"] {
        for item in ["get: {responses: {'200': *one}}", "delete: {responses: {'200': *one}}"] {
            let served = api(&boats(&format!(
                "
  /boats:
    get: {{responses: {{'200': {list}}}}}
    post: {{requestBody: *one, responses: {{'201': *one}}}}
  /boats/{{id}}:
    {item}
    put: {{requestBody: *one, responses: {{'200': *one}}}}"
            )));
            let first = new_id(&served.post("/boats", r#"{"name": "Ann"}"#));
            let second = new_id(&served.post("/boats", r#"{"name": "Bea"}"#));
            assert_ne!(first, second);
            let changed = served.call("PUT", &format!("/boats/{first}"), r#"{"length": 9}"#).json();
            assert_eq!((&changed["name"], &changed["length"]), (&json!("Ann"), &json!(9)), "{list} {item}");
            if item.starts_with("delete") {
                assert_eq!(served.delete(&format!("/boats/{first}")).status, 200);
                assert_eq!(served.delete(&format!("/boats/{first}")).status, 404);
            }
        }
    }
}

#[test]
fn a_list_that_documents_one_record_is_sent_as_a_list() {
    let served = api(&boats(
        "
  /boats:
    get: {responses: {'200': *one}}
    post: {requestBody: *one, responses: {'201': *one}}
  /boats/{id}:
    delete: {responses: {'204': {description: gone}}}",
    ));
    served.post("/boats", r#"{"name": "Ann"}"#);
    served.post("/boats", r#"{"name": "Bea"}"#);
    assert_eq!(each(&served.get("/boats").json(), "name"), ["Ann", "Bea"]);
}

#[test]
fn the_envelope_of_a_list_may_have_many_members() {
    let served = api(&boats(
        "
  /boats.json:
    get:
      responses:
        '200':
          content:
            application/json:
              schema: {type: object, properties: {end: {type: integer}, start: {type: integer}, kind: {type: string}, etag: {type: string}, region: {type: string}, uri: {type: string}, boats: {type: array, items: *boat}}}
    post: {requestBody: *one, responses: {'201': *one}}
  /boats/{id}.json:
    get: {responses: {'200': *one}}",
    ));
    let id = new_id(&served.post("/boats.json", r#"{"name": "Ann"}"#));
    assert_eq!(each(&served.get("/boats.json").json()["boats"], "name"), ["Ann"]);
    assert_eq!(served.get(&format!("/boats/{id}.json")).json()["name"], "Ann");
}

#[test]
fn verbs_beside_a_collection_create_list_and_read_its_records() {
    let contract = boats(
        "
  /boats:
    get: {responses: {'200': *many}}
  /boats/create:
    post: {requestBody: *one, responses: {'201': *one}}
  /boats/search:
    post: {requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {'200': *many}}
  /boats/json:
    get: {responses: {'200': *many}}
  /boats/{id}:
    delete: {responses: {'204': {description: gone}}}
  /boats/{id}/json:
    get: {responses: {'200': *one}}
  /boats/{id}/update:
    post: {requestBody: *one, responses: {'200': *one}}",
    );
    let served = api(&contract);
    let id = new_id(&served.post("/boats/create", r#"{"name": "Ann"}"#));
    assert_eq!(served.get(&format!("/boats/{id}/json")).json()["name"], "Ann");
    assert_eq!(served.post(&format!("/boats/{id}/update"), r#"{"name": "Bea"}"#).status, 200);
    for listed in [served.get("/boats"), served.get("/boats/json"), served.post("/boats/search", "{}")] {
        assert_eq!(each(&listed.json(), "name"), ["Bea"]);
    }
    assert_eq!(served.delete(&format!("/boats/{id}")).status, 204);
    assert_eq!(served.get(&format!("/boats/{id}/json")).status, 404);
    assert_eq!(served.get("/boats").json(), json!([]));
}

#[test]
fn a_verb_behind_a_colon_is_an_action_on_the_record() {
    let served = api(&boats(
        "
  /boats:
    post: {requestBody: *one, responses: {'201': *one}}
  /boats/{id}:
    get: {responses: {'200': *one}}
  /boats/{id}:lengthen:
    post: {requestBody: *one, responses: {'200': *one}}",
    ));
    let operations = &served.engine.contract().operations;
    let action = operations.iter().find(|operation| operation.path.ends_with(":lengthen")).expect("an operation");
    assert_eq!((action.role.kind, action.role.resource.as_deref()), (RoleKind::Action, Some("boat")));
    let id = new_id(&served.post("/boats", r#"{"name": "Ann", "length": 5}"#));
    let longer = served.post(&format!("/boats/{id}:lengthen"), r#"{"length": 7}"#).json();
    assert_eq!((&longer["name"], &longer["length"]), (&json!("Ann"), &json!(7)));
    assert_eq!(served.get(&format!("/boats/{id}")).json()["length"], 7);
    assert_eq!(served.post("/boats/unknown:lengthen", r#"{"length": 7}"#).status, 404);
}

#[test]
fn a_deleted_record_is_gone_even_without_a_collection() {
    let served = api(&boats(
        "
  /boats/{id}:
    get: {parameters: [{name: id, in: path, required: true, schema: {type: string}, example: b7}], responses: {'200': *one}}
    delete: {responses: {'204': {description: gone}}}",
    ));
    assert_eq!(served.get("/boats/b7").status, 200);
    assert_eq!(served.delete("/boats/b7").status, 204);
    assert_eq!(served.get("/boats/b7").status, 404);
    assert_eq!(served.delete("/boats/b7").status, 404);
}

#[test]
fn head_may_be_documented_without_get() {
    let served = api(&boats(
        "
  /boats:
    post: {requestBody: *one, responses: {'201': *one}}
  /boats/{id}:
    head: {responses: {'200': {description: it exists}}}",
    ));
    let id = new_id(&served.post("/boats", r#"{"name": "Ann"}"#));
    let head = |id: &str| served.send("HEAD", &format!("/boats/{id}"), &[], "").status;
    assert_eq!((head(&id), head("unknown")), (200, 404));
}

#[test]
fn a_key_in_parentheses_addresses_a_record_of_the_collection() {
    let served = api(&boats(
        "
  /Boats:
    get: {responses: {'200': *many}}
    post: {requestBody: *one, responses: {'201': *one}}
  /Boats('{key}'):
    get: {responses: {'200': *one}}
    delete: {responses: {'204': {description: gone}}}",
    ));
    let id = new_id(&served.post("/Boats", r#"{"name": "Ann"}"#));
    assert_eq!(served.get(&format!("/Boats('{id}')")).json()["name"], "Ann");
    assert_eq!(served.delete(&format!("/Boats('{id}')")).status, 204);
    assert_eq!(served.get("/Boats").json(), json!([]));
}

#[test]
fn batches_that_are_read_by_their_id_are_records() {
    let served = api(&boats(
        "
  /batch-orders:
    get: {responses: {'200': *many}}
    post: {requestBody: *one, responses: {'201': *one}}
  /batch-orders/{id}:
    get: {responses: {'200': *one}}",
    ));
    let id = new_id(&served.post("/batch-orders", r#"{"name": "May"}"#));
    assert_eq!(served.get(&format!("/batch-orders/{id}")).json()["name"], "May");
    assert_eq!(each(&served.get("/batch-orders").json(), "name"), ["May"]);
}

#[test]
fn a_path_with_pages_is_a_list_whatever_its_response_is() {
    let served = api(&boats(
        "
  /boats:
    get:
      parameters: [{name: page, in: query, schema: {type: integer}}]
      responses: {'200': *one}
  /boats/{id}:
    get: {responses: {'200': *one}}
    put: {requestBody: *one, responses: {'201': *one}}",
    ));
    assert_eq!(served.call("PUT", "/boats/b1", r#"{"name": "Ann"}"#).status, 201);
    assert_eq!(each(&served.get("/boats").json(), "name"), ["Ann"]);
}

#[test]
fn links_are_the_records_of_a_list_that_has_nothing_else() {
    let links =
        "{content: {application/json: {schema: {type: object, properties: {links: {type: array, items: *boat}}}}}}";
    let served = api(&boats(&format!(
        "
  /links:
    get: {{responses: {{'200': {links}}}}}
    post: {{requestBody: *one, responses: {{'201': *one}}}}
  /links/{{id}}:
    delete: {{responses: {{'204': {{description: gone}}}}}}"
    )));
    served.post("/links", r#"{"name": "Ann"}"#);
    assert_eq!(each(&served.get("/links").json()["links"], "name"), ["Ann"]);
}
