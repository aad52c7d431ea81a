//! Filters of lists by JSON objects, by fields in another style, and by what the lists show.

use serde_json::json;

use super::{api, each};
use crate::served::Served;

const BOATS: &str = "
openapi: 3.0.3
paths:
  /boats:
    get:
      parameters:
        - {name: filters, in: query, schema: {type: string}}
        - {name: HomePort, in: query, schema: {type: string}}
      responses: {'200': {content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Boat'}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}
      responses: {'201': {content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}}
  /boats/{id}:
    get: {responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}}}
components:
  schemas:
    Boat:
      type: object
      properties: {Id: {type: string}, Name: {type: string}, home_port: {type: string}, Seats: {type: integer}, Labels: {type: object, additionalProperties: {type: string}}}
";

fn fleet() -> Served {
    let served = api(BOATS);
    for boat in [
        json!({"Name": "Ann", "home_port": "Oslo", "Seats": 2, "Labels": {"colour": "red"}}),
        json!({"Name": "Bea", "home_port": "Kiel", "Seats": 4, "Labels": {"colour": "blue"}}),
        json!({"Name": "Cleo, the 2nd", "home_port": "Oslo", "Seats": 4, "Labels": {"sail": "jib"}}),
    ] {
        assert_eq!(served.post("/boats", &boat.to_string()).status, 201);
    }
    served
}

#[test]
fn a_filter_may_be_a_json_object_with_lists_of_values() {
    let served = fleet();
    for (filters, expected) in [
        (json!({"name": ["Ann"]}), &["Ann"][..]),
        (json!({"name": ["Ann", "Cleo, the 2nd"]}), &["Ann", "Cleo, the 2nd"]),
        (json!({"name": "Bea"}), &["Bea"]),
        (json!({"name": {"Ann": true, "Bea": false}}), &["Ann"]),
        (json!({"seats": [4], "home_port": ["Oslo"]}), &["Cleo, the 2nd"]),
        (json!({"label": ["colour=red"]}), &["Ann"]),
        (json!({"label": ["colour"]}), &["Ann", "Bea"]),
        (json!({"name": ["Zoe"]}), &[]),
        (json!({"name": []}), &["Ann", "Bea", "Cleo, the 2nd"]),
    ] {
        let query =
            form_urlencoded::Serializer::new(String::new()).append_pair("filters", &filters.to_string()).finish();
        let listed = served.get(&format!("/boats?{query}")).json();
        assert_eq!(each(&listed, "Name"), expected, "{filters}");
    }
}

#[test]
fn a_filter_that_is_no_json_object_filters_nothing() {
    for filters in ["name", "%7Bname", "%5B%22Ann%22%5D", "null"] {
        assert_eq!(
            fleet().get(&format!("/boats?filters={filters}")).json().as_array().map(Vec::len),
            Some(3),
            "{filters}"
        );
    }
}

#[test]
fn a_parameter_filters_by_a_field_that_is_written_in_another_style() {
    assert_eq!(each(&fleet().get("/boats?HomePort=Oslo").json(), "Name"), ["Ann", "Cleo, the 2nd"]);
}

#[test]
fn a_filter_compares_with_what_the_list_shows() {
    let served = api("
openapi: 3.0.3
paths:
  /boats:
    get:
      parameters: [{name: filters, in: query, schema: {type: string}}]
      responses: {'200': {content: {application/json: {example: [{id: b1, name: Ann}]}}}}
    post: {responses: {'201': {content: {application/json: {example: {id: b2, colour: red}}}}}}
  /boats/{id}:
    delete: {responses: {'204': {description: deleted}}}
");
    assert_eq!(each(&served.get("/boats").json(), "name"), ["Ann", "Ann"]);
    assert_eq!(each(&served.get("/boats?filters=%7B%22name%22:%22Ann%22%7D").json(), "id"), ["b1", "b2"]);
    assert_eq!(each(&served.get("/boats?filters=%7B%22name%22:%22Bea%22%7D").json(), "id"), Vec::<&str>::new());
}
