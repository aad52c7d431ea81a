//! Contracts of a few lines that would take very long, or all memory, without a limit.

use serde_json::{Map, Value, json};
use standin::diagnostics::SourceFile;
use standin::openapi::{ApiChoice, ApiFolder, Code, Note};
use standin::request::Settings;

use crate::served::Served;
use crate::vocabulary::{noon, request};
use crate::yaml_text::write_yaml;

/// A contract with one collection of records of a schema.
fn contract(schema: &Value, components: Map<String, Value>) -> Value {
    let content = |schema: Value| json!({"application/json": {"schema": schema}});
    json!({
        "openapi": "3.0.0", "info": {"title": "limits", "version": "1"},
        "paths": {"/things": {
            "get": {"responses": {"200": {"description": "ok", "content": content(json!({"type": "array", "items": schema}))}}},
            "post": {
                "requestBody": {"content": content(schema.clone())},
                "responses": {"201": {"description": "ok", "content": content(schema.clone())}},
            },
        }},
        "components": {"schemas": components},
    })
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// So many levels of components, each made from the name of the next one.
fn levels(count: usize, level: impl Fn(Value) -> Value) -> Map<String, Value> {
    let last = json!({"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}});
    let component = |index: usize| (format!("L{index}"), level(reference(&format!("L{}", index + 1))));
    (0..count).map(component).chain([(format!("L{count}"), last)]).collect()
}

fn notes(text: String) -> Vec<Note> {
    let folder = ApiFolder { contracts: vec![SourceFile::new("limits.json", text)], ..ApiFolder::default() };
    Served::of(&folder, Settings::default()).engine.contract().notes.clone()
}

/// Creates a record and lists all.
fn create_and_list(contract: &Value) -> (u16, Value) {
    let served = Served::new(&contract.to_string(), Settings::default());
    let send = |method: &str, body: &str| {
        let request = request(noon(), method, "/things", &[("content-type", "application/json")], body);
        served.engine.answer(&served.session, &request)
    };
    let created = send("POST", r#"{"id": "1", "name": "a"}"#).status.as_u16();
    (created, serde_json::from_slice(&send("GET", "").body).expect("JSON"))
}

fn has_note(contract: &Value, code: Code) -> bool {
    notes(contract.to_string()).iter().any(|note| note.code == code)
}

#[test]
fn combinations_of_more_schemas_than_can_be_enforced_are_noted_and_records_live() {
    for (key, count) in [("allOf", 10), ("oneOf", 7), ("anyOf", 30)] {
        let components = levels(count, |next| json!({key: vec![next; 9]}));
        let contract = contract(&reference("L0"), components);
        assert!(has_note(&contract, Code::SchemaTooLarge), "{key}");
        assert_eq!(create_and_list(&contract), (201, json!([{"id": "1", "name": "a"}])), "{key}");
    }
}

#[test]
fn combinations_within_the_limit_are_enforced_without_a_note() {
    let components = levels(3, |next| json!({"allOf": vec![next; 9]}));
    let contract = contract(&reference("L0"), components);
    assert!(!has_note(&contract, Code::SchemaTooLarge));
    let served = Served::new(&contract.to_string(), Settings::default());
    let wrong = request(noon(), "POST", "/things", &[("content-type", "application/json")], r#"{"name": {}}"#);
    assert_eq!(served.engine.answer(&served.session, &wrong).status, 422);
}

#[test]
fn chains_of_ten_thousand_schemas_are_read_and_served() {
    let properties = contract(&reference("L0"), levels(10_000, |next| json!({"properties": {"next": next}})));
    assert_eq!(create_and_list(&properties).0, 201);
    let combined = contract(&reference("L0"), levels(10_000, |next| json!({"allOf": [next]})));
    assert!(has_note(&combined, Code::SchemaTooLarge));
    assert_eq!(create_and_list(&combined), (201, json!([{"id": "1", "name": "a"}])));
}

#[test]
fn recursive_schema_with_many_equal_branches_is_served() {
    let properties: Map<String, Value> = (0..5).map(|index| (format!("p{index}"), reference("Node"))).collect();
    let branch = json!({"type": "object", "properties": properties});
    let components = Map::from_iter([("Node".to_owned(), json!({"oneOf": vec![branch; 9]}))]);
    // Whether the body is valid depends on what can be enforced; the response must come.
    let (status, _) = create_and_list(&contract(&reference("Node"), components));
    assert!([201, 422].contains(&status), "{status}");
}

#[test]
fn path_with_more_parameters_than_the_router_takes_is_noted_and_the_others_are_served() {
    let path: String = (0..30).map(|index| format!("/a{index}/{{p{index}}}")).collect();
    let mut contract = contract(&json!({"type": "object"}), Map::new());
    contract["paths"][path] = json!({"get": {"responses": {"200": {"description": "ok"}}}});
    let notes = notes(contract.to_string());
    let note = notes.iter().find(|note| note.code == Code::RouteCollides).expect("a note");
    assert!(note.message.ends_with("it has 30 parameters, and 25 is the maximum"), "{}", note.message);
    assert_eq!(create_and_list(&contract).0, 201);
}

#[test]
fn aliases_that_stand_for_billions_of_values_are_an_error_of_the_file() {
    let mut text =
        "openapi: 3.0.0\ninfo: {title: t, version: '1'}\nx0: &a0 [a, a, a, a, a, a, a, a, a, a]\n".to_owned();
    for level in 1..10 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("x{level}: &a{level} [{aliases}]\n"));
    }
    text.push_str("paths: {/x: {get: {responses: {'200': {description: ok}}}}}\n");
    let notes = notes(text);
    assert_eq!(notes[0].code, Code::FileMalformed);
    assert!(notes[0].message.contains("alias"), "{}", notes[0].message);
}

#[cfg(unix)]
#[test]
fn reference_to_a_pipe_is_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe.json")).status();
    assert!(made.expect("mkfifo runs").success());
    let contract = contract(&json!({"$ref": "pipe.json"}), Map::new());
    std::fs::write(folder.path().join("api.json"), contract.to_string()).expect("written");
    let folder = ApiFolder::from_paths(&[folder.path().to_owned()]).expect("a contract");
    let served = Served::of(&folder, Settings::default());
    assert!(served.engine.contract().notes.iter().any(|note| note.code == Code::RefDangling));
}

/// Large contracts are read in parts. Spaces make a contract large and change nothing else.
#[test]
fn large_contract_is_served_as_the_same_small_one() {
    let mut compared = 0;
    for contract in &ApiFolder::embedded_ref().contracts {
        let mut as_yaml = String::new();
        write_yaml(&serde_json::from_str(&contract.text).expect("JSON"), 0, &mut as_yaml);
        for (extension, text) in [("json", &contract.text), ("yaml", &as_yaml)] {
            let spaces = format!("{}\n", " ".repeat(1 + (600 << 10) / text.lines().count()));
            let served = [text.clone(), text.replace('\n', &spaces)].map(|text| {
                let folder = ApiFolder {
                    contracts: vec![SourceFile::new(format!("contract.{extension}"), text)],
                    choice: ApiChoice::None,
                    ..ApiFolder::default()
                };
                Served::of(&folder, Settings::default())
            });
            let [small, large] = &served;
            let notes = |served: &Served| format!("{:?}", served.engine.contract().notes);
            assert_eq!(notes(small), notes(large), "{}", contract.name);
            assert_eq!(small.engine.contract().operations.len(), large.engine.contract().operations.len());
            for (index, operation) in small.engine.contract().operations.iter().enumerate() {
                assert_eq!(small.engine.describe_operation(index), large.engine.describe_operation(index));
                let path = operation.path.replace(['{', '}'], "");
                let [first, second] =
                    served.each_ref().map(|served| served.send(operation.method.as_str(), &path, &[], "").text);
                assert_eq!(first, second, "{}", operation.key);
                compared += 1;
            }
        }
    }
    assert!(compared > 1_000, "{compared}");
}
