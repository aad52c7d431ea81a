//! What can be said against a contract beyond what reading it has noted: its schemas, and its examples by them.

use serde_json::Value;

use super::schema::problem;
use super::{ApiFolder, Code, Contract, Note, Operation, Schema, escaped, normalize};

/// So many bytes of schemas are compiled at most; the examples behind them are taken on trust.
const MAX_COMPILED: usize = 32 << 20;

/// The notes about schemas and examples.
pub fn inspect(contract: &Contract, folder: &ApiFolder) -> Vec<Note> {
    let mut notes = Vec::new();
    for file in &folder.contracts {
        if let Some(document) = normalize::read(file, &mut Vec::new()) {
            let components = document.root.pointer("/components/schemas").and_then(Value::as_object);
            for (name, schema) in components.into_iter().flatten() {
                judge(schema, &file.name, &format!("/components/schemas/{}", escaped(name)), &mut notes);
            }
        }
    }
    let mut compiled = 0;
    for operation in &contract.operations {
        if let Some(body) = &operation.body {
            judge(body.schema.raw(), &operation.file, &format!("{}/requestBody", operation.pointer()), &mut notes);
        }
        for (status, response) in &operation.responses {
            for media in &response.media {
                let pointer = format!("{}/responses/{status}", operation.pointer());
                let Some(schema) = &media.schema else { continue };
                judge(schema.raw(), &operation.file, &pointer, &mut notes);
                if !media.examples.is_empty() {
                    compiled += schema.weight() + 1_000;
                    if compiled < MAX_COMPILED {
                        examples(operation, &pointer, schema, &media.examples, &mut notes);
                    }
                }
            }
        }
    }
    notes
}

fn examples(
    operation: &Operation,
    pointer: &str,
    schema: &Schema,
    examples: &[(String, Value)],
    notes: &mut Vec<Note>,
) {
    for (name, example) in examples {
        let broken = schema.violations(example).into_iter().find(|violation| violation.rule != "format");
        if let Some(violation) = broken {
            let name = if name.is_empty() { String::new() } else { format!(" `{name}`") };
            let message =
                format!("the example{name} breaks its schema at {}: {}", violation.pointer, violation.message);
            notes.push(Note::new(Code::ExampleInvalid, &operation.file, pointer, message));
        }
    }
}

fn judge(schema: &Value, file: &str, pointer: &str, notes: &mut Vec<Note>) {
    if let Some((at, why)) = problem(schema) {
        notes.push(Note::new(Code::SchemaUnusable, file, format!("{pointer}{at}"), why));
    }
    let mut waiting = vec![(schema, String::new())];
    while let Some((value, field_path)) = waiting.pop() {
        match value {
            Value::Object(map) => {
                required(map, file, &format!("{pointer}{field_path}"), notes);
                let below = map.iter().filter(|(name, _)| {
                    !matches!(name.as_str(), "example" | "examples" | "default" | "enum" | "const")
                });
                waiting.extend(below.map(|(name, value)| (value, format!("{field_path}/{}", escaped(name)))));
            }
            Value::Array(list) => {
                waiting.extend(list.iter().enumerate().map(|(index, value)| (value, format!("{field_path}/{index}"))));
            }
            _ => {}
        }
    }
}

fn required(map: &serde_json::Map<String, Value>, file: &str, pointer: &str, notes: &mut Vec<Note>) {
    let (Some(required), Some(known)) =
        (map.get("required").and_then(Value::as_array), map.get("properties").and_then(Value::as_object))
    else {
        return;
    };
    // What a schema inherits is described elsewhere.
    if map.contains_key("allOf") {
        return;
    }
    for name in required.iter().filter_map(Value::as_str).filter(|name| !known.contains_key(*name)) {
        notes.push(Note::new(
            Code::RequiredUnknown,
            file,
            pointer,
            format!("requires `{name}`, which no property describes"),
        ));
    }
}
