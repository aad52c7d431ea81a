//! What the query of a request without a body says about a record.

use serde_json::json;

use super::{api, each};

const CHARTS: &str = "
swagger: '2.0'
paths:
  /charts/create:
    post:
      parameters:
        - {name: fromChart, in: query, type: string}
        - {name: tag, in: query, type: string}
        - {name: scale, in: query, type: string}
        - {name: input, in: body, schema: {type: string}}
      responses: {200: {description: made}, 404: {description: none, schema: {$ref: '#/definitions/Error'}}}
  /charts/json:
    get: {responses: {200: {description: all, schema: {type: array, items: {$ref: '#/definitions/Chart'}}}}}
  /charts/{name}/json:
    get: {responses: {200: {description: one, schema: {$ref: '#/definitions/Chart'}}, 404: {description: none, schema: {$ref: '#/definitions/Error'}}}}
  /charts/{name}:
    delete: {responses: {200: {description: gone}}}
definitions:
  Error: {type: object, required: [message], properties: {message: {type: string}}}
  Chart: {type: object, properties: {Id: {type: string}, Scale: {type: string}, ChartTags: {type: array, items: {type: string}, example: ['kattegat:1']}}}
";

#[test]
fn a_query_without_a_body_names_the_new_record() {
    let served = api(CHARTS);
    assert_eq!(served.get("/charts/skagerrak:2024/json").status, 404);
    assert_eq!(served.send("POST", "/charts/create?fromChart=skagerrak&tag=2024&scale=fine", &[], "").status, 200);
    let chart = served.get("/charts/skagerrak:2024/json").json();
    assert_eq!((&chart["ChartTags"], &chart["Scale"]), (&json!(["skagerrak:2024"]), &json!("fine")));
    assert_eq!(chart.as_object().map(|members| members.len()), Some(3), "{chart}");
    assert!(each(&served.get("/charts/json").json(), "Id").contains(&chart["Id"].as_str().expect("an id")));
    assert_eq!(served.get("/charts/skagerrak/json").status, 404);
    assert_eq!(served.delete("/charts/skagerrak:2024").status, 200);
    assert_eq!(served.get("/charts/skagerrak:2024/json").status, 404);
}

#[test]
fn the_name_in_the_query_needs_no_tag() {
    let served = api(CHARTS);
    served.send("POST", "/charts/create?fromChart=skagerrak", &[], "");
    assert_eq!(served.get("/charts/skagerrak/json").status, 200);
}

#[test]
fn an_action_without_a_body_changes_the_fields_in_its_query() {
    let served = api("
openapi: 3.0.3
paths:
  /boats:
    post: {requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {'201': {content: {application/json: {example: {id: b1, name: Ann, crew: [Bo]}}}}}}
  /boats/{id}:
    get: {responses: {'200': {content: {application/json: {example: {id: b1, name: Ann, crew: [Bo]}}}}}}
  /boats/{id}/rename:
    post:
      parameters: [{name: name, in: query, schema: {type: string}}, {name: id, in: query, schema: {type: string}}, {name: crew, in: query, schema: {type: string}}]
      responses: {'204': {description: done}}
");
    assert_eq!(served.send("POST", "/boats/b1/rename?name=Bea&id=b2&crew=x&other=y", &[], "").status, 204);
    assert_eq!(served.get("/boats/b1").json(), json!({"id": "b1", "name": "Bea", "crew": ["Bo"]}));
}
