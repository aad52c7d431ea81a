//! Lists and records inside a record: requests name the id of a record, responses show the record; and lists in envelopes of
//! their own.

use serde_json::json;

use super::{api, documented_only, each, new_id};
use crate::served::Served;

const TRIPS: &str = "
openapi: 3.0.3
paths:
  /ports:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}, depth: {type: number}, secret: {type: string}}}}}}
      responses: {'201': {content: {application/json: {schema: {$ref: '#/components/schemas/Port'}}}}}
  /ports/{id}:
    get: {responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Port'}}}}}}
    patch:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Port'}}}}}
  /trips:
    get: {responses: {'200': {content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {$ref: '#/components/schemas/Trip'}}}}}}}}}
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded: {schema: &new {type: object, properties: {home_port: {type: string}, stops: {type: array, items: {type: object, properties: {port: {type: string}, nights: {type: integer}}}}}}}
          application/json: {schema: *new}
      responses: {'201': {content: {application/json: {schema: {$ref: '#/components/schemas/Trip'}}}}}
  /trips/{id}:
    get: {responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Trip'}}}}}}
components:
  schemas:
    Trip:
      type: object
      required: [id, stops]
      properties:
        id: {type: string}
        home_port: {anyOf: [{$ref: '#/components/schemas/Port'}, {type: string}]}
        stops:
          type: object
          required: [data, has_more, total]
          properties:
            data: {type: array, items: {$ref: '#/components/schemas/Stop'}}
            has_more: {type: boolean}
            total: {type: integer}
    Stop:
      type: object
      required: [id, port]
      properties: {id: {type: string, pattern: '^stop-[a-z]{8}$'}, port: {$ref: '#/components/schemas/Port'}, nights: {type: integer}}
    Port:
      type: object
      required: [id, name]
      properties: {id: {type: string}, name: {type: string}, depth: {type: number, nullable: true}, flag: {anyOf: [{type: string}, {type: integer}], nullable: true}}
";

fn new_port(served: &Served, name: &str) -> String {
    new_id(&served.post("/ports", &json!({"name": name, "secret": "s"}).to_string()))
}

#[test]
fn a_sent_list_is_shown_in_its_documented_envelope_with_its_counts() {
    let served = api(TRIPS);
    let trip = served.post("/trips", r#"{"stops": [{"port": "x", "nights": 2}, {"port": "y", "nights": 3}]}"#).json();
    assert_eq!((&trip["stops"]["has_more"], &trip["stops"]["total"]), (&json!(false), &json!(2)));
    let nights: Vec<_> = trip["stops"]["data"].as_array().expect("a list").iter().map(|stop| &stop["nights"]).collect();
    assert_eq!(nights, [2, 3]);
    assert_eq!(served.get(&format!("/trips/{}", trip["id"].as_str().expect("an id"))).json(), trip);
}

#[test]
fn a_record_stands_where_a_request_names_its_id_and_the_contract_shows_a_record() {
    let served = api(TRIPS);
    let (oslo, kiel) = (new_port(&served, "Oslo"), new_port(&served, "Kiel"));
    let form = format!("stops[0][port]={oslo}&stops[0][nights]=2&stops[1][port]={kiel}");
    let content_type = [("content-type", "application/x-www-form-urlencoded")];
    let trip = served.send("POST", "/trips", &content_type, &form);
    let trip = format!("/trips/{}", new_id(&trip));
    let ports = |path: &str| {
        let trip = served.get(path).json();
        let trip = if path == "/trips" { trip["data"][0].clone() } else { trip };
        [trip["stops"]["data"][0]["port"].clone(), trip["stops"]["data"][1]["port"].clone()]
    };
    let expected = [json!({"id": oslo, "name": "Oslo"}), json!({"id": kiel, "name": "Kiel"})];
    for path in ["/trips", &trip] {
        let shown = ports(path).map(|port| json!({"id": port["id"], "name": port["name"]}));
        assert_eq!(shown, expected, "{path}");
        assert!(ports(path).iter().all(|port| port.get("secret").is_none()), "only what the schema of the port has");
    }
    served.call("PATCH", &format!("/ports/{oslo}"), r#"{"name": "Bergen"}"#);
    assert_eq!(ports(&trip)[0]["name"], "Bergen", "the record is shown as it is now");
}

#[test]
fn an_unknown_id_stays_the_id_of_the_record_shown_in_its_place() {
    let trip = api(TRIPS).post("/trips", r#"{"stops": [{"port": "nowhere"}]}"#).json();
    assert_eq!(trip["stops"]["data"][0]["port"]["id"], "nowhere");
}

#[test]
fn an_id_stays_an_id_where_the_contract_allows_both() {
    let served = api(TRIPS);
    let oslo = new_port(&served, "Oslo");
    let trip = served.post("/trips", &json!({"home_port": oslo}).to_string()).json();
    assert_eq!(trip["home_port"], json!(oslo));
}

#[test]
fn elements_of_a_sent_list_get_ids_of_their_own_that_stay() {
    let served = api(TRIPS);
    let trip = served.post("/trips", r#"{"stops": [{"nights": 1}, {"nights": 2}, {"id": "stop-abcdefgh"}]}"#).json();
    let ids = each(&trip["stops"]["data"], "id");
    assert!(ids.iter().all(|id| id.starts_with("stop-") && id.len() == 13), "{ids:?}");
    assert!(ids[0] != ids[1] && ids[2] == "stop-abcdefgh", "{ids:?}");
    assert_eq!(served.get("/trips").json()["data"][0]["stops"], trip["stops"]);
}

#[test]
fn what_was_sent_is_shown_however_deep_it_is() {
    let served = api("
openapi: 3.0.3
paths:
  /boats:
    get: {responses: {'200': {content: {application/json: {schema: {type: object, properties: {items: {type: array, items: {$ref: '#/components/schemas/Boat'}}}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}
      responses: {'201': {content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}}
  /boats/{id}:
    get: {responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}}}
components:
  schemas:
    Boat: {type: object, properties: {id: {type: string}, rig: {$ref: '#/components/schemas/Rig'}}}
    Rig: {type: object, properties: {masts: {type: array, items: {$ref: '#/components/schemas/Mast'}}}}
    Mast: {type: object, properties: {name: {type: string}, sails: {type: array, items: {$ref: '#/components/schemas/Sail'}}}}
    Sail: {type: object, properties: {name: {type: string}, cloth: {$ref: '#/components/schemas/Cloth'}}}
    Cloth: {type: object, properties: {maker: {$ref: '#/components/schemas/Maker'}, code: {type: string, writeOnly: true}, labels: {type: object, additionalProperties: {type: string}}}}
    Maker: {type: object, properties: {name: {type: string}, town: {type: object, properties: {name: {type: string}}}}}
");
    let cloth = json!({"maker": {"name": "Elva", "town": {"name": "Risor"}}, "labels": {"weight": "heavy"}});
    let rig = |cloth| json!({"masts": [{"name": "main", "sails": [{"name": "jib", "cloth": cloth}]}]});
    let mut sent = rig(cloth.clone());
    sent["masts"][0]["sails"][0]["cloth"]["code"] = "secret".into();
    let id = new_id(&served.post("/boats", &json!({"rig": sent}).to_string()));
    assert_eq!(served.get(&format!("/boats/{id}")).json()["rig"], rig(cloth.clone()));
    assert_eq!(served.get("/boats").json()["items"][0]["rig"], rig(cloth));
}

#[test]
fn nothing_is_shown_inside_a_record_that_only_its_example_has_if_only_documented_behaviour_counts() {
    let served = documented_only(TRIPS);
    let oslo = new_port(&served, "Oslo");
    let trip = served.post("/trips", &json!({"stops": [{"port": oslo}]}).to_string()).json();
    assert_ne!(trip["stops"]["data"][0]["port"]["id"], json!(oslo));
}

/// Boats that are described inside `spec`, as lists and reads show them.
const SPECIFIED: &str = "
openapi: 3.0.3
paths:
  /boats:
    get: {responses: {'200': {content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Boat'}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses: {'201': {content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: string}}}}}}}
  /boats/{id}:
    get: {responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}}}
  /boats/{id}/update:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {sails: {type: integer}}}}}}
      responses: {'200': {content: {application/json: {schema: {type: object, properties: {warnings: {type: array, items: {type: string}}}}}}}}
components:
  schemas:
    Boat: {type: object, properties: {id: {type: string}, spec: {type: object, properties: {name: {type: string}, sails: {type: integer, nullable: true}}}}}
";

#[test]
fn what_was_sent_is_shown_in_the_object_whose_schema_has_it() {
    let served = api(SPECIFIED);
    let boat = format!("/boats/{}", new_id(&served.post("/boats", r#"{"name": "Ann"}"#)));
    assert_eq!(served.get("/boats").json()[0]["spec"]["name"], "Ann");
    assert_eq!(served.post(&format!("{boat}/update"), r#"{"sails": 3}"#).status, 200);
    assert_eq!(served.get(&boat).json()["spec"], json!({"name": "Ann", "sails": 3}));
    assert_eq!(served.get("/boats").json()[0]["spec"]["sails"], 3);
}

#[test]
fn one_null_that_a_schema_does_not_allow_leaves_the_other_values_as_they_are() {
    let served = api("
openapi: 3.0.3
paths:
  /boats:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses: {'201': {content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}, example: {id: b1, name: Ann, home: null, flag: null}}}}}
  /boats/{id}:
    get: {responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}}}
components:
  schemas:
    Boat:
      type: object
      required: [flag]
      properties: {id: {type: string}, name: {type: string}, home: {allOf: [{$ref: '#/components/schemas/Port'}], type: object, nullable: true}, flag: {nullable: true, anyOf: [{type: string}]}}
    Port: {type: object, required: [name], properties: {name: {type: string}}}
");
    let boat = served.post("/boats", r#"{"name": "Bea"}"#).json();
    assert_eq!((&boat["name"], boat.get("home")), (&json!("Bea"), None), "an optional null is left out");
    assert!(boat["flag"].is_string(), "a required one is replaced: {boat}");
}
