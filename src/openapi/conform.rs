//! Checks that a response body is what a contract documents: valid by the schema, or, without a schema, with the field
//! names and JSON types of the example.

use serde_json::Value;

use super::MediaSpec;

/// Checks a body against its documented media type. Without schema and example every body conforms.
///
/// # Errors
/// The first violation: JSON pointer and message.
pub fn conform(media: &MediaSpec, body: &Value) -> Result<(), String> {
    match &media.schema {
        Some(schema) => match schema.violations(body).into_iter().find(|violation| violation.rule != "format") {
            Some(violation) => Err(format!("{}: {}", violation.pointer, violation.message)),
            None => Ok(()),
        },
        None => media.examples.first().map_or(Ok(()), |(_, example)| check_like(example, body, &mut String::new())),
    }
}

/// Checks field names and JSON types against an example. `null` and empty lists match everything; an element of a list
/// must match any of the documented elements.
fn check_like(example: &Value, body: &Value, pointer: &mut String) -> Result<(), String> {
    match (example, body) {
        (Value::Null, _) | (_, Value::Null) => Ok(()),
        (Value::Object(example), Value::Object(body)) => {
            for (name, part) in example {
                let length = pointer.len();
                pointer.push('/');
                pointer.push_str(name);
                match body.get(name) {
                    Some(found) => check_like(part, found, pointer)?,
                    None => return Err(format!("{pointer} is documented but missing")),
                }
                pointer.truncate(length);
            }
            Ok(())
        }
        (Value::Array(examples), Value::Array(list)) if !examples.is_empty() => {
            let matches =
                |found: &Value| examples.iter().any(|example| check_like(example, found, &mut pointer.clone()).is_ok());
            match list.iter().find(|found| !matches(found)) {
                Some(found) => check_like(&examples[0], found, pointer),
                None => Ok(()),
            }
        }
        _ if std::mem::discriminant(example) == std::mem::discriminant(body) => Ok(()),
        _ => Err(format!("{pointer} is {body}, but the contract documents {example}")),
    }
}
