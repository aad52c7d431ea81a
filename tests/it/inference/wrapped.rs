//! Bodies in which the record, or the list of records, is wrapped.

use serde_json::json;

use super::{api, each, new_id};

fn boats(create: &str) -> String {
    format!(
        "
openapi: 3.0.3
paths:
  /boats:
    get: {{responses: {{'200': {{content: {{application/json: {{schema: {{type: object, properties: {{fleet: {{type: object, properties: {{boats: {{type: array, items: {{$ref: '#/components/schemas/Boat'}}}}}}}}}}}}}}}}}}}}}}
    post:
      requestBody: {{content: {{application/json: {{schema: {create}}}}}}}
      responses: {{'201': {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/Boat'}}}}}}}}}}
  /boats/{{id}}:
    get: {{responses: {{'200': {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/Boat'}}}}}}}}}}}}
components:
  schemas:
    Boat: {{type: object, properties: {{id: {{type: string}}, name: {{type: string}}, length: {{type: integer}}}}}}
"
    )
}

#[test]
fn a_record_may_be_wrapped_in_one_object() {
    let served = api(&boats("{type: object, properties: {boat_details: {$ref: '#/components/schemas/Boat'}}}"));
    let id = new_id(&served.post("/boats", r#"{"boat_details": {"name": "Ann", "length": 5}}"#));
    assert_eq!(served.get(&format!("/boats/{id}")).json(), json!({"id": id, "name": "Ann", "length": 5}));
}

#[test]
fn a_record_in_the_name_of_its_kind_may_have_members_beside_it() {
    let served = api(&boats("{type: object}"));
    let id = new_id(&served.post("/boats", r#"{"boat": {"name": "Ann"}, "notify": true}"#));
    assert_eq!(served.get(&format!("/boats/{id}")).json()["name"], "Ann");
}

#[test]
fn a_list_may_be_wrapped_in_several_objects() {
    let served = api(&boats("{$ref: '#/components/schemas/Boat'}"));
    served.post("/boats", r#"{"name": "Ann"}"#);
    served.post("/boats", r#"{"name": "Bea"}"#);
    assert_eq!(each(&served.get("/boats").json()["fleet"]["boats"], "name"), ["Ann", "Bea"]);
}

#[test]
fn each_element_of_a_sent_list_becomes_a_record() {
    let served = api(&boats("{}"));
    assert_eq!(served.post("/boats", r#"[{"name": "Ann"}, {"name": "Bea"}]"#).status, 201);
    assert_eq!(served.post("/boats", r#"{"boats": [{"name": "Cleo"}]}"#).status, 201);
    assert_eq!(each(&served.get("/boats").json()["fleet"]["boats"], "name"), ["Ann", "Bea", "Cleo"]);
}
