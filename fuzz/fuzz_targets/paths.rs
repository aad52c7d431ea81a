//! JSONPath in scenarios: whatever a path and a body are, the path is rejected, or applied to the response of a request with
//! that body.
//!
//! An input is a line with a path, and a body in JSON.

#![no_main]

#[path = "../orders.rs"]
mod orders;
#[path = "../replay.rs"]
mod replay;

use std::sync::LazyLock;

use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::{Value, json};
use standin::diagnostics::SourceFile;
use standin::pipeline::Engine;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(&orders::folder()).expect("the contract is valid"));

fuzz_target!(|input: &[u8]| -> Corpus {
    let text = String::from_utf8_lossy(input);
    let (path, body) = text.split_once('\n').unwrap_or((&text, "{}"));
    let Ok(body) = serde_json::from_str::<Value>(body) else { return Corpus::Reject };
    let step = json!({
        "id": "a",
        "method": "POST",
        "path": "/orders",
        "body": {"id": "1", "lines": body},
        "extract": {"found": path},
        "expect": {"status": 201, "body": {path: "tea"}},
    });
    // JSON is YAML, too.
    let scenario = json!({"scenario": "paths", "steps": [step]}).to_string();
    replay::replay(&ENGINE, &SourceFile::new("scenario.yaml", scenario));
    Corpus::Keep
});
