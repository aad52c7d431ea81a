//! Notes about contracts in the Static Analysis Results Interchange Format.

use serde_json::{Value, json};

use crate::openapi::{CODES, Note, Severity};

/// The notes, with the line of each, as a SARIF 2.1.0 document.
pub(crate) fn sarif(notes: &[Note], lines: &[usize]) -> Value {
    let rules: Vec<Value> = CODES
        .iter()
        .map(|explanation| {
            json!({
                "id": explanation.name,
                "shortDescription": {"text": explanation.meaning},
                "help": {"text": format!("Assumed: {}. {}", explanation.assumed, explanation.advice)},
                "defaultConfiguration": {"level": level(explanation.severity)},
            })
        })
        .collect();
    let results: Vec<Value> = notes.iter().zip(lines).map(|(note, line)| result(note, *line)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "standin", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(note: &Note, line: usize) -> Value {
    let explanation = note.code.explanation();
    json!({
        "ruleId": explanation.name,
        "level": level(explanation.severity),
        "message": {"text": format!("{} (assumed: {})", note.message, explanation.assumed)},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": note.file.replace('\\', "/").replace(' ', "%20")},
                "region": {"startLine": line},
            },
            "logicalLocations": [{"fullyQualifiedName": note.pointer}],
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
