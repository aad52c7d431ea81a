//! Roles that a resources file gives to operations whose paths do not show what they do.

use serde_json::json;
use standin::diagnostics::SourceFile;
use standin::openapi::ApiFolder;
use standin::pipeline::Engine;
use standin::request::Settings;

use super::{each, new_id};
use crate::served::Served;

/// Every operation is a POST with a verb of its own.
const BOATS: &str = "
openapi: 3.0.3
paths:
  /boats/find: {post: &list {requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {'200': {content: {application/json: {schema: {type: object, properties: {boats: {type: array, items: {$ref: '#/components/schemas/Boat'}}}}}}}}}}
  /boats/build: {post: &one {requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}, responses: {'201': {content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}}}}
  /boats/show: {post: *one}
  /boats/{id}/rename: {post: *one}
  /boats/{id}/launch: {post: {responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}}}}
  /boats/{id}/sink: {post: {responses: {'204': {description: gone}}}}
  /boats/{id}/crew/find: {post: *list}
components:
  schemas:
    Boat: {type: object, properties: {id: {type: string}, name: {type: string}, state: {type: string}}}
";

const ROLES: &str = "boat:
  plural: boats
  lifecycle: {field: state, transitions: [{on: 'POST /boats/{id}/launch', to: afloat}]}
  operations:
    POST /boats/find: list
    POST /boats/build: create
    POST /boats/show: read
    POST /boats/{id}/rename: update
    POST /boats/{id}/launch: act
    POST /boats/{id}/sink: delete
sailor:
  plural: crew
  operations:
    POST /boats/{id}/crew/find: list
";

fn folder(resources: &str) -> ApiFolder {
    ApiFolder {
        contracts: vec![SourceFile::new("api.yaml", BOATS)],
        resources: vec![SourceFile::new("boats.resources.yaml", resources)],
        ..ApiFolder::default()
    }
}

#[test]
fn operations_have_the_roles_that_a_resources_file_gives_them() {
    let served = Served::of(&folder(ROLES), Settings::default());
    let roles = served.engine.contract().operations.iter().map(|operation| {
        let role = &operation.role;
        format!("{} {} {}", operation.path, role.kind, role.resource.as_deref().unwrap_or_default())
    });
    let roles: Vec<String> = roles.filter(|role| !role.contains("crew")).collect();
    assert_eq!(
        roles,
        [
            "/boats/find list boat",
            "/boats/build create boat",
            "/boats/show read boat",
            "/boats/{id}/rename update boat",
            "/boats/{id}/launch action boat",
            "/boats/{id}/sink delete boat"
        ]
    );
}

#[test]
fn records_live_by_the_roles_that_a_resources_file_gives() {
    let served = Served::of(&folder(ROLES), Settings::default());
    let boats = || served.post("/boats/find", "{}").json()["boats"].clone();
    assert_eq!(boats(), json!([]));
    let id = new_id(&served.post("/boats/build", r#"{"name": "Ann"}"#));
    served.post("/boats/build", r#"{"name": "Bea"}"#);
    assert_eq!(each(&boats(), "name"), ["Ann", "Bea"]);
    let show = || served.post("/boats/show", &json!({"id": id}).to_string());
    assert_eq!(show().json()["name"], "Ann");
    assert_eq!(served.post(&format!("/boats/{id}/crew/find"), "{}").status, 200);
    served.post(&format!("/boats/{id}/rename"), r#"{"name": "Cleo"}"#);
    served.post(&format!("/boats/{id}/launch"), "");
    assert_eq!(show().json(), json!({"id": id, "name": "Cleo", "state": "afloat"}));
    assert_eq!(served.post(&format!("/boats/{id}/sink"), "").status, 204);
    assert_eq!((show().status, each(&boats(), "name")), (404, vec!["Bea"]));
    assert_eq!(served.post(&format!("/boats/{id}/launch"), "").status, 404);
    assert_eq!(served.post(&format!("/boats/{id}/crew/find"), "{}").status, 404, "a boat that is gone has no crew");
}

#[test]
fn without_roles_such_operations_are_not_understood() {
    let served = Served::of(&folder("boat: {plural: boats}\n"), Settings::default());
    served.post("/boats/build", r#"{"name": "Ann"}"#);
    let found = served.post("/boats/find", "{}").json();
    assert!(!found.to_string().contains("Ann"), "{found}");
}

fn error(resources: &str) -> String {
    Engine::new(&folder(resources)).err().expect("a mistake").to_string()
}

#[test]
fn unknown_roles_and_operations_are_reported_with_their_line() {
    let operations = |row: &str| error(&format!("boat:\n  plural: boats\n  operations:\n    {row}\n"));
    insta::assert_snapshot!(operations("POST /boats/find: search"), @"boats.resources.yaml:4:23: unknown role `search` (the roles are list, create, read, update, delete, act)");
    insta::assert_snapshot!(operations("POST /boats/fnd: list"), @"boats.resources.yaml:4:5: no contract has the operation `POST /boats/fnd` (did you mean `POST /boats/find`?)");
    insta::assert_snapshot!(operations("POST /boats/find: [list]"), @"boats.resources.yaml:4:24: expected a step as a mapping (`name: value`), found the text `list`");
    insta::assert_snapshot!(error("operations:\n  POST /boats/find: list\n"), @"boats.resources.yaml:2:21: `list` is a role of operations on one kind of record (move the row to `operations` in the entry of the kind)");
}

#[test]
fn a_search_has_the_kind_that_a_resources_file_gives_it() {
    let served = Served::of(
        &ApiFolder {
            contracts: vec![SourceFile::new(
                "api.yaml",
                "
openapi: 3.0.3
paths:
  /boats:
    get: {responses: {'200': {content: {application/json: {example: [{id: b1}]}}}}}
  /search:
    get: {responses: {'200': {content: {application/json: {example: {boats: [{id: s1}]}}}}}}
",
            )],
            resources: vec![SourceFile::new(
                "boats.resources.yaml",
                "sailor: {plural: crew, operations: {GET /search: list}}\n",
            )],
            ..ApiFolder::default()
        },
        Settings::default(),
    );
    let search = served.engine.contract().operations.iter().find(|operation| *operation.path == *"/search");
    assert_eq!(search.and_then(|operation| operation.role.resource.as_deref()), Some("sailor"));
}
