//! Contracts of other APIs, without dialects, resources and tokens: everything is inferred.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use standin::diagnostics::SourceFile;
use standin::openapi::{ApiFolder, RoleKind};
use standin::pipeline::{Engine, Session};
use standin::request::{Checking, Clock, Request, Settings, UnknownIds};
use standin::scenarios::{Scenario, Start};

use crate::vocabulary::noon;

struct Shop {
    engine: Engine,
    session: Session,
}

struct Seen {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Seen {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("JSON")
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A typical API: orders of customers, in OpenAPI 3.1, with numbers as ids.
fn contract() -> Value {
    let order = json!({"type": "object", "required": ["id", "total"], "properties": {
        "id": {"type": "integer"}, "total": {"type": "number", "minimum": 0}, "state": {"enum": ["open", "paid"]},
        "note": {"type": ["string", "null"]}, "customerId": {"type": "string"}, "createdAt": {"type": "string", "format": "date-time"},
    }});
    let customer = json!({"type": "object", "required": ["id", "name"], "properties": {
        "id": {"type": "string", "pattern": "^cus_[a-z0-9]{14}$"}, "name": {"type": "string"}, "email": {"type": "string", "format": "email"},
    }});
    let body = |schema: &str| json!({"content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{schema}")}}}});
    let new = |schema: Value| json!({"required": true, "content": {"application/json": {"schema": schema}, "application/x-www-form-urlencoded": {"schema": schema}, "multipart/form-data": {"schema": schema}}});
    let ok = |schema: &str| json!({"description": "ok", "content": body(schema)["content"]});
    let gone = json!({"description": "gone"});
    let list = |schema: &str| {
        json!({"description": "ok", "content": {
            "application/json": {"schema": {"type": "object", "properties": {"total": {"type": "integer"}, "items": {"type": "array", "items": {"$ref": format!("#/components/schemas/{schema}")}}}}},
            "text/csv": {"example": "id,total\n1,2\n"},
        }})
    };
    let order_body = json!({"type": "object", "required": ["total"], "properties": {"total": {"type": "number", "minimum": 0}, "state": {"enum": ["open", "paid"]}, "note": {"type": "string", "maxLength": 5}, "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}}}, "additionalProperties": false});
    json!({
        "openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "servers": [{"url": "https://shop.example.com/{v}", "variables": {"v": {"default": "v1"}}}],
        "components": {"schemas": {"Order": order, "Customer": customer}},
        "paths": {
            "/customers": {
                "get": {"parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 50}}, {"name": "offset", "in": "query", "schema": {"type": "integer"}}, {"name": "name", "in": "query", "schema": {"type": "string"}}, {"name": "sort", "in": "query", "schema": {"type": "string"}}], "responses": {"200": list("Customer")}},
                "post": {"requestBody": new(json!({"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "email": {"type": "string"}}})), "responses": {"201": ok("Customer"), "422": {"description": "wrong", "content": {"application/json": {"examples": {"short": {"value": {"why": "too short"}}, "long": {"value": {"why": "too long"}}}}}}}},
            },
            "/customers/{customer_id}": {
                "get": {"responses": {"200": ok("Customer"), "404": gone}},
                "patch": {"requestBody": new(json!({"type": "object"})), "responses": {"200": ok("Customer")}},
                "delete": {"responses": {"204": {"description": "gone"}}},
            },
            "/customers/{customer_id}/orders": {
                "get": {"responses": {"200": list("Order")}},
                "post": {"requestBody": new(order_body), "responses": {"201": ok("Order")}},
            },
            "/orders/{orderId}": {"get": {"responses": {"200": ok("Order")}}},
            "/orders/{orderId}/pay": {"post": {"requestBody": new(json!({"type": "object"})), "responses": {"200": ok("Order")}}},
            "/settings": {"get": {"responses": {"200": {"description": "ok", "content": {"application/json": {"example": {"colour": "red", "size": 3}}}}}}, "put": {"requestBody": new(json!({"type": "object"})), "responses": {"200": {"description": "ok", "content": {"application/json": {"example": {"colour": "red", "size": 3}}}}}}},
            "/report": {"get": {"responses": {"200": {"description": "ok", "content": {"application/json": {"example": {"sum": 7}}}}}}},
        },
    })
}

fn shop_with(settings: Settings) -> Shop {
    shop_of(&contract(), settings)
}

fn shop_of(contract: &Value, settings: Settings) -> Shop {
    let contracts = vec![SourceFile::new("shop.json", contract.to_string())];
    let engine = Engine::new(&ApiFolder { contracts, ..ApiFolder::default() }).expect("no other files");
    let scenario = Scenario::read(engine.scenarios().find(Scenario::EMPTY).expect("every API has it")).expect("right");
    let flags = engine.quirks().flags(&Default::default()).expect("none");
    let start = Start { clock: Clock::Frozen(noon()), now: noon(), flags, seed: None };
    let mut state = scenario.seed(&engine, start).expect("right");
    state.settings = settings;
    Shop { engine, session: Session::new(state) }
}

fn shop() -> Shop {
    shop_with(Settings::default())
}

impl Shop {
    fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Seen {
        let (path, query) =
            target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query.to_owned())));
        let headers = headers.iter().map(|(name, value)| {
            (name.parse::<HeaderName>().expect("a name"), HeaderValue::from_str(value).expect("a value"))
        });
        let call = Request {
            method: Method::from_bytes(method.as_bytes()).expect("a method"),
            path: format!("/v1{path}").into(),
            query,
            headers: headers.collect(),
            body: body.to_owned().into(),
            at: noon(),
        };
        let response = self.engine.answer(&self.session, &call);
        Seen {
            status: response.status.as_u16(),
            headers: response.headers.iter().cloned().collect(),
            text: String::from_utf8(response.body.to_vec()).expect("text"),
        }
    }

    fn call(&self, method: &str, target: &str, body: Value) -> Seen {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, target, &[("content-type", "application/json")], &body)
    }

    fn customer(&self, name: &str) -> String {
        let created = self.call("POST", "/customers", json!({"name": name}));
        assert_eq!(created.status, 201, "{}", created.text);
        created.json()["id"].as_str().expect("an id").to_owned()
    }
}

#[test]
fn created_record_can_be_read_listed_updated_and_deleted_without_a_token() {
    let shop = shop();
    let ada = shop.customer("Ada");
    assert!(ada.starts_with("cus_") && ada.len() == 18, "the pattern of the contract makes ids: {ada}");
    assert_eq!(shop.call("GET", &format!("/customers/{ada}"), Value::Null).json()["name"], "Ada");
    let order = shop.call("POST", &format!("/customers/{ada}/orders"), json!({"total": "12.5"})).json();
    assert_eq!((&order["total"], order["id"].is_i64(), &order["customerId"]), (&json!(12.5), true, &json!(ada)));
    assert_eq!(order["createdAt"], "2026-02-08T12:00:00Z");
    let path = format!("/orders/{}", order["id"]);
    assert_eq!(shop.call("GET", &path, Value::Null).json()["total"], 12.5, "the same order on another path");
    let paid = shop.call("POST", &format!("{path}/pay"), json!({"state": "paid", "card": "1"})).json();
    assert_eq!((&paid["state"], paid.get("card")), (&json!("paid"), None));
    let bob = shop.customer("Bob");
    assert_eq!(shop.call("GET", &format!("/customers/{bob}/orders"), Value::Null).json()["total"], 0);
    shop.call("PATCH", &format!("/customers/{ada}"), json!({"name": "Ada L"}));
    assert_eq!(shop.call("GET", &format!("/customers/{ada}"), Value::Null).json()["name"], "Ada L");
    assert_eq!(shop.call("DELETE", &format!("/customers/{ada}"), Value::Null).status, 204);
    let gone = shop.call("GET", &format!("/customers/{ada}"), Value::Null);
    assert_eq!((gone.status, gone.header("x-standin-refused")), (404, "not_found"));
    assert_eq!(
        shop.call("POST", &format!("/customers/{ada}/orders"), json!({"total": 1})).status,
        404,
        "nobody orders"
    );
}

#[test]
fn omitted_fields_of_a_new_record_are_null_or_absent() {
    let shop = shop();
    let ada = shop.customer("Ada");
    let seen = shop.call("GET", &format!("/customers/{ada}"), Value::Null).json();
    assert_eq!(seen, json!({"id": ada, "name": "Ada"}), "an optional email is absent");
    let order = shop.call("POST", &format!("/customers/{ada}/orders"), json!({"total": 1})).json();
    assert_eq!(
        (&order["note"], &order["state"]),
        (&Value::Null, &json!("open")),
        "a new one is as new ones are: {order}"
    );
    assert_eq!(order["createdAt"], "2026-02-08T12:00:00Z", "the request cannot set the timestamp");
}

#[test]
fn list_is_paged_filtered_and_sorted_by_declared_parameters() {
    let shop = shop();
    for name in ["b", "c", "a", "d"] {
        shop.customer(name);
    }
    let names = |query: &str| -> Vec<String> {
        let seen = shop.call("GET", &format!("/customers?{query}"), Value::Null).json();
        let items = seen["items"].as_array().expect("a list").iter();
        items.map(|item| item["name"].as_str().expect("a name").to_owned()).filter(|name| name.len() == 1).collect()
    };
    assert_eq!(names("sort=name"), ["a", "b", "c", "d"]);
    assert_eq!(names("sort=-name"), ["d", "c", "b", "a"]);
    assert_eq!(names("name=c"), ["c"]);
    assert_eq!(names("sort=name&limit=2"), ["a", "b"]);
    assert_eq!(names("sort=name&limit=2&offset=2").first().map(String::as_str), Some("c"));
    let all = shop.call("GET", "/customers?limit=1", Value::Null).json();
    assert_eq!(
        (all["total"].as_u64(), all["items"].as_array().map(Vec::len)),
        (Some(4), Some(1)),
        "the contract has no example of a customer"
    );
}

#[test]
fn singleton_exists_from_the_start_and_keeps_changes() {
    let shop = shop();
    assert_eq!(shop.call("GET", "/settings", Value::Null).json(), json!({"colour": "red", "size": 3}));
    assert_eq!(shop.call("PUT", "/settings", json!({"colour": "blue"})).json(), json!({"colour": "blue", "size": 3}));
    assert_eq!(shop.call("GET", "/settings", Value::Null).json()["colour"], "blue");
}

#[test]
fn roles_are_inferred_from_paths_and_responses() {
    let shop = shop();
    let roles = shop
        .engine
        .contract()
        .operations
        .iter()
        .map(|operation| (&*operation.key, operation.role.kind, operation.role.resource.as_deref().unwrap_or("-")));
    let mut roles: Vec<_> = roles.collect();
    roles.sort_by_key(|(key, ..)| *key);
    use RoleKind::{Action, Create, Delete, List, Read, Report, Singleton, Update};
    assert_eq!(
        roles,
        [
            ("DELETE /v1/customers/{customer_id}", Delete, "customer"),
            ("GET /v1/customers", List, "customer"),
            ("GET /v1/customers/{customer_id}", Read, "customer"),
            ("GET /v1/customers/{customer_id}/orders", List, "order"),
            ("GET /v1/orders/{orderId}", Read, "order"),
            ("GET /v1/report", Report, "-"),
            ("GET /v1/settings", Singleton, "setting"),
            ("PATCH /v1/customers/{customer_id}", Update, "customer"),
            ("POST /v1/customers", Create, "customer"),
            ("POST /v1/customers/{customer_id}/orders", Create, "order"),
            ("POST /v1/orders/{orderId}/pay", Action, "order"),
            ("PUT /v1/settings", Singleton, "setting"),
        ]
    );
}

#[test]
fn preferred_response_comes_from_the_contract() {
    let mock = crate::vocabulary::mock(standin::quirks::Profile::Observed);
    let path = "/apigw/business/payments/v1/client_packages/y2g7pmb4vd09leas";
    assert_eq!(mock.send("GET", path, &[("authorization", "Bearer staff-harmony-7c1e94d0")], "").status, 401);
    let preferring = [("authorization", "Bearer staff-harmony-7c1e94d0"), ("prefer", "code=200")];
    let seen = mock.send("GET", path, &preferring, "");
    assert_eq!((seen.status, seen.quirks()), (200, ""));
}

#[test]
fn prefer_and_accept_select_response_and_media_type() {
    let shop = shop();
    let prefer = |wish: &str| shop.send("POST", "/customers", &[("prefer", wish)], "");
    assert_eq!((prefer("code=422").status, prefer("code=422").json()), (422, json!({"why": "too short"})));
    assert_eq!(prefer("code=422, example=long").json(), json!({"why": "too long"}));
    assert_eq!(prefer("dynamic=true").status, 201);
    assert_eq!((prefer("code=418").status, prefer("code=418").json()["standin"].is_string()), (400, true));
    let accept = |wish: &str| shop.send("GET", "/customers", &[("accept", wish)], "");
    assert_eq!(accept("text/csv").header("content-type"), "text/csv");
    assert_eq!(accept("text/csv").text, "id,total\n1,2\n");
    assert_eq!(accept("text/html, text/*;q=0.2, application/json;q=0.1").header("content-type"), "text/csv");
    assert_eq!(accept("*/*").header("content-type"), "application/json");
    assert_eq!(accept("image/png").status, 200, "an unavailable media type falls back to the default");
    let strict = shop_with(Settings { checking: Checking::Documented, ..Settings::default() });
    assert_eq!(strict.send("GET", "/customers", &[("accept", "image/png")], "").status, 406);
}

#[test]
fn form_body_is_read_like_json() {
    let shop = shop();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let created = shop.send("POST", "/customers", &form, "name=Grace+Hopper&email=g%40example.com").json();
    assert_eq!((&created["name"], &created["email"]), (&json!("Grace Hopper"), &json!("g@example.com")));
    let multipart = [("content-type", "multipart/form-data; boundary=XX")];
    let body = "--XX\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nLin\r\n--XX\r\nContent-Disposition: form-data; name=\"email\"; filename=\"a.txt\"\r\n\r\nx\r\n--XX--\r\n";
    let created = shop.send("POST", "/customers", &multipart, body).json();
    assert_eq!((&created["name"], &created["email"]), (&json!("Lin"), &json!("a.txt")));
    assert_eq!(shop.send("POST", "/customers", &multipart, "--XX broken").status, 400);
    assert_eq!(shop.send("POST", "/customers", &multipart, "").status, 422, "an empty body lacks the required name");
    let ada = shop.customer("Ada");
    let nested = "total=3&lines[0][sku]=a&lines[1][sku]=b";
    assert_eq!(shop.send("POST", &format!("/customers/{ada}/orders"), &form, nested).status, 201);
}

#[test]
fn checking_is_lenient_documented_or_off() {
    let of = |checking| {
        let shop = shop_with(Settings { checking, ..Settings::default() });
        let ada = shop.customer("Ada");
        let order = |body: Value| {
            let seen = shop.call("POST", &format!("/customers/{ada}/orders"), body);
            (seen.status, seen.header("x-standin-refused").to_owned())
        };
        let why = |(status, header): (u16, String)| format!("{status} {}", header.replace(";", ""));
        let page = shop.call("GET", "/customers?limit=1000", Value::Null).status;
        let cases =
            [json!({"total": "3"}), json!({"total": 3, "more": 1}), json!({"total": 3, "note": "too long"}), json!({})];
        let mut seen: Vec<String> = cases.into_iter().map(order).map(why).collect();
        seen.push(page.to_string());
        seen
    };
    let order = "contract=shop.json:1";
    assert_eq!(
        of(Checking::Lenient),
        [
            "201 ".to_owned(),
            "201 ".to_owned(),
            format!("422 invalid at=/note rule=maxLength {order}"),
            format!("422 missing at=/ rule=required {order}"),
            "200".to_owned()
        ]
    );
    assert_eq!(
        of(Checking::Documented),
        [
            format!("422 invalid at=/total rule=type {order}"),
            format!("422 invalid at=/ rule=additionalProperties {order}"),
            format!("422 invalid at=/note rule=maxLength {order}"),
            format!("422 missing at=/ rule=required {order}"),
            "422".to_owned(),
        ]
    );
    assert_eq!(of(Checking::Off), ["201 ", "201 ", "201 ", "201 ", "200"]);
}

#[test]
fn unknown_ids_answer_returns_the_example() {
    let shop = shop_with(Settings { unknown_ids: UnknownIds::Example, ..Settings::default() });
    let seen = shop.call("GET", "/customers/somebody", Value::Null);
    assert_eq!((seen.status, seen.json()["name"].is_string()), (200, true));
    assert_eq!(shop.call("POST", "/customers/somebody/orders", json!({"total": 1})).status, 201);
    assert_eq!(self::shop().call("GET", "/customers/somebody", Value::Null).status, 404);
}

#[test]
fn examples_of_the_contract_exist_as_records() {
    let shop = shop();
    let order = json!({"type": "object", "properties": {"id": {"type": "integer"}, "total": {"type": "number"}}});
    let shown = |example: Value| json!({"200": {"description": "ok", "content": {"application/json": {"schema": order, "example": example}}}});
    let documented = json!({"openapi": "3.1.0", "servers": [{"url": "/v1"}], "paths": {
        "/orders/{id}": {"get": {"responses": shown(json!({"id": 7, "total": 12.5}))}, "delete": {"responses": {"204": {"description": "gone"}}}},
    }});
    let api = shop_of(&documented, Settings::default());
    assert_eq!(api.call("GET", "/orders/7", Value::Null).json(), json!({"id": 7, "total": 12.5}));
    assert_eq!(shop.call("GET", "/customers", Value::Null).json()["items"], json!([]), "the contract has no example");
}

#[test]
fn recursive_schema_is_validated_in_bounded_time() {
    let contract = json!({
        "openapi": "3.0.0",
        "paths": {"/trees": {"post": {
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tree"}}}},
            "responses": {"201": {"description": "kept"}}
        }}},
        "components": {"schemas": {"Tree": {
            "type": "object",
            "properties": {"name": {"type": "string", "maxLength": 3}},
            "additionalProperties": {"oneOf": [
                {"$ref": "#/components/schemas/Tree"},
                {"$ref": "#/components/schemas/Tree"},
                {"$ref": "#/components/schemas/Tree"}
            ]}
        }}}
    });
    let schema = standin::openapi::Schema::new(
        json!({"$ref": "#/components/schemas/Tree"}),
        std::sync::Arc::new(contract["components"].clone()),
    );
    let deep = (0..100).fold(json!({}), |inner, _| json!({"a": inner}));
    // Without a bound this would not end.
    assert!(schema.violations(&deep).is_empty());
    assert!(!schema.violations(&json!({"name": "far too long"})).is_empty(), "shallow values are validated");
    // With one level of alternatives any depth is checked.
    let plain = json!({"schemas": {"List": {"type": "object", "properties": {
        "next": {"$ref": "#/components/schemas/List"}, "name": {"type": "string"}
    }}}});
    let list = standin::openapi::Schema::new(json!({"$ref": "#/components/schemas/List"}), std::sync::Arc::new(plain));
    let wrong = (0..60).fold(json!({"name": 1}), |inner, _| json!({"next": inner}));
    assert_eq!(list.violations(&wrong).len(), 1);
}
