//! The records that the path of another record names.

use serde_json::json;

use super::{api, documented_only, each, new_id};

const ORDERS: &str = "
openapi: 3.0.3
paths:
  /orders:
    post: {requestBody: &order {content: {application/json: {schema: {type: object, properties: {id: {type: string}, title: {type: string}}}}}}, responses: {'201': *order}}
  /orders/{id}:
    get: {responses: {'200': *order}}
  /orders/{id}/lines:
    get: {responses: {'200': {content: {application/json: {schema: {type: array, items: &line {type: object, properties: {id: {type: string}, sku: {type: string}}}}}}}}}
    post: {requestBody: &one {content: {application/json: {schema: *line}}}, responses: {'201': *one}}
  /orders/{order_id}/lines/{id}:
    get: {responses: {'200': *one}}
    delete: {responses: {'204': {description: gone}}}
  /regions/{region}/lamps:
    get: {responses: {'200': {content: {application/json: {schema: {type: array, items: *line}}}}}}
    post: {requestBody: *one, responses: {'201': *one}}
  /regions/{region}/lamps/{id}:
    get: {responses: {'200': *one}}
";

#[test]
fn a_parent_that_requests_can_create_must_exist() {
    let served = api(ORDERS);
    assert_eq!(served.post("/orders/unknown/lines", r#"{"sku": "rope"}"#).status, 404);
    assert_eq!(served.get("/orders/unknown/lines").status, 404);
    let order = new_id(&served.post("/orders", r#"{"title": "May"}"#));
    assert_eq!(served.post(&format!("/orders/{order}/lines"), r#"{"sku": "rope"}"#).status, 201);
}

#[test]
fn a_parent_that_no_request_creates_counts_as_existing() {
    let served = api(ORDERS);
    let lamp = new_id(&served.post("/regions/north/lamps", r#"{"sku": "red"}"#));
    assert_eq!(served.get(&format!("/regions/north/lamps/{lamp}")).json()["sku"], "red");
    assert_eq!(served.get(&format!("/regions/south/lamps/{lamp}")).status, 404, "it is in the north");
    assert_eq!(each(&served.get("/regions/north/lamps").json(), "sku"), ["red"]);
    assert_eq!(served.get("/regions/south/lamps").json(), json!([]));
}

#[test]
fn a_parent_may_have_another_name_in_each_path() {
    let served = api(ORDERS);
    let [may, june] =
        ["May", "June"].map(|title| new_id(&served.post("/orders", &json!({"title": title}).to_string())));
    let line = new_id(&served.post(&format!("/orders/{may}/lines"), r#"{"sku": "rope"}"#));
    assert_eq!(served.get(&format!("/orders/{may}/lines/{line}")).json(), json!({"id": line, "sku": "rope"}));
    assert_eq!(served.get(&format!("/orders/{june}/lines/{line}")).status, 404);
    assert_eq!(each(&served.get(&format!("/orders/{may}/lines")).json(), "sku"), ["rope"]);
    assert_eq!(served.get(&format!("/orders/{june}/lines")).json(), json!([]));
    assert_eq!(served.delete(&format!("/orders/{june}/lines/{line}")).status, 404);
    assert_eq!(served.delete(&format!("/orders/{may}/lines/{line}")).status, 204);
    assert_eq!(served.get(&format!("/orders/{may}/lines")).json(), json!([]));
}

#[test]
fn a_parent_that_put_creates_must_exist() {
    let served = api("
openapi: 3.0.3
paths:
  /vaults/{vault}:
    put: {requestBody: &vault {content: {application/json: {schema: {type: object, properties: {name: {type: string}, place: {type: string}}}}}}, responses: {'201': *vault}}
  /vaults/{vault}/keys/{key}:
    put: {requestBody: *vault, responses: {'201': *vault}}
    get: {responses: {'200': *vault}}
");
    assert_eq!(served.call("PUT", "/vaults/v1/keys/k1", r#"{"place": "left"}"#).status, 404);
    assert_eq!(served.call("PUT", "/vaults/v1", r#"{"place": "cellar"}"#).status, 201);
    assert_eq!(served.call("PUT", "/vaults/v1/keys/k1", r#"{"place": "left"}"#).status, 201);
    assert_eq!(served.get("/vaults/v1/keys/k1").json()["place"], "left");
    assert_eq!(served.get("/vaults/v2/keys/k1").status, 404);
}

#[test]
fn parents_are_compared_by_the_name_of_the_parameter_only_with_documented_behaviour_only() {
    let served = documented_only(ORDERS);
    let order = new_id(&served.post("/orders", r#"{"title": "May"}"#));
    let line = new_id(&served.post(&format!("/orders/{order}/lines"), r#"{"sku": "rope"}"#));
    // The line was created below `{id}`, so nothing says what its `order_id` is.
    assert_eq!(served.get(&format!("/orders/other/lines/{line}")).json()["sku"], "rope");
}

#[test]
fn several_parameters_of_one_collection_are_different_parents() {
    let served = api("
openapi: 3.0.3
paths:
  /books/{author}/{book}/pages:
    get: {responses: {'200': {content: {application/json: {schema: {type: array, items: &page {type: object, properties: {id: {type: string}, text: {type: string}}}}}}}}}
    post: {requestBody: &one {content: {application/json: {schema: *page}}}, responses: {'201': *one}}
  /books/{author}/{book}/pages/{id}:
    get: {responses: {'200': *one}}
");
    let page = new_id(&served.post("/books/ann/sea/pages", r#"{"text": "waves"}"#));
    served.post("/books/ann/sky/pages", r#"{"text": "clouds"}"#);
    assert_eq!(each(&served.get("/books/ann/sea/pages").json(), "text"), ["waves"]);
    assert_eq!(served.get(&format!("/books/ann/sea/pages/{page}")).status, 200);
    for other in ["bob/sea", "ann/sky"] {
        assert_eq!(served.get(&format!("/books/{other}/pages/{page}")).status, 404, "{other}");
    }
}

#[test]
fn a_path_may_address_a_record_by_its_name_below_another_parameter() {
    let served = api("
openapi: 3.0.3
paths:
  /me/books:
    post: {requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {'201': &book {content: {application/json: {schema: {type: object, properties: {id: {type: integer}, name: {type: string}}}}}}}}
  /books/{author}/{book}:
    get: {responses: {'200': *book}}
    delete: {responses: {'204': {description: gone}}}
  /books/{author}/{book}/pages:
    post: {requestBody: *book, responses: {'201': *book}}
");
    let created = served.post("/me/books", r#"{"name": "sea"}"#).json();
    assert_eq!(served.get("/books/ann/sea").json(), created);
    assert_eq!(served.get(&format!("/books/ann/{}", created["id"])).json(), created);
    assert_eq!(served.post("/books/ann/sea/pages", r#"{"name": "waves"}"#).status, 201);
    assert_eq!(served.delete("/books/ann/sea").status, 204);
    assert_eq!(served.get("/books/ann/sea").status, 404);
}

#[test]
fn a_path_without_the_parent_does_not_show_its_id() {
    let served = api("
openapi: 3.0.3
paths:
  /orders/{orderId}/lines:
    post: {requestBody: &line {content: {application/json: {schema: {type: object, properties: {id: {type: string}, sku: {type: string}}}}}}, responses: {'201': *line}}
  /lines/{id}:
    get: {responses: {'200': *line}}
");
    let line = new_id(&served.post("/orders/o1/lines", r#"{"sku": "rope"}"#));
    assert_eq!(served.get(&format!("/lines/{line}")).json(), json!({"id": line, "sku": "rope"}));
}

const HARBOURS: &str = "
openapi: 3.0.3
paths:
  /harbours:
    post: {requestBody: &one {content: {application/json: {schema: {type: object, properties: {id: {type: string}, name: {type: string}}}}}}, responses: {'201': *one}}
  /harbours/{harbour}:
    get: {responses: {'200': *one}}
  /harbours/{harbour}/boats:
    post: {requestBody: *one, responses: {'201': *one}}
  /harbours/{harbour}/light:
    get: {responses: {'200': *one}}
    put: {requestBody: *one, responses: {'200': *one}}
";

#[test]
fn a_parent_may_be_addressed_by_its_name() {
    let served = api(HARBOURS);
    served.post("/harbours", r#"{"name": "oslo"}"#);
    assert_eq!(served.get("/harbours/oslo").status, 200);
    assert_eq!(served.post("/harbours/oslo/boats", r#"{"name": "Ann"}"#).status, 201);
    assert_eq!(served.post("/harbours/kiel/boats", r#"{"name": "Ann"}"#).status, 404);
}

#[test]
fn the_only_record_below_a_parent_exists_if_the_parent_does() {
    let served = api(HARBOURS);
    served.post("/harbours", r#"{"name": "oslo"}"#);
    assert_eq!(served.call("PUT", "/harbours/oslo/light", r#"{"name": "red"}"#).status, 200);
    assert_eq!(served.get("/harbours/oslo/light").json()["name"], "red");
    assert_eq!(served.get("/harbours/kiel/light").status, 404);
}
