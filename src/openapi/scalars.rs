//! Plain YAML scalars that look like numbers: `01234`, `1.10`, `+4123456`.
//!
//! YAML reads them as numbers, but where a schema says `string` the author meant the text. The schema of a scalar is known
//! only in the whole document, so numbers with an unusual source text are first read as marked strings, and resolved here.

use rayon::prelude::*;
use serde_json::{Map, Number, Value};

use crate::model::exact_number::{self, digits_of};

/// Marks the source text of a plain scalar. A private code point, as no contract has one.
const MARK: char = '\u{10FFFC}';
/// Maximum depth of schemas that are followed.
const MAX_DEPTH: usize = 64;

/// A plain scalar with an unusual source text, marked for [`resolve`].
pub(super) fn mark(text: &str, _number: &Number) -> Value {
    Value::String(format!("{MARK}{text}"))
}

/// Resolves all marked scalars of a document: text where the schema says `string`, numbers everywhere else. Numbers that
/// lose digits stay exact in examples and enums, and become floats everywhere else.
pub(super) fn resolve(root: &mut Value) {
    if !has_mark(root) {
        return;
    }
    let components = root.clone();
    Resolver { root: &components }.document(root, 0);
    finish(root, false);
}

/// Objects with more members are searched on all processors.
const MAX_SEQUENTIAL: usize = 64;

/// Whether [`resolve`] would change something.
pub(super) fn has_mark(value: &Value) -> bool {
    match value {
        Value::Object(map) if map.len() > MAX_SEQUENTIAL => {
            map.values().collect::<Vec<_>>().into_par_iter().any(has_mark)
        }
        Value::String(text) => text.starts_with(MARK) || digits_of(text).is_some(),
        Value::Array(list) => list.iter().any(has_mark),
        Value::Object(map) => map.values().any(has_mark),
        _ => false,
    }
}

/// Whether the value of a key is data of the API rather than a part of the contract.
fn is_data(key: &str) -> bool {
    matches!(key, "example" | "examples" | "default" | "enum" | "const")
}

struct Resolver<'r> {
    root: &'r Value,
}

impl Resolver<'_> {
    /// Resolves the examples below a value of the document by the schemas beside them.
    fn document(&self, value: &mut Value, depth: usize) {
        match value {
            Value::Object(map) => {
                if let Some(schema) = map.get("schema").cloned() {
                    self.beside_schema(map, &schema);
                }
                if map.keys().any(|key| is_data(key)) {
                    let own = Value::Object(map.iter().filter(|(key, _)| !is_data(key)).map(clone_entry).collect());
                    self.own_data(map, &own);
                }
                if depth < 4 * MAX_DEPTH {
                    map.iter_mut().for_each(|(_, value)| self.document(value, depth + 1));
                }
            }
            Value::Array(list) if depth < 4 * MAX_DEPTH => {
                list.iter_mut().for_each(|value| self.document(value, depth + 1));
            }
            _ => {}
        }
    }

    /// Resolves the examples of a media type, parameter or header.
    fn beside_schema(&self, map: &mut Map<String, Value>, schema: &Value) {
        if let Some(example) = map.get_mut("example") {
            self.data(example, schema, 0);
        }
        for (_, example) in map.get_mut("examples").and_then(Value::as_object_mut).into_iter().flatten() {
            if let Some(value) = example.get_mut("value") {
                self.data(value, schema, 0);
            }
        }
    }

    /// Resolves the values that a schema itself has.
    fn own_data(&self, map: &mut Map<String, Value>, schema: &Value) {
        for (key, value) in map.iter_mut().filter(|(key, _)| is_data(key)) {
            match (key.as_str(), value) {
                ("examples" | "enum", Value::Array(list)) => {
                    list.iter_mut().for_each(|value| self.data(value, schema, 0));
                }
                (_, value) => self.data(value, schema, 0),
            }
        }
    }

    /// Resolves the text scalars of a value by its schema.
    fn data(&self, value: &mut Value, schema: &Value, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let schema = self.follow(schema);
        for part in ["allOf", "oneOf", "anyOf"].iter().filter_map(|key| schema.get(*key)?.as_array()).flatten() {
            self.data(value, part, depth + 1);
        }
        match value {
            Value::String(text) => {
                if schema.as_object().is_some_and(is_text)
                    && let Some(plain) = text.strip_prefix(MARK).or_else(|| digits_of(text))
                {
                    *text = plain.to_owned();
                }
            }
            Value::Array(list) => {
                let items = schema.get("items").unwrap_or(&Value::Null);
                list.iter_mut().for_each(|item| self.data(item, items, depth + 1));
            }
            Value::Object(map) => {
                for (name, member) in map.iter_mut() {
                    let property = schema.get("properties").and_then(|properties| properties.get(name));
                    if let Some(schema) = property.or_else(|| schema.get("additionalProperties")) {
                        self.data(member, schema, depth + 1);
                    }
                }
            }
            _ => {}
        }
    }

    fn follow<'s>(&'s self, mut schema: &'s Value) -> &'s Value {
        for _ in 0..MAX_DEPTH {
            let target = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
            match target.and_then(|pointer| self.root.pointer(pointer)) {
                Some(found) => schema = found,
                None => break,
            }
        }
        schema
    }
}

fn clone_entry((key, value): (&String, &Value)) -> (String, Value) {
    (key.clone(), value.clone())
}

/// Whether a schema allows text and no numbers.
fn is_text(schema: &Map<String, Value>) -> bool {
    match schema.get("type") {
        Some(Value::String(kind)) => kind == "string",
        Some(Value::Array(kinds)) => {
            kinds.iter().any(|kind| kind == "string") && !kinds.iter().any(|kind| kind == "number" || kind == "integer")
        }
        _ => false,
    }
}

/// Replaces the remaining marked scalars by numbers.
fn finish(value: &mut Value, is_in_data: bool) {
    match value {
        Value::String(text) => {
            let number = text.strip_prefix(MARK).map(to_number);
            if let Some(number) = number {
                *value = number;
            }
            if !is_in_data && let Some(digits) = value.as_str().and_then(digits_of) {
                let float = digits.parse::<Number>().ok();
                *value = float.map_or(Value::Null, Value::Number);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| finish(value, is_in_data)),
        Value::Object(map) => {
            map.iter_mut().for_each(|(key, value)| finish(value, is_in_data || is_data(key)));
        }
        _ => {}
    }
}

/// The number that a plain scalar is in YAML 1.2: signs and leading zeros are allowed, `0x` and `0o` prefixes too.
fn to_number(text: &str) -> Value {
    let (sign, digits) = match text.as_bytes() {
        [b'-', ..] => ("-", &text[1..]),
        [b'+', ..] => ("", &text[1..]),
        _ => ("", text),
    };
    let radix =
        |prefix: &str, radix| digits.strip_prefix(prefix).and_then(|digits| i64::from_str_radix(digits, radix).ok());
    if let Some(number) = radix("0x", 16).or_else(|| radix("0o", 8)) {
        return Value::from(if sign.is_empty() { number } else { -number });
    }
    let significant = digits.trim_start_matches('0');
    let zero = if significant.starts_with(|first: char| first.is_ascii_digit()) { "" } else { "0" };
    // `1.` and `.5` are numbers in YAML only.
    let significant = significant.strip_suffix('.').unwrap_or(significant);
    exact_number::number(&format!("{sign}{zero}{significant}")).unwrap_or_else(|| Value::String(text.to_owned()))
}
