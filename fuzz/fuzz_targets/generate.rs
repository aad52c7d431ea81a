//! Values from schemas: whatever a schema is, a value is generated from it and repaired by it soon and without a panic.
//!
//! An input is `{"schema": …, "components": …, "value": …}`.

#![no_main]

#[path = "../../tests/it/mutation.rs"]
mod mutation;

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use standin::openapi::generate::{generate, repair};
use standin::openapi::random::stream;
use standin::openapi::{Contract, ApiFolder, Schema};

/// The schemas of bodies and answers in the embedded contracts.
static SEEDS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let contract = Contract::read(&ApiFolder::embedded(), "").expect("the embedded files are right");
    let mut schemas = vec![json!({"$ref": "#/components/schemas/A"})];
    for operation in &contract.operations {
        schemas.extend(operation.body.iter().map(|body| body.schema.raw().clone()));
        let media = operation.responses.iter().flat_map(|(_, response)| &response.media);
        schemas.extend(media.filter_map(|media| media.schema.as_ref()).map(|schema| schema.raw().clone()));
    }
    schemas.retain(|schema| schema.to_string().len() < 2_000);
    let seed =
        |schema: Value| json!({"schema": schema, "components": {"schemas": {"A": {"type": "object"}}}, "value": {}});
    schemas.into_iter().map(seed).collect()
});

fuzz_target!(|text: &[u8]| {
    let Ok(Value::Object(mut input)) = serde_json::from_slice(text) else { return };
    let mut take = |name: &str| input.get_mut(name).map(Value::take).unwrap_or_default();
    let schema = Schema::new(take("schema"), Arc::new(take("components")));
    let mut value = take("value");
    let made = generate(&schema, &mut stream(0, "made"));
    schema.violations(&made);
    let fitted = repair(&schema, value.clone(), &mut stream(0, "fitted"));
    schema.violations(&fitted);
    schema.coerce(&mut value, &mut |_| true);
    schema.part(&["a", "b"]);
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut random = ChaCha8Rng::seed_from_u64(seed.into());
    let parsed = serde_json::from_slice::<Value>(&data[..size]).ok().filter(Value::is_object);
    let mut document = match (parsed, random.random_range(0..40)) {
        (Some(document), 1..) => document,
        _ => SEEDS[random.random_range(0..SEEDS.len())].clone(),
    };
    mutation::mutate(&mut document, &mut random);
    let mut mutated = document.to_string();
    if random.random_range(0..20) == 0 {
        mutated = mutation::mutate_text(&mutated, &mut random);
    }
    if mutated.len() > max_size {
        return fuzzer_mutate(data, size, max_size);
    }
    data[..mutated.len()].copy_from_slice(mutated.as_bytes());
    mutated.len()
});
