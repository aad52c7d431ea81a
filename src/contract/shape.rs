//! What an example tells about an answer: which names, in which order, in which JSON type and text form.

use compact_str::CompactString;
use serde_json::Value;

/// The form of a documented answer, taken from its example.
///
/// The API writes one value in several forms: a price is `"100.0"` here and `100` there, a time stamp has
/// milliseconds and an offset in one family and neither in another. The example decides.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    Object(Vec<(CompactString, Shape)>),
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
            Value::Object(map) => {
                Self::Object(map.iter().map(|(name, value)| (name.into(), Self::of(value))).collect())
            }
        }
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
            Self::Object(parts) => parts.iter().find(|(known, _)| known == name).map(|(_, shape)| shape),
            _ => None,
        }
    }

    /// The shape at a list of names.
    pub fn at(&self, path: &[CompactString]) -> Option<&Shape> {
        path.iter().try_fold(self, |shape, name| shape.get(name))
    }

    /// Adds a name at a path below this shape, if it is not there yet: a quirk shows more than the contract.
    pub fn show(&mut self, path: &[CompactString], shown: &str, shape: Shape) {
        match (self, path) {
            (Self::Object(parts), [first, rest @ ..]) => {
                if let Some((_, part)) = parts.iter_mut().find(|(known, _)| known == first) {
                    part.show(rest, shown, shape);
                }
            }
            (Self::List(element), _) => element.show(path, shown, shape),
            (Self::Object(parts), []) if parts.iter().all(|(known, _)| known != shown) => {
                parts.push((shown.into(), shape));
            }
            _ => {}
        }
    }

    /// Whether a time stamp with the business's offset is somewhere below.
    pub fn needs_zone(&self) -> bool {
        match self {
            Self::Time { offset, .. } => *offset,
            Self::List(element) => element.needs_zone(),
            Self::Object(parts) => parts.iter().any(|(_, shape)| shape.needs_zone()),
            _ => false,
        }
    }
}
