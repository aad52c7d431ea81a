//! The keys by which paths address records: which of the sent values is the key, what happens when it changes, and keys
//! inside `metadata` and beside an id.

use serde_json::{Value, json};

use super::{api, each, new_id};

/// Ports with a crew and with berths; a berth has a code that is unique in its port.
const PORTS: &str = "
openapi: 3.0.3
paths:
  /ports/{port}/crew:
    get: {responses: {'200': {content: {application/json: {schema: {type: array, items: &sailor {type: object, properties: {id: {type: integer}, rank: {type: string}}}}}}}}}
    post: {requestBody: {content: {application/json: {schema: {type: object, required: [sailor_id], properties: {sailor_id: {type: integer}, rank: {type: string}}}}}}, responses: {'201': {content: {application/json: {schema: *sailor}}}}}
  /ports/{port}/crew/{sailor_id}:
    delete: {responses: {'204': {description: gone}}}
  /ports/{port}/berths:
    get: {responses: {'200': {content: {application/json: {schema: {type: array, items: &berth {type: object, properties: {code: {type: string}, length: {type: integer}}}}}}}}}
    post: {requestBody: &one {content: {application/json: {schema: *berth}}}, responses: {'201': *one}}
  /ports/{port}/berths/{code}:
    get: {responses: {'200': *one}}
    put: {requestBody: *one, responses: {'201': *one}}
    patch: {requestBody: *one, responses: {'200': *one}}
    delete: {responses: {'204': {description: gone}}}
";

#[test]
fn a_sent_value_with_the_name_of_the_path_parameter_is_the_key() {
    let served = api(PORTS);
    assert_eq!(served.post("/ports/oslo/crew", r#"{"sailor_id": 7, "rank": "mate"}"#).status, 201);
    assert_eq!(served.get("/ports/oslo/crew").json(), json!([{"id": 7, "rank": "mate"}]));
    assert_eq!(served.delete("/ports/oslo/crew/8").status, 404);
    assert_eq!(served.delete("/ports/oslo/crew/7").status, 204);
    assert_eq!(served.get("/ports/oslo/crew").json(), json!([]));
}

#[test]
fn the_same_key_below_another_parent_is_another_record() {
    let served = api(PORTS);
    assert_eq!(served.post("/ports/oslo/berths", r#"{"code": "a1", "length": 9}"#).status, 201);
    assert_eq!(served.post("/ports/kiel/berths", r#"{"code": "a1", "length": 20}"#).status, 201);
    assert_eq!(served.call("PUT", "/ports/bari/berths/a1", r#"{"length": 30}"#).status, 201);
    for (port, length) in [("oslo", 9), ("kiel", 20), ("bari", 30)] {
        let path = format!("/ports/{port}/berths/a1");
        assert_eq!(served.get(&path).json(), json!({"code": "a1", "length": length}), "{port}");
    }
    assert_eq!(served.call("PATCH", "/ports/kiel/berths/a1", r#"{"length": 21}"#).json()["length"], 21);
    assert_eq!(served.delete("/ports/oslo/berths/a1").status, 204);
    assert_eq!(served.get("/ports/oslo/berths/a1").status, 404);
    assert_eq!(served.get("/ports/kiel/berths").json(), json!([{"code": "a1", "length": 21}]));
}

#[test]
fn a_key_exists_once_below_each_parent() {
    let served = api(PORTS);
    for (port, length) in [("oslo", 9), ("kiel", 20), ("kiel", 21)] {
        let berth = json!({"code": "a1", "length": length});
        let made = served.post(&format!("/ports/{port}/berths"), &berth.to_string());
        assert_eq!((made.status, made.json()), (201, berth), "a code in use changes the berth in {port}");
    }
    assert_eq!(served.get("/ports/kiel/berths").json(), json!([{"code": "a1", "length": 21}]));
    assert_eq!(served.get("/ports/oslo/berths").json(), json!([{"code": "a1", "length": 9}]));
}

#[test]
fn a_changed_key_leads_to_the_record_and_frees_the_former_one() {
    let served = api(PORTS);
    served.post("/ports/oslo/berths", r#"{"code": "a1", "length": 9}"#);
    assert_eq!(served.call("PATCH", "/ports/oslo/berths/a1", r#"{"code": "b1"}"#).json()["code"], "b1");
    let renamed = json!({"code": "b1", "length": 9});
    assert_eq!(served.get("/ports/oslo/berths/b1").json(), renamed);
    assert_eq!(served.get("/ports/oslo/berths/a1").json(), renamed, "nothing else has the former key");
    assert_eq!(served.post("/ports/oslo/berths", r#"{"code": "a1", "length": 5}"#).status, 201);
    assert_eq!(served.get("/ports/oslo/berths/a1").json(), json!({"code": "a1", "length": 5}));
    assert_eq!(served.get("/ports/oslo/berths/b1").json(), renamed);
    assert_eq!(each(&served.get("/ports/oslo/berths").json(), "code"), ["b1", "a1"]);
}

#[test]
fn a_key_cannot_be_changed_to_that_of_another_record() {
    let served = api(PORTS);
    served.post("/ports/oslo/berths", r#"{"code": "a1", "length": 9}"#);
    served.post("/ports/oslo/berths", r#"{"code": "b1", "length": 5}"#);
    assert_eq!(served.call("PATCH", "/ports/oslo/berths/a1", r#"{"code": "b1"}"#).status, 409);
    assert_eq!(served.get("/ports/oslo/berths/a1").json(), json!({"code": "a1", "length": 9}));
}

/// Boats that have their id under these names.
fn boats(example: &str) -> crate::served::Served {
    api(&format!(
        "
openapi: 3.0.3
paths:
  /boats:
    get: {{responses: {{'200': {{content: {{application/json: {{example: [{example}]}}}}}}}}}}
    post: {{requestBody: {{content: {{application/json: {{schema: {{type: object, properties: {{id: {{type: string, format: uuid}}, identifier: {{type: string}}, name: {{type: string}}}}}}}}}}}}, responses: {{'201': {{content: {{application/json: {{example: {example}}}}}}}}}}}
  /boats/{{boatId}}:
    get: {{responses: {{'200': {{content: {{application/json: {{example: {example}}}}}}}}}}}
"
    ))
}

#[test]
fn an_id_under_two_names_is_the_same() {
    let served = boats("{boatId: 7, id: 7, name: Ann}");
    let made = served.post("/boats", r#"{"name": "Bea"}"#).json();
    assert_eq!((&made["boatId"], &made["name"]), (&made["id"], &json!("Bea")));
    assert_ne!(made["id"], 7);
    assert_eq!(served.get(&format!("/boats/{}", made["id"])).json(), made);
}

#[test]
fn the_nil_uuid_is_no_id() {
    let served = boats("{id: 2f1c9f0e-6a0b-4c57-9a55-1f7a3bd2a001, name: Ann}");
    let nil = r#"{"id": "00000000-0000-0000-0000-000000000000", "name": "Bea"}"#;
    let ids = [0, 1].map(|_| new_id(&served.post("/boats", nil)));
    assert!(ids[0] != ids[1] && ids.iter().all(|id| !id.starts_with("00000000-")), "{ids:?}");
}

#[test]
fn an_identifier_is_the_key_of_a_record_without_another_one() {
    let served = boats("{identifier: ann, name: Ann}");
    assert_eq!(served.post("/boats", r#"{"identifier": "bea", "name": "Bea"}"#).status, 201);
    assert_eq!(served.get("/boats/bea").json(), json!({"identifier": "bea", "name": "Bea"}));
    assert_eq!(each(&served.get("/boats").json(), "identifier"), ["ann", "bea"]);
}

/// Charts below harbours, with their name and harbour in `metadata`, and a member called `data`.
const CHARTS: &str = "
openapi: 3.0.3
paths:
  /harbours/{harbour}/charts:
    get: {responses: {'200': {content: {application/json: {schema: {type: object, required: [items], properties: {items: {type: array, items: {$ref: '#/components/schemas/Chart'}}}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Chart'}}}}
      responses: {'201': {content: {application/json: {schema: {$ref: '#/components/schemas/Chart'}}}}, '409': {description: exists}}
  /harbours/{harbour}/charts/{name}:
    get: {responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Chart'}}}}, '404': {description: none}}}
    patch:
      requestBody: {content: {application/merge-patch+json: {schema: {type: object}}}}
      responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Chart'}}}}}
    delete: {responses: {'204': {description: gone}}}
components:
  schemas:
    Chart:
      type: object
      properties:
        metadata: {type: object, properties: {name: {type: string}, harbour: {type: string}, uid: {type: string}, labels: {type: object, additionalProperties: {type: string}}}}
        data: {type: object, additionalProperties: {type: string}}
";

const MERGE: [(&str, &str); 1] = [("content-type", "application/merge-patch+json")];

fn chart(name: &str, colour: &str) -> String {
    json!({"metadata": {"name": name}, "data": {"colour": colour}}).to_string()
}

#[test]
fn a_record_with_its_name_in_metadata_may_have_a_member_called_data() {
    let served = api(CHARTS);
    let made = served.post("/harbours/oslo/charts", &chart("fjord", "red"));
    assert_eq!((made.status, &made.json()["data"]), (201, &json!({"colour": "red"})));
    let changed = served.send("PATCH", "/harbours/oslo/charts/fjord", &MERGE, r#"{"data": {"scale": "fine"}}"#).json();
    assert_eq!(changed["data"], json!({"colour": "red", "scale": "fine"}));
    assert_eq!(served.get("/harbours/oslo/charts/fjord").json(), changed);
}

#[test]
fn the_parent_of_the_path_stands_in_the_object_in_which_the_contract_shows_it() {
    let served = api(CHARTS);
    let made = served.post("/harbours/oslo/charts", &chart("fjord", "red")).json();
    assert_eq!((&made["metadata"]["harbour"], made.get("harbour")), (&json!("oslo"), None));
    let change = r#"{"metadata": {"labels": {"a": "b"}}}"#;
    let changed = served.send("PATCH", "/harbours/oslo/charts/fjord", &MERGE, change).json();
    assert_eq!((&changed["metadata"]["harbour"], &changed["metadata"]["labels"]), (&json!("oslo"), &json!({"a": "b"})));
}

#[test]
fn records_of_different_parents_may_have_the_same_name() {
    let served = api(CHARTS);
    for (harbour, colour) in [("oslo", "red"), ("kiel", "blue")] {
        let path = format!("/harbours/{harbour}/charts");
        assert_eq!(served.post(&path, &chart("fjord", colour)).status, 201);
        assert_eq!(served.post(&path, &chart("fjord", "grey")).status, 409, "one of each name in {harbour}");
    }
    served.send("PATCH", "/harbours/kiel/charts/fjord", &MERGE, r#"{"data": {"scale": "fine"}}"#);
    let data = |harbour: &str| served.get(&format!("/harbours/{harbour}/charts/fjord")).json()["data"].clone();
    assert_eq!((data("oslo"), data("kiel")), (json!({"colour": "red"}), json!({"colour": "blue", "scale": "fine"})));
    assert_eq!(served.get("/harbours/kiel/charts").json()["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(served.delete("/harbours/kiel/charts/fjord").status, 204);
    assert_eq!(served.get("/harbours/kiel/charts/fjord").status, 404);
    assert_eq!(data("oslo"), json!({"colour": "red"}));
}

/// Boats that are addressed by a number within their port, and have an `id` beside it.
const BOATS: &str = "
openapi: 3.0.3
paths:
  /ports/{port}/boats:
    get: {responses: {'200': {content: {application/json: {example: [{id: 4100, number: 1, name: Ann}]}}}}}
    post: {requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {'201': {content: {application/json: {example: {id: 4100, number: 1, name: Ann}}}}}}
  /ports/{port}/boats/{boat_number}:
    parameters: [{name: boat_number, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {content: {application/json: {example: {id: 4100, number: 1, name: Ann}}}}}}
  /ports/{port}/crews:
    get: {responses: {'200': {content: {application/json: {example: [{id: 5100, name: deck}]}}}}}
    post: {requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}, responses: {'201': {content: {application/json: {example: {id: 5100, name: deck}}}}}}
  /ports/{port}/crews/{name}:
    get: {responses: {'200': {content: {application/json: {example: {id: 5100, name: deck}}}}}}
";

#[test]
fn one_record_in_several_examples_exists_once() {
    assert_eq!(api(BOATS).get("/ports/oslo/boats").json(), json!([{"id": 4100, "number": 1, "name": "Ann"}]));
}

#[test]
fn a_record_that_is_addressed_by_another_field_has_an_id_of_its_own() {
    let served = api(BOATS);
    for (path, body) in
        [("/ports/oslo/boats", json!({"name": "Bea"})), ("/ports/oslo/crews", json!({"name": "galley"}))]
    {
        let mut body = body;
        for number in 0..3 {
            body["name"] = Value::from(format!("{}{number}", body["name"].as_str().expect("a name")));
            let made = served.post(path, &body.to_string());
            assert_eq!((made.status, &made.json()["name"]), (201, &body["name"]), "{}", made.text);
        }
        let listed = served.get(path).json();
        let ids: Vec<&Value> = listed.as_array().expect("a list").iter().map(|record| &record["id"]).collect();
        let distinct: std::collections::HashSet<String> = ids.iter().map(ToString::to_string).collect();
        assert!(ids.iter().all(|id| id.is_u64()) && distinct.len() == 4, "{listed}");
    }
    let crews = served.get("/ports/oslo/crews").json();
    assert_eq!(each(&crews, "name"), ["deck", "galley0", "galley01", "galley012"]);
    assert_eq!(served.get("/ports/oslo/crews/galley01").json(), crews[2]);
}
