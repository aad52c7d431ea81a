//! Request bodies other than JSON, and the choice of documented responses.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use standin::diagnostics::SourceFile;
use standin::openapi::ApiFolder;
use standin::pipeline::{Engine, Session};
use standin::request::{Checking, Clock, Request, Settings};
use standin::scenarios::{Scenario, Start};

use crate::vocabulary::noon;

const FORM: &str = "application/x-www-form-urlencoded";

struct Api {
    engine: Engine,
    session: Session,
}

struct Seen {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Api {
    /// An API of one contract, with documented checking.
    fn new(contract: &Value) -> Self {
        let contracts = vec![SourceFile::new("api.json", contract.to_string())];
        let engine = Engine::new(&ApiFolder { contracts, ..ApiFolder::default() }).expect("a valid contract");
        let scenario =
            Scenario::read(engine.scenarios().find(Scenario::EMPTY).expect("every API has it")).expect("valid");
        let flags = engine.quirks().flags(&Default::default()).expect("no quirks");
        let start = Start { clock: Clock::Frozen(noon()), now: noon(), flags, seed: None };
        let mut state = scenario.seed(&engine, start).expect("valid");
        state.settings = Settings { checking: Checking::Documented, ..Settings::default() };
        Self { engine, session: Session::new(state) }
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Seen {
        let headers = headers.iter().map(|(name, value)| {
            (name.parse::<HeaderName>().expect("a name"), HeaderValue::from_str(value).expect("a value"))
        });
        let request = Request {
            method: Method::from_bytes(method.as_bytes()).expect("a method"),
            path: path.into(),
            query: None,
            headers: headers.collect(),
            body: body.to_owned().into(),
            at: noon(),
        };
        let response = self.engine.answer(&self.session, &request);
        Seen {
            status: response.status.as_u16(),
            headers: response.headers.iter().cloned().collect(),
            body: serde_json::from_slice(&response.body).unwrap_or_default(),
        }
    }

    /// Posts a form and returns the status with the named fields of the created record.
    fn post(&self, content_type: &str, body: &str, fields: &[&str]) -> (u16, Value) {
        let seen = self.send("POST", "/things", &[("content-type", content_type)], body);
        let kept = fields.iter().filter_map(|name| Some(((*name).to_owned(), seen.body.get(*name)?.clone())));
        (seen.status, Value::Object(kept.collect()))
    }
}

/// `POST /things` with a body of one media type; the response has the same fields and an id.
fn things(media_type: &str, schema: &Value, encoding: &Value) -> Api {
    let mut thing = json!({"type": "object", "properties": schema["properties"]});
    thing["properties"]["id"] = json!({"type": "string"});
    Api::new(&json!({
        "openapi": "3.0.3", "info": {"title": "t", "version": "1"},
        "paths": {"/things": {"post": {
            "requestBody": {"required": true, "content": {media_type: {"schema": schema, "encoding": encoding}}},
            "responses": {"201": {"description": "ok", "content": {"application/json": {"schema": thing}}}},
        }}},
    }))
}

fn pets() -> Api {
    let schema = json!({"type": "object", "required": ["name"], "properties": {
        "name": {"type": "string"}, "age": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "codes": {"type": "array", "items": {"type": "integer"}},
        "owner": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"price": {"type": "integer"}, "count": {"type": "integer"}}}},
    }});
    things(
        FORM,
        &schema,
        &json!({"codes": {"style": "pipeDelimited", "explode": false}, "owner": {"contentType": "application/json"}}),
    )
}

#[test]
fn repeated_form_fields_become_a_list_where_the_schema_has_a_list() {
    let pets = pets();
    let tags = |body: &str| pets.post(FORM, body, &["name", "tags"]);
    assert_eq!(tags("name=a&tags=x&tags=y+z"), (201, json!({"name": "a", "tags": ["x", "y z"]})));
    assert_eq!(tags("name=a&tags=x"), (201, json!({"name": "a", "tags": ["x"]})));
    assert_eq!(tags("name=a&tags[]=x&tags%5B%5D=y"), (201, json!({"name": "a", "tags": ["x", "y"]})));
    assert_eq!(tags("name=a&name=b&tags=x"), (201, json!({"name": "b", "tags": ["x"]})), "the last scalar wins");
}

#[test]
fn form_fields_are_decoded_by_the_encoding_of_the_contract() {
    let pets = pets();
    let (status, fields) = pets.post(FORM, "name=a&codes=1|2%7C3&owner=%7B%22id%22%3A7%7D", &["codes", "owner"]);
    assert_eq!((status, fields), (201, json!({"codes": [1, 2, 3], "owner": {"id": 7}})));
    assert_eq!(pets.post(FORM, "name=a&codes=1|x", &[]).0, 422);
    assert_eq!(pets.post(FORM, "name=a&owner=%7B%22id%22%3A%22x%22%7D", &[]).0, 422);
}

#[test]
fn bracketed_form_fields_become_objects_and_lists() {
    let pets = pets();
    let lines = |body: &str| pets.post(FORM, &format!("name=a&{body}"), &["lines"]);
    let owner = |body: &str| pets.post(FORM, &format!("name=a&{body}"), &["owner"]);
    let expected = json!({"lines": [{"price": 1, "count": 2}, {"price": 3, "count": 4}]});
    assert_eq!(
        lines("lines[0][price]=1&lines[0][count]=2&lines[1][price]=3&lines[1][count]=4"),
        (201, expected.clone())
    );
    assert_eq!(lines("lines[][price]=1&lines[][count]=2&lines[][price]=3&lines[][count]=4"), (201, expected));
    assert_eq!(owner("owner[id]=7"), (201, json!({"owner": {"id": 7}})));
    assert_eq!(owner("owner[id]=x").0, 422);
    // One malformed name does not spoil the other fields.
    assert_eq!(owner("owner=1&owner[id]=7&[=x&=y"), (201, json!({"owner": {"id": 7}})));
    let deep = format!("owner{}=1", "[a]".repeat(100));
    assert_eq!(owner(&deep).0, 201, "a field that is too deep is ignored");
}

#[test]
fn form_parameters_of_swagger_2_are_split_by_their_collection_format() {
    let post = |format: &str, body: &str| {
        let list = json!({"in": "formData", "name": "ids", "type": "array", "required": true, "collectionFormat": format, "items": {"type": "integer"}});
        let api =
            Api::new(&json!({"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {"/things": {"post": {
                "consumes": [FORM], "parameters": [list],
                "responses": {"200": {"description": "ok", "examples": {"application/json": {"ok": 1}}}},
            }}}}));
        api.post(FORM, body, &[]).0
    };
    for (format, body) in
        [("csv", "ids=1,2"), ("ssv", "ids=1+2"), ("tsv", "ids=1%092"), ("pipes", "ids=1|2"), ("multi", "ids=1&ids=2")]
    {
        assert_eq!(post(format, body), 200, "{format}");
        assert_eq!(post(format, &body.replace('2', "b")), 422, "{format}");
        assert_eq!(post(format, "other=1"), 422, "{format}: the parameter is required");
    }
}

fn uploads() -> Api {
    let schema = json!({"type": "object", "required": ["files"], "properties": {
        "data": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
        "files": {"type": "array", "maxItems": 2, "items": {"type": "string", "format": "binary"}},
        "note": {"type": "string"}, "count": {"type": "integer"},
    }});
    things("multipart/form-data", &schema, &json!({}))
}

fn part(headers: &str, content: &str) -> String {
    format!("--XX\r\nContent-Disposition: form-data; {headers}\r\n\r\n{content}\r\n")
}

const MULTIPART: &str = "multipart/form-data; boundary=XX";

#[test]
fn multipart_content_may_contain_the_boundary_inside_a_line() {
    let body =
        [part("name=\"note\"", "a --XX b"), part("name=\"files\"; filename=\"f\"", "x"), "--XX--\r\n".into()].concat();
    assert_eq!(uploads().post(MULTIPART, &body, &["note"]), (201, json!({"note": "a --XX b"})));
}

#[test]
fn multipart_file_names_may_contain_semicolons() {
    let body = [part("name=\"files\"; filename=\"a;b.bin\"", "x"), "--XX--\r\n".into()].concat();
    assert_eq!(uploads().post(MULTIPART, &body, &["files"]), (201, json!({"files": ["a;b.bin"]})));
}

#[test]
fn multipart_json_parts_and_repeated_files_are_read_by_the_schema() {
    let uploads = uploads();
    let file = part("name=\"files\"; filename=\"a\"", "x");
    let send =
        |parts: &[String]| uploads.post(MULTIPART, &[parts.concat(), "--XX--\r\n".into()].concat(), &["data", "count"]);
    let typed = part("name=\"data\"\r\nContent-Type: application/json", r#"{"name":"Ann"}"#);
    assert_eq!(
        send(&[typed, file.clone(), file.clone(), part("name=\"count\"", "2")]),
        (201, json!({"data": {"name": "Ann"}, "count": 2}))
    );
    let untyped = part("name=\"data\"", r#"{"name":"Ann"}"#);
    assert_eq!(send(&[untyped, file.clone()]), (201, json!({"data": {"name": "Ann"}})));
    assert_eq!(send(&[part("name=\"data\"", r#"{"year":1}"#), file.clone()]).0, 422);
    assert_eq!(send(&[part("name=\"count\"", "two"), file.clone()]).0, 422);
    assert_eq!(send(&[file.clone(), file.clone(), file]).0, 422, "three files are too many");
    assert_eq!(send(&[part("name=\"note\"", "x")]).0, 422, "files are required");
}

#[test]
fn broken_multipart_bodies_are_malformed() {
    let uploads = uploads();
    for body in [
        "--XX",
        "--XX\r\n\r\nno name\r\n--XX--\r\n",
        "nothing",
        "--XX\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\ncut",
    ] {
        assert_eq!(uploads.post(MULTIPART, body, &[]).0, 400, "{body}");
    }
}

fn orders() -> Api {
    Api::new(
        &json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/orders": {"get": {"responses": {
            "200": {"description": "ok", "content": {"application/json": {"examples": {"small": {"value": {"total": 1}}, "large": {"value": {"total": 1000}}}}}},
            "404": {"description": "none", "content": {"application/json": {"examples": {"gone": {"value": {"error": "gone"}}, "never, ever": {"value": {"error": "never"}}}}}},
        }}}}}),
    )
}

#[test]
fn prefer_selects_a_documented_response_and_names_what_was_applied() {
    let orders = orders();
    for (preferences, status, body, applied) in [
        (&["example=large"][..], 200, json!({"total": 1000}), "example=large"),
        (&["code=404"], 404, json!({"error": "gone"}), "code=404"),
        (&["example=gone"], 404, json!({"error": "gone"}), "example=gone"),
        (&["code=404", "example=gone"], 404, json!({"error": "gone"}), "code=404, example=gone"),
        (
            &["Code = \"404\" , respond-async; x=1, EXAMPLE=\"never, ever\""],
            404,
            json!({"error": "never"}),
            "code=404, example=\"never, ever\"",
        ),
        (&["code=404; example=gone"], 404, json!({"error": "gone"}), "code=404, example=gone"),
        (&["example=large, example=small"], 200, json!({"total": 1000}), "example=large"),
    ] {
        let headers: Vec<(&str, &str)> = preferences.iter().map(|preference| ("prefer", *preference)).collect();
        let seen = orders.send("GET", "/orders", &headers, "");
        assert_eq!((seen.status, &seen.body), (status, &body), "{preferences:?}");
        assert_eq!(seen.headers.get("preference-applied").and_then(|value| value.to_str().ok()), Some(applied));
    }
    let plain = orders.send("GET", "/orders", &[("prefer", "respond-async, wait=10")], "");
    assert_eq!((plain.status, plain.headers.get("preference-applied")), (200, None));
}

#[test]
fn prefer_rejects_what_the_operation_does_not_document() {
    let orders = orders();
    let message = |preference: &str| {
        let seen = orders.send("GET", "/orders", &[("prefer", preference)], "");
        (seen.status, seen.body["standin"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(message("code=500"), (400, "GET /orders documents no 500; it documents 200, 404".to_owned()));
    let known = "it documents `gone` (404), `never, ever` (404)";
    assert_eq!(message("code=404, example=lost"), (400, format!("GET /orders documents no example `lost`; {known}")));
}

#[test]
fn accept_excludes_media_types_of_weight_zero() {
    let api = Api::new(
        &json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/report": {"get": {"responses": {
            "200": {"description": "ok", "content": {"application/json": {"example": {"sum": 1}}, "text/csv": {"example": "1"}, "text/plain": {"example": "one"}}},
        }}}}}),
    );
    let chosen = |accept: &str| {
        let seen = api.send("GET", "/report", &[("accept", accept)], "");
        seen.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    assert_eq!(chosen("*/*, application/json;q=0"), "text/csv");
    assert_eq!(chosen("text/*;q=0.5, text/csv;q=0.1"), "text/plain", "the most specific range decides");
    assert_eq!(chosen("text/plain;charset=\"a,b\", */*;q=0.1"), "text/plain");
}

/// `POST /things` with an optional body of this schema.
fn optional(schema: &Value) -> Api {
    Api::new(&json!({
        "openapi": "3.0.3", "info": {"title": "t", "version": "1"},
        "paths": {"/things": {"post": {
            "requestBody": {"content": {"application/json": {"schema": schema}}},
            "responses": {"201": {"description": "ok", "content": {"application/json": {"example": {"id": "t1"}}}}},
        }}},
    }))
}

#[test]
fn null_body_is_rejected_unless_the_contract_allows_it() {
    let json_type = [("content-type", "application/json")];
    let fields = json!({"name": {"type": "string"}});
    let required = json!({"type": "object", "required": ["name"], "properties": fields});
    for (schema, body, status) in [
        (required.clone(), "null", 422),
        (json!({"type": "object", "properties": fields}), "null", 422),
        (json!({"type": "object", "properties": fields}), " null ", 422),
        (json!({"type": "array", "items": {"type": "string"}}), "null", 422),
        (json!({"type": "object", "properties": fields, "nullable": true}), "null", 201),
        (json!({"type": "object", "properties": fields}), "", 201),
        (json!({"type": "object", "properties": fields}), "{}", 201),
    ] {
        let seen = optional(&schema).send("POST", "/things", &json_type, body);
        assert_eq!(seen.status, status, "{body:?} with {schema}: {}", seen.body);
    }
    let seen = optional(&required).send("POST", "/things", &json_type, "null");
    assert_eq!(seen.body["field"], "name");
}
