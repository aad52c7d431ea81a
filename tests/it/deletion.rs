//! A record is deleted with the same rules, cascades and effects, whatever deletes it.

use serde_json::{Value, json};
use standin::diagnostics::SourceFile;
use standin::model::{Fields, Record};
use standin::openapi::ApiFolder;
use standin::pipeline::Engine;
use standin::request::{ApiError, Context, Reply, Settings};

use crate::served::{Served, records};

const CONTRACT: &str = r##"
openapi: 3.0.3
info: {title: Boats, version: "1"}
paths:
  /boats:
    get: {responses: {"200": {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Boat"}}}}}}}
    post: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Boat"}}}}, responses: {"201": {description: Created, content: {application/json: {schema: {$ref: "#/components/schemas/Boat"}}}}}}
  /boats/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    patch: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Boat"}}}}, responses: {"200": {description: Changed, content: {application/json: {schema: {$ref: "#/components/schemas/Boat"}}}}}}
    delete: {responses: {"204": {description: Deleted}}}
  /boats/{id}/sink:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post: {responses: {"204": {description: Sunk}}}
  /trips:
    get: {responses: {"200": {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Trip"}}}}}}}
    post: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Trip"}}}}, responses: {"201": {description: Created, content: {application/json: {schema: {$ref: "#/components/schemas/Trip"}}}}}}
components:
  schemas:
    Boat: {type: object, properties: {id: {type: string}, name: {type: string}, state: {type: string}}}
    Trip: {type: object, properties: {id: {type: string}, boat_id: {type: string}, sold: {type: boolean}}}
"##;

/// A boat has no behaviour of its own, unless `more` adds some. A sold trip cannot be deleted; each deleted one is noted.
const RESOURCES: &str = r#"
boat:
  plural: boats
  fields: {name: text, state: text}
  cascade: {trip: boat_id}
trip:
  plural: trips
  fields: {boat_id: ref boat, sold: {type: boolean, default: false}}
  rules: [{on: delete, reject: record.sold, error: conflict, message: The trip is sold}]
  effects: [{on: delete, create: {kind: note, set: {trip_id: record.id}}}]
note:
  plural: notes
  fields: {trip_id: text}
"#;

fn engine(more: &str) -> Engine {
    engine_of(&RESOURCES.replacen("  cascade:", &format!("{more}  cascade:"), 1))
}

fn engine_of(resources: &str) -> Engine {
    Engine::new(&folder(resources)).unwrap_or_else(|wrong| panic!("{wrong}"))
}

fn folder(resources: &str) -> ApiFolder {
    ApiFolder {
        contracts: vec![SourceFile::new("boats.yaml", CONTRACT)],
        resources: vec![SourceFile::new("boats.resources.yaml", resources)],
        ..ApiFolder::default()
    }
}

fn post(served: &Served, path: &str, body: &Value) -> String {
    let received = served.send("POST", path, &[("content-type", "application/json")], &body.to_string());
    received.json()["id"].as_str().unwrap_or_else(|| panic!("no id: {}", received.text)).to_owned()
}

/// Deletes a boat without sold trips, then one with a sold trip, by a request to a path below the boat.
fn check(engine: Engine, method: &str, below: &str, body: &str) {
    let served = Served::with_engine(engine, Settings::default());
    let count = |kind: &str| served.session.state().store.all(kind).count();
    let boat = post(&served, "/boats", &json!({"name": "Ann"}));
    for _ in 0..2 {
        post(&served, "/trips", &json!({"boat_id": boat}));
    }
    let headers = [("content-type", "application/json")];
    let delete = |boat: &str| served.send(method, &format!("/boats/{boat}{below}"), &headers, body);
    let deleted = delete(&boat);
    assert!(deleted.status < 300, "{}", deleted.text);
    assert_eq!((count("boat"), count("trip"), count("note")), (0, 0, 2), "{method} {below}");

    let boat = post(&served, "/boats", &json!({"name": "Bea"}));
    post(&served, "/trips", &json!({"boat_id": boat}));
    post(&served, "/trips", &json!({"boat_id": boat, "sold": true}));
    let before = records(&served.session.state());
    let rejected = delete(&boat);
    assert_eq!((rejected.status, &rejected.json()["message"]), (409, &json!("The trip is sold")));
    assert_eq!(records(&served.session.state()), before, "nothing is changed");
}

#[test]
fn crud_handler_deletes_with_rules_cascade_and_effects() {
    check(engine(""), "DELETE", "", "");
}

#[test]
fn effect_deletes_with_rules_cascade_and_effects() {
    let effect = "  effects: [{on: update, when: record.state == 'sunk', delete: {kind: boat, id: record.id}}]\n";
    check(engine(effect), "PATCH", "", r#"{"state": "sunk"}"#);
}

#[test]
fn step_of_a_procedure_deletes_with_rules_cascade_and_effects() {
    let steps = "  operations: {'POST /boats/{id}/sink': [{delete: \"find('boat', path.id)\"}]}\n";
    check(engine(steps), "POST", "/sink", "");
}

#[test]
fn step_after_a_write_deletes_with_rules_cascade_and_effects() {
    let steps = RESOURCES.replacen(
        "trip:\n  plural: trips\n",
        "trip:\n  plural: trips\n  after: {'POST /trips': [{when: \"body.boat_id == 'none'\", delete: \"all('boat').last()\"}]}\n",
        1,
    );
    let served = Served::with_engine(engine_of(&steps), Settings::default());
    let boat = post(&served, "/boats", &json!({"name": "Ann"}));
    post(&served, "/trips", &json!({"boat_id": boat}));
    post(&served, "/trips", &json!({"boat_id": "none"}));
    let count = |kind: &str| served.session.state().store.all(kind).count();
    assert_eq!((count("boat"), count("trip"), count("note")), (0, 1, 1));
    let boat = post(&served, "/boats", &json!({"name": "Bea"}));
    post(&served, "/trips", &json!({"boat_id": boat, "sold": true}));
    let before = records(&served.session.state());
    let headers = [("content-type", "application/json")];
    assert_eq!(served.send("POST", "/trips", &headers, r#"{"boat_id": "none"}"#).status, 409);
    assert_eq!(records(&served.session.state()), before, "nothing is changed");
}

#[test]
fn rust_handler_deletes_with_rules_cascade_and_effects() {
    fn sink(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
        let id = ctx.path[0].clone();
        ctx.state.store.remove("boat", &id);
        Ok(Reply::empty())
    }
    check(engine("").with_handler("POST /boats/{id}/sink", sink).expect("the operation exists"), "POST", "/sink", "");
}

/// Records that belong to records of their own kind, in a chain that no stack of calls could follow.
#[test]
fn chain_of_records_of_one_kind_is_deleted_or_none_of_it() {
    let trips = "fields: {boat_id: ref boat, sold: {type: boolean, default: false}}";
    let resources = RESOURCES.replacen(trips, &format!("cascade: {{trip: boat_id}}\n  {trips}"), 1);
    let served = Served::with_engine(engine_of(&resources), Settings::default());
    let boat = post(&served, "/boats", &json!({"name": "Ann"}));
    let length = 20_000;
    served.session.change(|state| {
        for number in 1..=length {
            let parent = if number == 1 { boat.clone() } else { format!("trip-{}", number - 1) };
            let fields = Fields::new().with("boat_id", parent.as_str()).with("sold", number == length);
            state.store.put(Record::new("trip", format!("trip-{number}"), fields));
        }
    });
    let count = |kind: &str| served.session.state().store.all(kind).count();
    let delete = || served.send("DELETE", &format!("/boats/{boat}"), &[], "").status;
    assert_eq!(delete(), 409, "the last trip is sold");
    assert_eq!((count("boat"), count("trip"), count("note")), (1, length, 0));
    served.session.change(|state| {
        let last = format!("trip-{length}");
        let fields = Fields::new().with("boat_id", format!("trip-{}", length - 1).as_str()).with("sold", false);
        state.store.put(Record::new("trip", last.as_str(), fields));
    });
    assert_eq!(delete(), 204);
    assert_eq!((count("boat"), count("trip"), count("note")), (0, 0, length));
}
