//! Two JSON values as one HTML text, with the differences marked.

use serde_json::Value;

use crate::openapi::escape_text;

/// The received value as indented JSON; where another one was expected, that one in `ins` and the received one in `del`.
pub(super) fn diff(expected: &Value, received: &Value) -> String {
    let mut out = String::new();
    write(&mut out, Some(expected), Some(received), "");
    out
}

fn write(out: &mut String, expected: Option<&Value>, received: Option<&Value>, indent: &str) {
    let (open, close, names) = match (expected, received) {
        (Some(Value::Object(wanted)), Some(Value::Object(found))) => {
            let added = found.keys().filter(|name| !wanted.contains_key(*name));
            ('{', '}', wanted.keys().chain(added).cloned().collect::<Vec<String>>())
        }
        (Some(Value::Array(wanted)), Some(Value::Array(found))) => {
            ('[', ']', (0..wanted.len().max(found.len())).map(|index| index.to_string()).collect())
        }
        (Some(expected), Some(received)) if expected == received => {
            out.push_str(&text(received));
            return;
        }
        (expected, received) => {
            let marked =
                |value: Option<&Value>, tag: &str| value.map(|value| format!("<{tag}>{}</{tag}>", text(value)));
            let both: Vec<String> = marked(expected, "ins").into_iter().chain(marked(received, "del")).collect();
            out.push_str(&both.join(" "));
            return;
        }
    };
    let inner = format!("{indent}  ");
    out.push(open);
    for (place, name) in names.iter().enumerate() {
        out.push_str(if place == 0 { "\n" } else { ",\n" });
        out.push_str(&inner);
        if open == '{' {
            out.push_str(&format!("{}: ", text(&Value::from(name.as_str()))));
        }
        write(out, member(expected, name), member(received, name), &inner);
    }
    if !names.is_empty() {
        out.push_str(&format!("\n{indent}"));
    }
    out.push(close);
}

/// The member of an object by its name, or of a list by its index.
fn member<'v>(value: Option<&'v Value>, name: &str) -> Option<&'v Value> {
    match value? {
        Value::Object(members) => members.get(name),
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    }
}

fn text(value: &Value) -> String {
    escape_text(&value.to_string())
}
