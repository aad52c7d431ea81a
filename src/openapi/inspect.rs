//! Lints the schemas and examples of a contract, beyond the notes that reading it leaves.

use serde_json::Value;

use super::generate::can_match_pattern;
use super::schema::problem;
use super::{ApiFolder, Code, Contract, Note, Operation, Schema, escape_pointer, normalize};

/// Maximum total size of the schemas that are compiled, in bytes. Examples of further schemas are not checked.
const MAX_COMPILED: usize = 32 << 20;

/// Notes about schemas and examples.
pub fn inspect(contract: &Contract, folder: &ApiFolder) -> Vec<Note> {
    let mut notes = Vec::new();
    for file in &folder.contracts {
        if let Some(document) = normalize::read(file, &mut Vec::new()) {
            let components = document.root.pointer("/components/schemas").and_then(Value::as_object);
            for (name, schema) in components.into_iter().flatten() {
                inspect_schema(
                    schema,
                    &file.name,
                    &format!("/components/schemas/{}", escape_pointer(name)),
                    &mut notes,
                );
            }
        }
    }
    let mut compiled = 0;
    for operation in &contract.operations {
        if let Some(body) = &operation.body {
            inspect_schema(
                body.schema.raw(),
                &operation.file,
                &format!("{}/requestBody", operation.pointer()),
                &mut notes,
            );
        }
        for (status, response) in operation.responses.iter() {
            for media in &response.media {
                let pointer = format!("{}/responses/{status}", operation.pointer());
                let Some(schema) = &media.schema else { continue };
                inspect_schema(schema.raw(), &operation.file, &pointer, &mut notes);
                if !media.is_generated() {
                    compiled += schema.weight() + 1_000;
                    if compiled < MAX_COMPILED {
                        inspect_examples(operation, &pointer, schema, &media.examples, &mut notes);
                    }
                }
            }
        }
    }
    notes
}

fn inspect_examples(
    operation: &Operation,
    pointer: &str,
    schema: &Schema,
    examples: &[(String, Value)],
    notes: &mut Vec<Note>,
) {
    for (name, example) in examples {
        let invalid = schema.violations(example).into_iter().find(|violation| violation.rule != "format");
        if let Some(violation) = invalid {
            let name = if name.is_empty() { String::new() } else { format!(" `{name}`") };
            let message =
                format!("the example{name} violates its schema at {}: {}", violation.pointer, violation.message);
            notes.push(Note::new(Code::ExampleInvalid, &operation.file, pointer, message));
        }
    }
}

fn inspect_schema(schema: &Value, file: &str, pointer: &str, notes: &mut Vec<Note>) {
    if let Some((at, why)) = problem(schema) {
        notes.push(Note::new(Code::SchemaUnusable, file, format!("{pointer}{at}"), why));
    }
    let mut pending = vec![(schema, String::new())];
    while let Some((value, below_pointer)) = pending.pop() {
        match value {
            Value::Object(map) => {
                inspect_pattern(value, file, &format!("{pointer}{below_pointer}"), notes);
                inspect_required(map, file, &format!("{pointer}{below_pointer}"), notes);
                let below = map.iter().filter(|(name, _)| {
                    !matches!(name.as_str(), "example" | "examples" | "default" | "enum" | "const")
                });
                pending.extend(below.map(|(name, value)| (value, format!("{below_pointer}/{}", escape_pointer(name)))));
            }
            Value::Array(list) => {
                pending
                    .extend(list.iter().enumerate().map(|(index, value)| (value, format!("{below_pointer}/{index}"))));
            }
            _ => {}
        }
    }
}

fn inspect_pattern(schema: &Value, file: &str, pointer: &str, notes: &mut Vec<Note>) {
    let Some(pattern) = schema.get("pattern").and_then(Value::as_str) else { return };
    let has_example = ["example", "examples", "enum", "const", "default"].iter().any(|key| schema.get(*key).is_some());
    if !has_example && !can_match_pattern(schema) {
        let message = format!("no text was found for the pattern `{pattern}`");
        notes.push(Note::new(Code::PatternUnmatched, file, pointer, message));
    }
}

fn inspect_required(map: &serde_json::Map<String, Value>, file: &str, pointer: &str, notes: &mut Vec<Note>) {
    let (Some(required), Some(known)) =
        (map.get("required").and_then(Value::as_array), map.get("properties").and_then(Value::as_object))
    else {
        return;
    };
    // The properties of the other parts of an `allOf` are not known here.
    if map.contains_key("allOf") {
        return;
    }
    for name in required.iter().filter_map(Value::as_str).filter(|name| !known.contains_key(*name)) {
        notes.push(Note::new(
            Code::RequiredUnknown,
            file,
            pointer,
            format!("requires `{name}`, but has no such property"),
        ));
    }
}
