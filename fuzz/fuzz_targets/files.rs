//! Files that people write: quirks, resources, `standin.yaml` and scenarios. Whatever their text is, they are read or rejected
//! with diagnostics, and a scenario that is read can be seeded and replayed.
//!
//! The first byte of an input selects the kind of file.

#![no_main]

#[path = "../orders.rs"]
mod orders;
#[path = "../replay.rs"]
mod replay;
#[path = "../seeds.rs"]
mod seeds;

use std::sync::LazyLock;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use standin::diagnostics::SourceFile;
use standin::openapi::ApiFolder;
use standin::pipeline::Engine;

/// A valid file of each kind.
const SEEDS: [&str; 4] = [
    "quirks:\n  - id: no-orders\n    on: orders are empty\n    off: orders are listed\n    evidence: [{source: seen, at: today}]\n    when: {operation: GET /orders}\n    respond: {status: 200, body: []}\n    proof:\n      - {id: list, method: GET, path: /orders, on: {body: {$: []}}, off: {status: 200}}\n",
    "order:\n  plural: orders\n  fields:\n    item: {type: text, default: tea}\n    count: {type: integer, required: true}\n    due_on: {type: date}\n  lifecycle:\n    field: state\n    transitions:\n      - {after: 3d, since: due_on, from: [open], to: overdue, set: {count: 2}}\n",
    "name: shop\ngateways:\n  public: {prefixes: [/public]}\ntokens:\n  schemes: [Bearer]\n  kinds: {keeper: {subject: keeper}}\nownership: {kind: shelter, fields: [shelter_id]}\ndialects:\n  - {name: shop, paths: [/**], success: $data, errors: {not_found: {status: 404, body: {message: $message}}}}\n",
    "scenario: two\nnow: 2026-02-08T10:00:00Z\nrecords:\n  orders:\n    - {id: \"1\", item: tea, count: 2, due_on: today+3d}\ngenerate: {orders: 4}\nfaults:\n  - {operation: GET /orders, latency: {ms: 4}}\nsteps:\n  - {id: list, method: GET, path: /orders, extract: {first: $[0].id}, expect: {status: 200}}\n  - {id: read, method: GET, path: \"/orders/{{first}}\", expect: {status: 200, body: {$.item: tea}}}\n",
];

static PLAIN: LazyLock<Engine> = LazyLock::new(|| Engine::new(&orders::folder()).expect("the contract is valid"));

fuzz_target!(|input: &[u8]| {
    let Some((kind, text)) = input.split_first() else { return };
    let file = |name: &str| SourceFile::new(name, String::from_utf8_lossy(text));
    match kind % 4 {
        0 => drop(Engine::new(&ApiFolder { quirks: vec![file("a.quirks.yaml")], ..orders::folder() })),
        1 => drop(Engine::new(&ApiFolder { resources: vec![file("a.resources.yaml")], ..orders::folder() })),
        2 => drop(Engine::new(&ApiFolder { settings: vec![file("standin.yaml")], ..orders::folder() })),
        _ => replay_bounded(&file("scenario.yaml")),
    }
});

/// Replays a scenario. Generated records are as many as the file says.
fn replay_bounded(file: &SourceFile) {
    if !file.text.contains("generate") || file.text.bytes().filter(u8::is_ascii_digit).count() <= 40 {
        replay::replay(&PLAIN, file);
    }
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    seeds::mutate(data, size, max_size, seed, &SEEDS)
});
