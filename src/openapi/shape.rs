//! The shape of an example: field names, their order, JSON types and text formats.

use compact_str::CompactString;
use serde_json::{Map, Value};

use crate::model::Hint;
use crate::model::exact_number::digits_of;

/// The shape of a documented response, taken from its example.
///
/// The API formats one value in several ways: a price is `"100.0"` in one response and `100` in another, a timestamp has
/// milliseconds and an offset in one dialect and neither in another. The example decides.
#[derive(Debug)]
pub enum Shape {
    /// Anything: the example is `null`, `{}` or `[]`.
    Any,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// Text.
    Text,
    /// A timestamp with or without milliseconds, in UTC (`Z`) or with the business's offset.
    Time {
        /// Whether it has milliseconds.
        millis: bool,
        /// Whether it has the business's offset; `Z` otherwise.
        offset: bool,
    },
    /// A list whose elements have the shape of the example's first.
    List(Box<Shape>),
    /// An object with these fields in this order.
    Object(Vec<Member>),
}

/// One field of an object's shape.
#[derive(Debug)]
pub struct Member {
    /// Name of the field.
    pub name: CompactString,
    /// The name in JSON, with a comma before it and a colon after it.
    pub written: String,
    /// Shape of its value.
    pub shape: Shape,
    /// Index of the field in the record that was written last.
    pub hint: Hint,
}

impl Member {
    fn new(name: &str, shape: Shape) -> Self {
        Self { name: name.into(), written: format!(",{}:", Value::from(name)), shape, hint: Hint::default() }
    }
}

impl Shape {
    /// The shape of an example.
    pub fn of(example: &Value) -> Self {
        match example {
            Value::Null => Self::Any,
            Value::Bool(_) => Self::Bool,
            Value::Number(_) => Self::Number,
            Value::String(text) if digits_of(text).is_some() => Self::Number,
            Value::String(text) => Self::of_text(text),
            Value::Array(list) => list.first().map_or(Self::Any, |first| Self::List(Box::new(Self::of(first)))),
            Value::Object(map) if map.is_empty() => Self::Any,
            Value::Object(map) => Self::of_object(map),
        }
    }

    /// A timestamp that is `null` in the example has the format of the timestamps beside it.
    fn of_object(map: &Map<String, Value>) -> Self {
        let shapes: Vec<(&String, Self)> = map.iter().map(|(name, value)| (name, Self::of(value))).collect();
        let times = shapes.iter().find_map(|(_, shape)| match shape {
            Self::Time { millis, offset } => Some((*millis, *offset)),
            _ => None,
        });
        let member = |(name, shape): (&String, Self)| match (&shape, times) {
            (Self::Any, Some((millis, offset))) if name.ends_with("_at") => {
                Member::new(name, Self::Time { millis, offset })
            }
            _ => Member::new(name, shape),
        };
        Self::Object(shapes.into_iter().map(member).collect())
    }

    fn of_text(text: &str) -> Self {
        let is_time = text.len() >= 20 && text.as_bytes()[10] == b'T' && text.parse::<jiff::Timestamp>().is_ok();
        match is_time {
            true => Self::Time { millis: text.contains('.'), offset: !text.ends_with('Z') },
            false => Self::Text,
        }
    }

    /// A field, if this is an object with that field.
    pub fn member(&self, name: &str) -> Option<&Member> {
        match self {
            Self::Object(members) => members.iter().find(|member| member.name == name),
            _ => None,
        }
    }

    /// The shape of a field, if this is an object with that field.
    pub fn get(&self, name: &str) -> Option<&Shape> {
        self.member(name).map(|member| &member.shape)
    }

    /// The shape at a path of field names.
    pub fn at(&self, path: &[CompactString]) -> Option<&Shape> {
        path.iter().try_fold(self, |shape, name| shape.get(name))
    }

    /// Whether any timestamp has the business's offset.
    pub fn needs_zone(&self) -> bool {
        match self {
            Self::Time { offset, .. } => *offset,
            Self::List(element) => element.needs_zone(),
            Self::Object(members) => members.iter().any(|member| member.shape.needs_zone()),
            _ => false,
        }
    }
}
