//! Requests with values of fields that no client should send: the mock responds to each of them.

use serde_json::{Value, json};
use standin::openapi::Operation;
use standin::openapi::generate::generate;
use standin::openapi::random::stream;

use crate::request_gen::{body, target};
use crate::vocabulary::{ENGINE, observed};

/// Values instead of a value: of the same type, and of others.
fn replacements(value: &Value) -> Vec<Value> {
    let mut values = match value {
        Value::String(_) => {
            vec![json!(""), json!("soon"), json!("9999-12-30T23:59:59Z"), json!("9999-12-31"), json!("-1e999")]
        }
        Value::Number(_) => vec![json!(-1), json!(0), json!(i64::MAX), json!(-1e300), json!("1")],
        Value::Array(_) => vec![json!([]), json!({"0": {}}), json!([[], {}, "", 0])],
        _ => vec![json!([]), json!({}), json!("true")],
    };
    values.push(Value::Null);
    values
}

/// The JSON pointers of all values in a value.
fn pointers(value: &Value, pointer: &str, found: &mut Vec<String>) {
    let mut visit = |name: &str, value: &Value| {
        let name = name.replace('~', "~0").replace('/', "~1");
        let pointer = format!("{pointer}/{name}");
        pointers(value, &pointer, found);
        found.push(pointer);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| visit(name, value)),
        Value::Array(list) => list.iter().take(1).for_each(|value| visit("0", value)),
        _ => {}
    }
}

/// A body with all documented fields, and a plausible one.
fn bodies(operation: &Operation) -> [Value; 2] {
    let schema = operation.body.as_ref().map(|body| &body.schema);
    let all = schema.map_or(Value::Null, |schema| generate(schema, &mut stream(1, &operation.key)));
    [all, body(operation)]
}

#[test]
fn no_value_of_a_field_makes_an_operation_fail() {
    let mut failed = Vec::new();
    for operation in ENGINE.contract().operations.iter().filter(|operation| operation.body.is_some()) {
        let mock = observed();
        let target = target(operation);
        for sent in bodies(operation) {
            let mut found = Vec::new();
            pointers(&sent, "", &mut found);
            for pointer in found {
                let values = sent.pointer(&pointer).map(replacements).unwrap_or_default();
                for value in values {
                    let mut changed = sent.clone();
                    *changed.pointer_mut(&pointer).expect("a value") = value.clone();
                    let seen = mock.staff(operation.method.as_str(), &target, changed);
                    if seen.status >= 500 && seen.status != 501 {
                        failed.push(format!(
                            "{} with {value} at {pointer}: {} {}",
                            operation.key, seen.status, seen.body
                        ));
                    }
                }
            }
        }
    }
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}
