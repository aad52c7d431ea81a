//! Files that people write: quirks, resources, `standin.yaml` and scenarios. Whatever their text is, they are read or rejected
//! with diagnostics, and a scenario that is read can be seeded and replayed.
//!
//! The first byte of an input selects the kind of file.

#![no_main]

#[path = "../seeds.rs"]
mod seeds;

use std::sync::LazyLock;

use jiff::Timestamp;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use standin::diagnostics::SourceFile;
use standin::openapi::ApiFolder;
use standin::pipeline::{Engine, Session};
use standin::request::Clock;
use standin::scenarios::{InProcess, Scenario, Start, Workflows, credentials};

const CONTRACT: &str = r##"
openapi: 3.0.0
info: {title: orders, version: "1"}
paths:
  /orders:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses: {"201": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
  /orders/{id}:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}}
    delete: {responses: {"204": {description: gone}}}
components:
  schemas:
    Order: {type: object, properties: {id: {type: string}, item: {type: string}, count: {type: integer}, due_on: {type: string, format: date}}}
"##;

/// A valid file of each kind.
const SEEDS: [&str; 4] = [
    "quirks:\n  - id: no-orders\n    on: orders are empty\n    off: orders are listed\n    evidence: [{source: seen, at: today}]\n    when: {operation: GET /orders}\n    respond: {status: 200, body: []}\n    proof:\n      - {id: list, method: GET, path: /orders, on: {body: {$: []}}, off: {status: 200}}\n",
    "order:\n  plural: orders\n  fields:\n    item: {type: text, default: tea}\n    count: {type: integer, required: true}\n    due_on: {type: date}\n  lifecycle:\n    field: state\n    transitions:\n      - {after: 3d, since: due_on, from: [open], to: overdue, set: {count: 2}}\n",
    "name: shop\ngateways:\n  public: {prefixes: [/public]}\ntokens:\n  schemes: [Bearer]\n  kinds: {keeper: {subject: keeper}}\nownership: {kind: shelter, fields: [shelter_id]}\ndialects:\n  - {name: shop, paths: [/**], success: $data, errors: {not_found: {status: 404, body: {message: $message}}}}\n",
    "scenario: two\nnow: 2026-02-08T10:00:00Z\nrecords:\n  orders:\n    - {id: \"1\", item: tea, count: 2, due_on: today+3d}\ngenerate: {orders: 4}\nfaults:\n  - {operation: GET /orders, latency: {ms: 4}}\nsteps:\n  - {id: list, method: GET, path: /orders, extract: {first: $[0].id}, expect: {status: 200}}\n  - {id: read, method: GET, path: \"/orders/{{first}}\", expect: {status: 200, body: {$.item: tea}}}\n",
];

static PLAIN: LazyLock<Engine> = LazyLock::new(|| Engine::new(&folder()).expect("the contract is valid"));

fn folder() -> ApiFolder {
    ApiFolder { contracts: vec![SourceFile::new("orders.yaml", CONTRACT)], ..ApiFolder::default() }
}

fuzz_target!(|input: &[u8]| {
    let Some((kind, text)) = input.split_first() else { return };
    let file = |name: &str| SourceFile::new(name, String::from_utf8_lossy(text));
    match kind % 4 {
        0 => drop(Engine::new(&ApiFolder { quirks: vec![file("a.quirks.yaml")], ..folder() })),
        1 => drop(Engine::new(&ApiFolder { resources: vec![file("a.resources.yaml")], ..folder() })),
        2 => drop(Engine::new(&ApiFolder { settings: vec![file("standin.yaml")], ..folder() })),
        _ => replay(&file("scenario.yaml")),
    }
});

fn replay(file: &SourceFile) {
    let engine = &*PLAIN;
    let Ok(scenario) = Scenario::read_in(file, engine.scenarios()) else { return };
    // Generated records are as many as the file says.
    if file.text.contains("generate") && file.text.bytes().filter(u8::is_ascii_digit).count() > 40 {
        return;
    }
    let now = Timestamp::UNIX_EPOCH;
    let flags = engine.quirks().flags(&Default::default()).expect("no quirks");
    let Ok(state) = scenario.seed(engine, Start { clock: Clock::Frozen(now), now, flags, seed: None }) else { return };
    let credentials = credentials(engine, &state, &scenario);
    let Ok(workflows) = Workflows::read_in(std::slice::from_ref(file), engine.scenarios()) else { return };
    let mut transport = InProcess { engine, session: Session::new(state).into(), now };
    for workflow in &workflows.list {
        workflows.replay(workflow, &mut transport, &credentials, now, 0);
    }
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    seeds::mutate(data, size, max_size, seed, &SEEDS)
});
