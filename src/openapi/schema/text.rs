//! Reads values that were sent as text (forms, parameters) by the types of a schema.

use serde_json::Value;

use super::{MAX_DEPTH, Schema, Types};
use crate::model::exact_number::number;

/// How text is read where a schema allows both text and another type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextChoice {
    /// As text.
    Text,
    /// As the other type, if the text can be read so.
    Typed,
}

/// State of one reading.
struct Reading<'b> {
    choice: TextChoice,
    /// JSON pointer to the current value.
    pointer: String,
    /// Whether the text at a JSON pointer may be read.
    allow: &'b mut dyn FnMut(&str) -> bool,
}

impl Schema {
    /// Replaces the texts in a value by numbers, truth values and `null`, and objects with indexes as names by lists, where
    /// the schema allows these. `allow` is called with the JSON pointer of each text.
    pub fn read_texts(&self, value: &mut Value, choice: TextChoice, allow: &mut dyn FnMut(&str) -> bool) {
        let mut reading = Reading { choice, pointer: String::new(), allow };
        self.read_value(self.raw(), value, &mut reading, 0);
    }

    fn read_value(&self, schema: &Value, value: &mut Value, reading: &mut Reading<'_>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let types = self.types(schema);
        if let Value::Object(map) = value
            && types.is_some_and(|types| types.allow(Types::ARRAY) && !types.allow(Types::OBJECT))
            && let Some(mut indexes) = map.keys().map(|key| key.parse().ok()).collect::<Option<Vec<usize>>>()
        {
            let mut elements: Vec<Value> = std::mem::take(map).into_iter().map(|(_, element)| element).collect();
            let mut sorted: Vec<(usize, Value)> = indexes.drain(..).zip(elements.drain(..)).collect();
            sorted.sort_by_key(|(index, _)| *index);
            *value = sorted.into_iter().map(|(_, element)| element).collect();
        }
        match value {
            Value::String(text) => {
                if let Some(read) = types.and_then(|types| read_text(types, text, reading.choice))
                    && (reading.allow)(&reading.pointer)
                {
                    *value = read;
                }
            }
            Value::Object(map) => {
                for (name, value) in map {
                    if let Some(part) = self.member(schema, name) {
                        self.read_below(part, value, name, reading, depth);
                    }
                }
            }
            Value::Array(list) => {
                let Some(part) = self.elements(schema) else { return };
                for (index, value) in list.iter_mut().enumerate() {
                    self.read_below(part, value, &index.to_string(), reading, depth);
                }
            }
            _ => {}
        }
    }

    fn read_below(&self, schema: &Value, value: &mut Value, step: &str, reading: &mut Reading<'_>, depth: usize) {
        let length = reading.pointer.len();
        reading.pointer.push('/');
        reading.pointer.push_str(step);
        self.read_value(schema, value, reading, depth + 1);
        reading.pointer.truncate(length);
    }
}

/// A text as a value of another type that a schema allows; `None` if it stays text.
fn read_text(types: Types, text: &str, choice: TextChoice) -> Option<Value> {
    if types.allow(Types::STRING) && choice == TextChoice::Text {
        return None;
    }
    let is_whole = || text.parse::<f64>().is_ok_and(|number| number.fract() == 0.0);
    let read_number =
        || number(text).filter(|_| types.allow(Types::NUMBER) || types.allow(Types::INTEGER) && is_whole());
    let read_truth = || text.parse::<bool>().ok().filter(|_| types.allow(Types::BOOLEAN)).map(Value::Bool);
    let is_null = types.allow(Types::NULL) && !types.allow(Types::STRING) && matches!(text, "" | "null");
    read_number().or_else(read_truth).or_else(|| is_null.then_some(Value::Null))
}
