//! The loader: whatever a contract's text is, it is read into an engine or leaves notes.

#![no_main]

#[path = "../../tests/it/mutation.rs"]
mod mutation;

use std::sync::LazyLock;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use standin::openapi::ApiFolder;
use standin::pipeline::Engine;
use standin::diagnostics::SourceFile;

/// The smaller embedded contracts: most of the coverage at little of the cost.
static SEEDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let texts = ApiFolder::embedded().contracts.into_iter().map(|file| file.text);
    texts.filter(|text| text.len() < 8_000).collect()
});

fuzz_target!(|text: &[u8]| {
    let text = String::from_utf8_lossy(text);
    let folder = ApiFolder { contracts: vec![SourceFile::new("fuzz.json", text)], ..ApiFolder::default() };
    assert!(Engine::new(&folder).is_ok(), "there is no quirks, resources or families file to be wrong");
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut random = ChaCha8Rng::seed_from_u64(seed.into());
    let text = match random.random_range(0..40) {
        0 => SEEDS[random.random_range(0..SEEDS.len())].clone(),
        _ => String::from_utf8_lossy(&data[..size]).into_owned(),
    };
    let mutated = match (serde_json::from_str::<Value>(&text), random.random_range(0..8)) {
        (Ok(mut document), 0..6) => {
            mutation::mutate(&mut document, &mut random);
            document.to_string()
        }
        (_, 6) => mutation::mutate_text(&text, &mut random),
        _ => return fuzzer_mutate(data, size, max_size),
    };
    if mutated.len() > max_size {
        return fuzzer_mutate(data, size, max_size);
    }
    data[..mutated.len()].copy_from_slice(mutated.as_bytes());
    mutated.len()
});
