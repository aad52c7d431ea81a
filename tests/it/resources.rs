//! Resources files: mistakes in them, and the handlers and operations that they name.

use serde_json::json;
use standin::diagnostics::SourceFile;
use standin::openapi::load::ApiChoice;
use standin::openapi::{ApiFolder, Code};
use standin::pipeline::Engine;

use crate::vocabulary::ENGINE;

/// An engine of a small contract and a resources file. The API uses the handlers of the embedded one.
fn engine(resources: &str) -> Result<Engine, String> {
    let contract = json!({"openapi": "3.0.3", "paths": {
        "/v1/orders": {"post": {"responses": {"201": {"description": "created"}}}},
        "/v1/orders/{id}/cancel": {"put": {"responses": {"200": {"description": "cancelled"}}}}
    }});
    let folder = ApiFolder {
        contracts: vec![SourceFile::new("shop.json", contract.to_string())],
        settings: vec![SourceFile::new("standin.yaml", "name: shop\nhandlers: intandem\n")],
        resources: vec![SourceFile::new("shop.resources.yaml", resources)],
        ..ApiFolder::default()
    };
    Engine::new(&folder).map_err(|diagnostics| diagnostics.to_string())
}

fn error(resources: &str) -> String {
    engine(resources).err().expect("a mistake")
}

#[test]
fn renamed_keys_are_reported_with_their_new_name() {
    insta::assert_snapshot!(error("order:\n  plural: orders\n  life: {field: state, transitions: []}\n"), @"shop.resources.yaml:3:3: `life` is now called `lifecycle` (write `lifecycle: …`)");
    insta::assert_snapshot!(error("order:\n  plural: orders\n  also: [purchase]\n"), @"shop.resources.yaml:3:3: `also` is now called `aliases` (write `aliases: …`)");
    insta::assert_snapshot!(error("order:\n  plural: orders\n  owns: {line: order_uid}\n"), @"shop.resources.yaml:3:3: `owns` is now called `cascade` (write `cascade: …`)");
    insta::assert_snapshot!(error("order:\n  plural: orders\n  merges: {labels: key}\n"), @"shop.resources.yaml:3:3: `merges` is now called `merge_by` (write `merge_by: …`)");
    let transition = "order:\n  plural: orders\n  lifecycle:\n    field: state\n    transitions:\n      - {on: \"PUT /v1/orders/{id}/cancel\", refusal: No}\n";
    insta::assert_snapshot!(error(transition), @"shop.resources.yaml:6:44: `refusal` is now called `error` (write `error: …`)");
}

#[test]
fn wrong_transitions_on_time_are_reported_with_what_to_write() {
    let timed = |row: &str| {
        error(&format!(
            "order:\n  plural: orders\n  fields: {{state: text, due_on: date, note: text}}\n  lifecycle:\n    field: state\n    transitions:\n      - {row}\n"
        ))
    };
    insta::assert_snapshot!(timed("{after: 3 days, since: due_on, from: [open], to: late}"), @"shop.resources.yaml:7:17: `3 days` is not a span of time: write a whole number and one of ms, s, min, h, d, w, m (months), y, such as 3d (write a span of time such as 3d, or 0d for no delay)");
    insta::assert_snapshot!(timed("{after: 3d, from: [open], to: late}"), @"shop.resources.yaml:7:9: a transition has no `since` (add `since: …`)");
    insta::assert_snapshot!(timed("{after: 3d, since: due_on, from: [open]}"), @"shop.resources.yaml:7:9: a transition with `after` needs `to`, the new state, or `event`, its name in the journal (write `to: expired` or `event: expired`)");
    insta::assert_snapshot!(timed("{after: 3d, since: due_on, to: late}"), @"shop.resources.yaml:7:9: a transition with `after` and `to` needs `from`, the other states from which it happens (write `from: [open]`)");
    insta::assert_snapshot!(timed("{after: 3d, since: due_on, from: [late], to: late}"), @"shop.resources.yaml:7:9: a transition with `after` and `to` needs `from`, the other states from which it happens (write `from: [open]`)");
    insta::assert_snapshot!(timed("{after: 3d, since: due_on, set: {note: \"'late'\"}, event: late}"), @"shop.resources.yaml:7:9: a transition with `after` and `set` needs `to`, so that it happens once (write `to: expired`)");
    insta::assert_snapshot!(timed("{after: 3d, since: note, event: late}"), @"shop.resources.yaml:5:5: `since: note` is not a field with a date or a time (add it to `fields`: `note: date`)");
    insta::assert_snapshot!(timed("{after: 3d, since: dew_on, event: late}"), @"shop.resources.yaml:5:5: `since: dew_on` is not a field with a date or a time (add it to `fields`: `dew_on: date`)");
    insta::assert_snapshot!(timed("{after: 3d, since: due_on, event: late, on: GET /v1/orders}"), @"shop.resources.yaml:7:49: unknown entry of a transition `on` (known here: after, since, from, where, to, set, event)");
}

#[test]
fn unknown_handlers_are_reported_with_their_line() {
    insta::assert_snapshot!(error("order:\n  plural: orders\n  operations:\n    POST /v1/orders: clients.crate\n"), @"shop.resources.yaml:4:22: unknown handler `clients.crate` (did you mean `clients.create`?)");
    insta::assert_snapshot!(error("operations:\n  POST /v1/orders: warehouse.ship_everything\n"), @"shop.resources.yaml:2:20: unknown handler `warehouse.ship_everything` (handlers are Rust functions; remove the row to use the CRUD handler)");
}

#[test]
fn unknown_operations_are_reported_with_their_line() {
    insta::assert_snapshot!(error("order:\n  plural: orders\n  after:\n    POST /v1/order: []\n"), @"shop.resources.yaml:4:5: no contract has the operation `POST /v1/order` (did you mean `POST /v1/orders`?)");
    let transition = "order:\n  plural: orders\n  lifecycle: {field: state, transitions: [{on: \"PUT /v1/orders/{id}/close\", to: closed}]}\n";
    insta::assert_snapshot!(error(transition), @"shop.resources.yaml:3:48: no contract has the operation `PUT /v1/orders/{id}/close` (did you mean `PUT /v1/orders/{id}/cancel`?)");
}

#[test]
fn another_copy_of_an_api_may_name_parameters_differently_and_lack_transitions() {
    let folder = tempfile::tempdir().expect("a folder");
    let contract = json!({"openapi": "3.0.3", "paths": {
        "/platform/v1/clients/{uid}": {"get": {"responses": {"200": {"description": "read"}}}},
        "/v1/partners/accounts/{uid}/close": {"post": {"responses": {"200": {"description": "closed"}}}}
    }});
    std::fs::write(folder.path().join("copy.json"), contract.to_string()).expect("written");
    let choice = ApiChoice::Named("intandem".into());
    let folder = ApiFolder { choice, ..ApiFolder::from_paths(&[folder.path().to_owned()]).expect("a contract") };
    let engine = Engine::new(&folder).expect("no mistakes");
    let read =
        engine.contract().operations.iter().position(|operation| *operation.path == *"/platform/v1/clients/{uid}");
    assert!(engine.has_handler(read.expect("the operation")));
    let missing: Vec<_> = engine.contract().notes.iter().filter(|note| note.code == Code::OperationMissing).collect();
    assert_eq!(missing.len(), 1, "{missing:?}");
    assert_eq!(missing[0].message, "no contract has POST /v1/partners/accounts/{business_uid}/close");
}

#[test]
fn embedded_resources_name_only_existing_operations() {
    let missing = ENGINE.contract().notes.iter().find(|note| note.code == Code::OperationMissing);
    assert_eq!(missing, None);
}

#[test]
fn handlers_of_an_api_apply_only_if_its_folder_names_them() {
    let contract = json!({"openapi": "3.0.3", "paths": {
        "/v1/orders": {"post": {"responses": {"201": {"description": "created"}}}}
    }});
    let resources = "order:\n  plural: orders\n  operations:\n    POST /v1/orders: clients.create\n";
    let folder = ApiFolder {
        contracts: vec![SourceFile::new("shop.json", contract.to_string())],
        resources: vec![SourceFile::new("shop.resources.yaml", resources)],
        ..ApiFolder::default()
    };
    let error = Engine::new(&folder).err().expect("a mistake").to_string();
    insta::assert_snapshot!(error, @"shop.resources.yaml:4:22: unknown handler `clients.create` (handlers are Rust functions; remove the row to use the CRUD handler)");
}
