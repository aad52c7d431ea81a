use serde_json::Value;

use super::Difference;
use crate::diagnostics::locate::escape_pointer;

/// The number of differences that are listed.
const MAX_DIFFERENCES: usize = 20;

/// Compares a JSON value with a part that it must contain: objects may have further members; lists and other values are
/// equal. Numbers are compared by value.
pub(super) fn compare(part: &Value, actual: Option<&Value>, pointer: &str, found: &mut Vec<Difference>) {
    if found.len() >= MAX_DIFFERENCES {
        return;
    }
    let differs = |found: &mut Vec<Difference>| {
        let name = pointer.rsplit('/').next().unwrap_or_default();
        found.push(Difference::new(pointer, name, part.clone(), actual.cloned()));
    };
    match (part, actual) {
        (Value::Object(part), Some(Value::Object(actual))) => {
            for (name, part) in part {
                compare(part, actual.get(name), &format!("{pointer}/{}", escape_pointer(name)), found);
            }
        }
        (Value::Array(part), Some(Value::Array(actual))) if part.len() == actual.len() => {
            for (index, (part, actual)) in part.iter().zip(actual).enumerate() {
                compare(part, Some(actual), &format!("{pointer}/{index}"), found);
            }
        }
        (Value::Number(part), Some(Value::Number(actual))) if part.as_f64() == actual.as_f64() => {}
        (part, Some(actual)) if part == actual => {}
        _ => differs(found),
    }
}
