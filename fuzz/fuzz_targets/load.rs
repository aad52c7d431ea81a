//! The loader: whatever a contract's text is, it is read into an engine or leaves notes; and a large text, whose paths are read
//! later, gives the same operations and notes as a small one that says the same.

#![no_main]

#[path = "../../tests/it/mutation.rs"]
mod mutation;
#[path = "../../tests/it/yaml_text.rs"]
mod yaml_text;

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

/// From this size on the paths of a contract are read later, bytes.
const LARGE: usize = 512 << 10;
/// Longer than a part of the paths that is read at once, bytes.
const PART: usize = 33 << 10;

fuzz_target!(|text: &[u8]| {
    let text = String::from_utf8_lossy(text);
    let engine = load("fuzz.json", &text);
    if text.len() % 4 > 0 || engine.contract().operations.is_empty() {
        return;
    }
    assert_same(&engine, &load("fuzz.json", &larger_json(&text)));
    let Ok(document) = serde_json::from_str(&text) else { return };
    let mut yaml = String::new();
    yaml_text::write_yaml(&document, 0, &mut yaml);
    let spaces = format!("{}\n", " ".repeat(LARGE / yaml.lines().count().max(1)));
    assert_same(&load("fuzz.yaml", &yaml), &load("fuzz.yaml", &yaml.replace('\n', &spaces)));
});

fn load(name: &str, text: &str) -> Engine {
    let folder = ApiFolder { contracts: vec![SourceFile::new(name, text)], ..ApiFolder::default() };
    Engine::new(&folder).expect("there is no quirks, resources or dialects file to be wrong")
}

fn assert_same(small: &Engine, large: &Engine) {
    let operations = [small, large].map(|engine| {
        let count = engine.contract().operations.len();
        (0..count).map(|index| engine.describe_operation(index)).collect::<Vec<_>>()
    });
    assert_eq!(operations[0], operations[1]);
    // Where a mistake is in a line differs.
    let notes = |engine: &Engine| engine.contract().notes.iter().map(|note| note.code).collect::<Vec<_>>();
    assert_eq!(notes(small), notes(large));
}

/// The same JSON with spaces between the path items and at its end.
fn larger_json(text: &str) -> String {
    let (mut larger, mut depth, mut in_string, mut is_escaped) = (String::new(), 0, false, false);
    for letter in text.chars() {
        larger.push(letter);
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if in_string => is_escaped = true,
            '"' => in_string = !in_string,
            _ if in_string => {}
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            ',' if depth == 2 && larger.len() < 4 * LARGE => larger.push_str(&" ".repeat(PART)),
            _ => {}
        }
    }
    larger + &" ".repeat(LARGE)
}

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
