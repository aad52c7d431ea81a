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

/// Boats whose requests and responses have the same envelope, with members beside the list.
const ENVELOPE: &str = "
openapi: 3.0.3
paths:
  /boats:
    get: {responses: {'200': &fleet {content: {application/json: {schema: {$ref: '#/components/schemas/Fleet'}, example: {id: 1b2c9f0e-6a0b-4c57-9a55-1f7a3bd2a001, status: OK, boats: [{boat_id: 2f1c9f0e-6a0b-4c57-9a55-1f7a3bd2a001, name: Ann, status: afloat}]}}}}}}
    post: {requestBody: &sent {content: {application/json: {schema: {$ref: '#/components/schemas/Fleet'}}}}, responses: {'200': *fleet}}
  /boats/{boat_id}:
    get: {responses: {'200': *fleet}}
    post: {requestBody: *sent, responses: {'200': *fleet}}
components:
  schemas:
    Fleet: {type: object, properties: {id: {type: string}, status: {type: string}, warnings: {type: array, items: {type: string}}, boats: {type: array, items: {$ref: '#/components/schemas/Boat'}}}}
    Boat: {type: object, properties: {boat_id: {type: string, format: uuid}, name: {type: string}, length: {type: integer}, status: {type: string}}}
";

#[test]
fn a_body_in_the_envelope_of_the_response_is_the_record_inside() {
    let served = api(ENVELOPE);
    let made = served.post("/boats", r#"{"warnings": [], "boats": [{"name": "Bea"}]}"#).json();
    let boat = &made["boats"][0];
    assert_eq!((&boat["name"], &boat["status"]), (&json!("Bea"), &json!("afloat")), "{made}");
    let path = format!("/boats/{}", boat["boat_id"].as_str().expect("an id"));
    assert_eq!(served.post(&path, r#"{"warnings": [], "boats": [{"length": 9}]}"#).status, 200);
    let seen = served.get(&path).json();
    assert_eq!((&seen["boats"][0]["name"], &seen["boats"][0]["length"]), (&json!("Bea"), &json!(9)), "{seen}");
    assert_eq!(each(&served.get("/boats").json()["boats"], "name"), ["Ann", "Bea"]);
}

#[test]
fn a_uuid_in_the_envelope_of_the_response_names_a_record_that_exists_or_none() {
    let served = api(ENVELOPE);
    let known = "2f1c9f0e-6a0b-4c57-9a55-1f7a3bd2a001";
    let unknown = "3a1c9f0e-6a0b-4c57-9a55-1f7a3bd2a001";
    let post = |id: &str, name: &str| {
        let sent = json!({"warnings": [], "boats": [{"boat_id": id, "name": name}]});
        served.post("/boats", &sent.to_string()).json()["boats"][0]["boat_id"].clone()
    };
    assert_eq!(post(known, "Cleo"), known);
    assert_ne!(post(unknown, "Dora"), unknown);
    assert_eq!(each(&served.get("/boats").json()["boats"], "name"), ["Cleo", "Dora"]);
}
