//! Routing and response selection for contracts of other APIs.

use serde_json::json;
use standin::openapi::template::PathTemplate;
use standin::openapi::{ApiFolder, Code};
use standin::request::{Checking, Settings, UnknownIds};

use crate::served::Served;

fn any_id() -> Settings {
    Settings { unknown_ids: UnknownIds::Example, ..Settings::default() }
}

fn documented() -> Settings {
    Settings { checking: Checking::Documented, ..any_id() }
}

const VERSIONS: &str = r#"
openapi: 3.0.3
paths:
  /cakes/{name}?version=1:
    get: {responses: {"200": {content: {application/json: {example: {price: 1}}}}}}
  /cakes/{name}?version=2:
    get: {responses: {"200": {content: {application/json: {example: {price: 2}}}}}}
  /#Action=Count:
    post: {responses: {"200": {content: {application/json: {example: {count: 3}}}}}}
  /#Action=Sum:
    post: {responses: {"200": {content: {application/json: {example: {sum: 4}}}}}}
  /rpc#Get:
    put: {responses: {"200": {content: {application/json: {example: {got: 7}}}}}}
  /rpc#Put:
    put: {responses: {"200": {content: {application/json: {example: {put: 8}}}}}}
  /rpc#X-Target=Store.Get:
    post: {responses: {"200": {content: {application/json: {example: {got: 5}}}}}}
  /rpc#X-Target=Store.Put:
    post: {responses: {"200": {content: {application/json: {example: {put: 6}}}}}}
"#;

#[test]
fn query_and_fragment_of_a_path_key_select_the_operation() {
    let api = Served::new(VERSIONS, any_id());
    assert_eq!(api.get("/cakes/eclair?version=2&x=1").json(), json!({"price": 2}));
    assert_eq!(api.get("/cakes/eclair?version=1").json(), json!({"price": 1}));
    assert_eq!(api.get("/cakes/eclair?version=3").status, 404);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(api.send("POST", "/", &form, "Action=Sum&A=1").json(), json!({"sum": 4}));
    assert_eq!(api.send("POST", "/?Action=Count", &[], "").json(), json!({"count": 3}));
    assert_eq!(api.send("POST", "/rpc", &[("x-target", "Store.Put")], "").json(), json!({"put": 6}));
    assert_eq!(api.engine.contract().notes.iter().filter(|note| note.code == Code::RouteCollides).count(), 0);
}

#[test]
fn fragment_of_a_path_key_can_be_sent_as_a_part_of_the_path() {
    let api = Served::new(VERSIONS, any_id());
    assert_eq!(api.send("POST", "/%23Action=Sum", &[], "").json(), json!({"sum": 4}));
    assert_eq!(api.send("POST", "/rpc%23X-Target=Store.Put", &[], "").json(), json!({"put": 6}));
    assert_eq!(api.send("PUT", "/rpc%23Put", &[], "").json(), json!({"put": 8}));
    assert_eq!(api.send("PUT", "/rpc", &[], "").json(), json!({"got": 7}), "the first one");
    assert_eq!(api.send("POST", "/%23Action=Other", &[], "").status, 404);
}

#[test]
fn segment_with_several_parameters_is_split_at_its_literals() {
    let captures = |template: &str, path: &'static str| PathTemplate::parse(template).captures(path);
    assert_eq!(captures("/maps/{z}/{x},{y}", "/maps/3/4,5"), Some(vec!["3", "4", "5"]));
    assert_eq!(captures("/{name}.{extension}", "/a.tar.gz"), Some(vec!["a.tar", "gz"]));
    assert_eq!(captures("/compare/{base}...{head}", "/compare/v1.0...v2"), Some(vec!["v1.0", "v2"]));
    assert_eq!(captures("/{a}{b}", "/xyz"), Some(vec!["xy", "z"]));
    assert_eq!(captures("/{id}.json", "/.json"), None, "a parameter is not empty");
    assert_eq!(captures("/{id}.json", "/7.xml"), None);
}

#[test]
fn partly_literal_segment_is_more_specific_than_a_parameter() {
    let paths = ["{q}", "{q}.atom", "page-{n}.atom", "{q}.{x}", "fixed.atom"];
    let operation = |name: &str| {
        format!(
            "  /feeds/{name}:\n    get: {{responses: {{\"200\": {{content: {{application/json: {{example: {{is: \"{name}\"}}}}}}}}}}}}\n"
        )
    };
    let contract = format!("openapi: 3.0.3\npaths:\n{}", paths.map(operation).concat());
    let api = Served::new(&contract, any_id());
    for (path, expected) in [
        ("news", "{q}"),
        ("news.atom", "{q}.atom"),
        ("page-3.atom", "page-{n}.atom"),
        ("news.rss", "{q}.{x}"),
        ("fixed.atom", "fixed.atom"),
    ] {
        assert_eq!(api.get(&format!("/feeds/{path}")).json(), json!({"is": expected}), "{path}");
    }
}

#[test]
fn another_template_is_used_if_a_partly_literal_segment_does_not_match() {
    let contract = r#"
openapi: 3.0.3
paths:
  /{q}.atom/pets: {get: {responses: {"200": {content: {application/json: {example: {is: feed}}}}}}}
  /{a}/{b}: {get: {responses: {"200": {content: {application/json: {example: {is: any}}}}}}}
"#;
    let api = Served::new(contract, any_id());
    assert_eq!(api.get("/x.atom/pets").json(), json!({"is": "feed"}));
    assert_eq!(api.get("/x/pets").json(), json!({"is": "any"}));
    assert_eq!(api.get("/x").status, 404);
}

#[test]
fn values_of_all_parameters_of_a_segment_are_validated() {
    let contract = r#"
openapi: 3.0.3
paths:
  /tiles/{x},{y}:
    get:
      parameters:
        - {name: x, in: path, required: true, schema: {type: integer}}
        - {name: y, in: path, required: true, schema: {type: integer}}
      responses: {"200": {content: {application/json: {example: {is: tile}}}}}
"#;
    let api = Served::new(contract, documented());
    assert_eq!(api.get("/tiles/4,5").status, 200);
    assert_eq!(api.get("/tiles/4,north").status / 100, 4);
}

#[test]
fn servers_of_an_operation_override_those_of_its_path_and_of_the_document() {
    let contract = r#"
openapi: 3.1.0
servers: [{url: "https://api.example.com/{base}/", variables: {base: {default: v4}}}]
paths:
  /mail: {post: {responses: {"202": {description: accepted}}}}
  /files:
    servers: [{url: "/path"}]
    get: {responses: {"204": {description: ok}}}
    put: {servers: [{url: "https://upload.example.com/operation"}], responses: {"204": {description: ok}}}
"#;
    let api = Served::new(contract, Settings::default());
    let operations = &api.engine.contract().operations;
    let keys: Vec<&str> = operations.iter().map(|operation| &*operation.key).collect();
    assert_eq!(keys, ["POST /v4/mail", "GET /path/files", "PUT /operation/files"]);
}

const RANGES: &str = r#"
openapi: 3.0.3
paths:
  /jobs:
    get:
      responses:
        2XX: {content: {application/json: {example: {is: fine}}}}
        "404": {content: {application/json: {example: {is: none}}}}
        4xx: {content: {application/json: {example: {is: yours}}}}
        5XX: {content: {application/problem+json: {example: {title: ours}}}}
        default: {content: {application/json: {example: {is: other}}}}
  /only: {get: {responses: {default: {content: {application/json: {example: {is: success}}}}}}}
"#;

#[test]
fn status_ranges_and_default_apply_to_statuses_without_an_exact_response() {
    let api = Served::new(RANGES, Settings::default());
    let prefer = |code: &str| api.send("GET", "/jobs", &[("prefer", code)], "");
    assert_eq!((api.get("/jobs").status, api.get("/jobs").json()), (200, json!({"is": "fine"})));
    for (status, body) in [
        (203, json!({"is": "fine"})),
        (404, json!({"is": "none"})),
        (409, json!({"is": "yours"})),
        (503, json!({"title": "ours"})),
        (302, json!({"is": "other"})),
    ] {
        let received = prefer(&format!("code={status}"));
        assert_eq!((received.status, received.json()), (status, body));
    }
    assert_eq!(prefer("code=500").header("content-type"), "application/problem+json");
    assert_eq!(api.get("/only").json(), json!({"is": "success"}));
}

#[test]
fn contracts_in_utf_16_are_read() {
    let text = "openapi: 3.0.3\npaths:\n  /cafés:\n    get: {responses: {\"204\": {description: ☕}}}\n";
    let units: Vec<u16> = text.encode_utf16().collect();
    let marked: Vec<u16> = std::iter::once(0xFEFF).chain(units.iter().copied()).collect();
    let little = |units: &[u16]| units.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<u8>>();
    let big = |units: &[u16]| units.iter().flat_map(|unit| unit.to_be_bytes()).collect::<Vec<u8>>();
    for bytes in [little(&marked), big(&marked), little(&units), big(&units), format!("\u{feff}{text}").into_bytes()] {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("api.yaml"), bytes).expect("the file is written");
        let files = ApiFolder::from_paths(&[folder.path().to_owned()]).expect("a contract");
        assert_eq!(files.contracts[0].text, text);
    }
}

#[test]
fn repeated_key_of_a_contract_gets_a_note_and_the_last_value() {
    let contract = "openapi: 3.0.3\npaths:\n  /a:\n    get:\n      summary: one\n      summary: two\n      responses: {\"204\": {description: ok}}\n";
    let api = Served::new(contract, Settings::default());
    let contract = api.engine.contract();
    assert_eq!(&*contract.operations[0].summary, "two");
    let notes: Vec<String> = contract.notes.iter().map(|note| format!("{}: {}", note.code, note.message)).collect();
    assert_eq!(notes[0], "key-repeated: line 6: duplicate mapping key: summary");
}
