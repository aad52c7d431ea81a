use serde::Serialize;
use serde_json::{Map, Value};

use super::plain_length;
use crate::openapi::Member;

/// Receives a JSON value piece by piece.
pub trait JsonSink {
    /// Begins an object.
    fn begin_object(&mut self);
    /// The name of the next value in an object, from a shape.
    fn member(&mut self, member: &Member, is_first: bool);
    /// The name of the next value in an object.
    fn name(&mut self, name: &str, is_first: bool);
    /// Ends an object.
    fn end_object(&mut self);
    /// Begins a list.
    fn begin_list(&mut self);
    /// Announces the next element of a list.
    fn element(&mut self, is_first: bool);
    /// Ends a list.
    fn end_list(&mut self);
    /// `null`.
    fn null(&mut self);
    /// A text.
    fn text(&mut self, text: &str);
    /// Any other value.
    fn value<T: Serialize + ?Sized>(&mut self, value: &T);
}

/// Writes JSON text.
pub struct JsonBytes<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> JsonBytes<'a> {
    /// Appends to `out`.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }
}

impl JsonSink for JsonBytes<'_> {
    fn begin_object(&mut self) {
        self.out.push(b'{');
    }

    fn member(&mut self, member: &Member, is_first: bool) {
        // The written name begins with the comma before it, which the first one lacks.
        self.out.extend_from_slice(&member.written.as_bytes()[usize::from(is_first)..]);
    }

    fn name(&mut self, name: &str, is_first: bool) {
        self.element(is_first);
        self.text(name);
        self.out.push(b':');
    }

    fn end_object(&mut self) {
        self.out.push(b'}');
    }

    fn begin_list(&mut self) {
        self.out.push(b'[');
    }

    fn element(&mut self, is_first: bool) {
        if !is_first {
            self.out.push(b',');
        }
    }

    fn end_list(&mut self) {
        self.out.push(b']');
    }

    fn null(&mut self) {
        self.out.extend_from_slice(b"null");
    }

    fn text(&mut self, text: &str) {
        // Nearly all texts need no escaping.
        if plain_length(text.as_bytes()) == text.len() {
            self.out.reserve(text.len() + 2);
            self.out.push(b'"');
            self.out.extend_from_slice(text.as_bytes());
            self.out.push(b'"');
        } else {
            self.value(text);
        }
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) {
        serde_json::to_writer(&mut *self.out, value).expect("the value is JSON, and writing to memory does not fail");
    }
}

/// Builds a [`Value`].
#[derive(Default)]
pub struct JsonTree {
    /// The objects and lists that have begun, each with the name under which it belongs into the one before it.
    open: Vec<(String, Value)>,
    /// The name of the next value.
    name: String,
    done: Value,
}

impl JsonTree {
    /// The value that was built; `null` if there was none.
    pub fn into_value(self) -> Value {
        self.done
    }

    fn add(&mut self, value: Value) {
        match self.open.last_mut() {
            Some((_, Value::Object(map))) => {
                map.insert(std::mem::take(&mut self.name), value);
            }
            Some((_, Value::Array(list))) => list.push(value),
            _ => self.done = value,
        }
    }

    fn end(&mut self) {
        if let Some((name, value)) = self.open.pop() {
            self.name = name;
            self.add(value);
        }
    }
}

impl JsonSink for JsonTree {
    fn begin_object(&mut self) {
        self.open.push((std::mem::take(&mut self.name), Value::Object(Map::new())));
    }

    fn member(&mut self, member: &Member, is_first: bool) {
        self.name(&member.name, is_first);
    }

    fn name(&mut self, name: &str, _: bool) {
        name.clone_into(&mut self.name);
    }

    fn end_object(&mut self) {
        self.end();
    }

    fn begin_list(&mut self) {
        self.open.push((std::mem::take(&mut self.name), Value::Array(Vec::new())));
    }

    fn element(&mut self, _: bool) {}

    fn end_list(&mut self) {
        self.end();
    }

    fn null(&mut self) {
        self.add(Value::Null);
    }

    fn text(&mut self, text: &str) {
        self.add(text.into());
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) {
        self.add(serde_json::to_value(value).expect("the value is JSON"));
    }
}
