//! Writes YAML. The fuzz targets use this file as well.

use serde_json::Value;

/// A value as YAML: mappings in block style, everything else as JSON.
pub(crate) fn write_yaml(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (name, value) in map {
                let is_plain = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphabetic());
                let key = if is_plain { name.clone() } else { Value::from(name.as_str()).to_string() };
                let is_block = value.as_object().is_some_and(|map| !map.is_empty());
                text.push_str(&format!("{}{key}:{}", " ".repeat(indent), if is_block { "\n" } else { " " }));
                write_yaml(value, indent + 2, text);
            }
        }
        other => text.push_str(&format!("{other}\n")),
    }
}
