//! Whether an answer is what a contract documents: valid by the schema where there is one; with the names and JSON types
//! of the example where there is only that.

use serde_json::Value;

use super::MediaSpec;

/// What is wrong with an answer by its documented form, the first thing that is; nothing where nothing is documented.
///
/// # Errors
/// A sentence with the place.
pub fn conform(media: &MediaSpec, body: &Value) -> Result<(), String> {
    match &media.schema {
        Some(schema) => match schema.violations(body).into_iter().find(|violation| violation.rule != "format") {
            Some(violation) => Err(format!("{}: {}", violation.pointer, violation.message)),
            None => Ok(()),
        },
        None => media.examples.first().map_or(Ok(()), |(_, example)| like(example, body, &mut String::new())),
    }
}

/// Names and JSON types of an example; `null` and empty lists say nothing, and an element may be like any of the
/// documented ones.
fn like(example: &Value, body: &Value, index: &mut String) -> Result<(), String> {
    match (example, body) {
        (Value::Null, _) | (_, Value::Null) => Ok(()),
        (Value::Object(example), Value::Object(body)) => {
            for (name, part) in example {
                let length = index.len();
                index.push('/');
                index.push_str(name);
                match body.get(name) {
                    Some(found) => like(part, found, index)?,
                    None => return Err(format!("{index} is documented and not there")),
                }
                index.truncate(length);
            }
            Ok(())
        }
        (Value::Array(examples), Value::Array(list)) if !examples.is_empty() => {
            let fits = |found: &Value| examples.iter().any(|example| like(example, found, &mut index.clone()).is_ok());
            match list.iter().find(|found| !fits(found)) {
                Some(found) => like(&examples[0], found, index),
                None => Ok(()),
            }
        }
        _ if std::mem::discriminant(example) == std::mem::discriminant(body) => Ok(()),
        _ => Err(format!("{index} is {body}, documented is {example}")),
    }
}
