//! What an example tells about an answer: which names, in which order, in which JSON type and text form.

use compact_str::CompactString;
use serde_json::{Map, Value};

use crate::model::Hint;

/// The form of a documented answer, taken from its example.
///
/// The API writes one value in several forms: a price is `"100.0"` here and `100` there, a time stamp has
/// milliseconds and an offset in one family and neither in another. The example decides.
#[derive(Debug)]
pub enum Shape {
    /// Anything: the example says `null`, `{}` or `[]`.
    Any,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// Text of any content.
    Text,
    /// A time stamp with or without milliseconds, in UTC (`Z`) or with the business's offset.
    Time {
        /// Whether there are milliseconds.
        millis: bool,
        /// Whether the offset is that of the business; `Z` otherwise.
        offset: bool,
    },
    /// A list whose elements look like the example's first.
    List(Box<Shape>),
    /// An object with these names in this order.
    Object(Vec<Member>),
}

/// One name of an object's shape.
#[derive(Debug)]
pub struct Member {
    /// The name.
    pub name: CompactString,
    /// The name as it stands in JSON, with a comma before it and its colon.
    pub written: String,
    /// What it holds.
    pub shape: Shape,
    /// Where a record had it the last time.
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
            Value::String(text) => Self::of_text(text),
            Value::Array(list) => list.first().map_or(Self::Any, |first| Self::List(Box::new(Self::of(first)))),
            Value::Object(map) if map.is_empty() => Self::Any,
            Value::Object(map) => Self::of_object(map),
        }
    }

    /// A time stamp that the example leaves `null` is written as the ones beside it.
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

    /// The shape of a part, if this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Shape> {
        match self {
            Self::Object(members) => members.iter().find(|member| member.name == name).map(|member| &member.shape),
            _ => None,
        }
    }

    /// The shape at a list of names.
    pub fn at(&self, path: &[CompactString]) -> Option<&Shape> {
        path.iter().try_fold(self, |shape, name| shape.get(name))
    }

    /// Whether a time stamp with the business's offset is somewhere below.
    pub fn needs_zone(&self) -> bool {
        match self {
            Self::Time { offset, .. } => *offset,
            Self::List(element) => element.needs_zone(),
            Self::Object(members) => members.iter().any(|member| member.shape.needs_zone()),
            _ => false,
        }
    }
}
