//! Values of expressions.

use std::cmp::Ordering;
use std::sync::Arc;

use compact_str::{CompactString, ToCompactString};
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;

use super::EvalError;
use crate::model::{FieldValue, Fields, Record, time_text};

/// A value while an expression is evaluated.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`, a boolean, a number, text, or a list or object of such values.
    Field(FieldValue),
    /// A record of the store.
    Record(Arc<Record>),
    /// A list with values of any sort.
    List(Arc<[Value]>),
    /// An object with values of any sort.
    Object(Arc<[(CompactString, Value)]>),
    /// A day.
    Date(Date),
    /// A point in time.
    Time(Timestamp),
    /// A span of time. It is large, and rare.
    Span(Box<Span>),
}

/// The elements of a list, copied one by one.
#[derive(Debug)]
pub enum Elements<'v> {
    /// Of a list in a field.
    Fields(std::slice::Iter<'v, FieldValue>),
    /// Of another list.
    Values(std::slice::Iter<'v, Value>),
}

impl Iterator for Elements<'_> {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        match self {
            Self::Fields(fields) => fields.next().cloned().map(Value::Field),
            Self::Values(values) => values.next().cloned(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Fields(fields) => fields.size_hint(),
            Self::Values(values) => values.size_hint(),
        }
    }
}

impl DoubleEndedIterator for Elements<'_> {
    fn next_back(&mut self) -> Option<Value> {
        match self {
            Self::Fields(fields) => fields.next_back().cloned().map(Value::Field),
            Self::Values(values) => values.next_back().cloned(),
        }
    }
}

impl ExactSizeIterator for Elements<'_> {}

/// A number as a decimal, also if it is text. Of a number with too many digits, the nearest decimal: requests can send any
/// number.
pub(super) fn to_decimal(value: &FieldValue) -> Option<Decimal> {
    let FieldValue::Number(digits) = value else { return value.as_decimal() };
    let farthest = if digits.starts_with('-') { Decimal::MIN } else { Decimal::MAX };
    Some(digits.parse().ok().and_then(Decimal::from_f64).unwrap_or(farthest))
}

impl Value {
    /// `null`.
    pub const NULL: Self = Self::Field(FieldValue::Null);

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Field(FieldValue::Null))
    }

    /// What it is, for messages: `a number`.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Field(FieldValue::Null) => "null",
            Self::Field(FieldValue::Bool(_)) => "a boolean",
            Self::Field(FieldValue::Integer(_) | FieldValue::Decimal(_) | FieldValue::Number(_)) => "a number",
            Self::Field(FieldValue::Text(_)) => "text",
            Self::Field(FieldValue::List(_)) | Self::List(_) => "a list",
            Self::Field(FieldValue::Object(_)) | Self::Object(_) => "an object",
            Self::Record(_) => "a record",
            Self::Date(_) => "a date",
            Self::Time(_) => "a time",
            Self::Span(_) => "a span of time",
        }
    }

    /// The text, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Field(value) => value.as_text(),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Field(FieldValue::Bool(truth)) => Some(*truth),
            _ => None,
        }
    }

    /// The integer, if it is one.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Field(FieldValue::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// The number as a decimal, if it is a number.
    pub(super) fn as_number(&self) -> Option<Decimal> {
        match self {
            Self::Field(FieldValue::Text(_)) => None,
            Self::Field(value) => to_decimal(value),
            _ => None,
        }
    }

    /// The id of a record as a request would write it: text, or an integer.
    pub fn as_id(&self) -> Option<CompactString> {
        match self {
            Self::Field(FieldValue::Text(text)) if !text.is_empty() => Some(text.clone()),
            Self::Field(FieldValue::Integer(number)) => Some(number.to_compact_string()),
            Self::Record(record) => Some(record.id.clone()),
            _ => None,
        }
    }

    /// The elements of a list; `null` has none. `None` if it is something else.
    pub fn elements(&self) -> Option<Elements<'_>> {
        match self {
            Self::Field(FieldValue::Null) => Some(Elements::Values([].iter())),
            Self::Field(FieldValue::List(list)) => Some(Elements::Fields(list.iter())),
            Self::List(list) => Some(Elements::Values(list.iter())),
            _ => None,
        }
    }

    /// A member of an object, or a field of a record; `null` if it has none of that name. `None` if it is something else.
    pub fn member(&self, name: &str) -> Option<Self> {
        match self {
            Self::Field(FieldValue::Null) => Some(Self::NULL),
            Self::Field(FieldValue::Object(fields)) => Some(Self::Field(fields.get(name).cloned().unwrap_or_default())),
            Self::Object(members) => {
                let found = members.iter().find(|(known, _)| known == name);
                Some(found.map_or(Self::NULL, |(_, value)| value.clone()))
            }
            Self::Record(record) => match record.fields.get(name) {
                None if matches!(name, "id" | "uid") => Some(Self::from(&record.id)),
                value => Some(Self::Field(value.cloned().unwrap_or_default())),
            },
            _ => None,
        }
    }

    /// The value as a field stores it: dates and times as text, a record as an object with its id.
    ///
    /// # Errors
    /// If it is or has a span of time, which no field holds.
    pub fn into_field(self) -> Result<FieldValue, EvalError> {
        Ok(match self {
            Self::Field(value) => value,
            Self::Record(record) => {
                let id = std::iter::once(("id".into(), FieldValue::from(&record.id)));
                let fields = record.fields.iter().filter(|(name, _)| *name != "id");
                id.chain(fields.map(|(name, value)| (name.into(), value.clone()))).collect::<Fields>().into()
            }
            Self::List(list) => {
                let list = list.iter().cloned().map(Self::into_field);
                list.collect::<Result<Vec<_>, _>>()?.into()
            }
            Self::Object(members) => {
                let members = members.iter().map(|(name, value)| Ok((name.clone(), value.clone().into_field()?)));
                members.collect::<Result<Fields, EvalError>>()?.into()
            }
            Self::Date(date) => date.into(),
            Self::Time(time) => time_text(time).into(),
            Self::Span(_) => {
                return Err(EvalError::new("a field cannot hold a span of time; add it to a date or a time"));
            }
        })
    }
}

/// Whether two values are equal. Values of different sorts are not, apart from integers and decimals.
pub(super) fn equals(a: &Value, b: &Value) -> bool {
    // Numbers that no decimal holds differ in their digits.
    if let (Value::Field(FieldValue::Number(a)), Value::Field(FieldValue::Number(b))) = (a, b) {
        return a == b;
    }
    if let (Some(a), Some(b)) = (a.as_number(), b.as_number()) {
        return a == b;
    }
    match (a, b) {
        (Value::Field(FieldValue::List(_)) | Value::List(_), Value::Field(FieldValue::List(_)) | Value::List(_)) => {
            let (Some(a), Some(b)) = (a.elements(), b.elements()) else { return false };
            a.len() == b.len() && a.zip(b).all(|(a, b)| equals(&a, &b))
        }
        (Value::Field(a), Value::Field(b)) => a == b,
        (Value::Record(a), Value::Record(b)) => a.kind == b.kind && a.id == b.id,
        (Value::Object(_) | Value::Field(_), Value::Object(_) | Value::Field(_)) => {
            matches!((a.clone().into_field(), b.clone().into_field()), (Ok(a), Ok(b)) if a == b)
        }
        (Value::Date(a), Value::Date(b)) => a == b,
        (Value::Time(a), Value::Time(b)) => a == b,
        (Value::Span(a), Value::Span(b)) => a.fieldwise() == b.fieldwise(),
        _ => false,
    }
}

/// The order of two numbers, texts, booleans, dates or times.
///
/// # Errors
/// If they cannot be compared.
pub(super) fn compare(a: &Value, b: &Value) -> Result<Ordering, EvalError> {
    if let (Some(a), Some(b)) = (a.as_number(), b.as_number()) {
        return Ok(a.cmp(&b));
    }
    match (a, b) {
        (Value::Field(FieldValue::Text(a)), Value::Field(FieldValue::Text(b))) => Ok(a.cmp(b)),
        (Value::Field(FieldValue::Bool(a)), Value::Field(FieldValue::Bool(b))) => Ok(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Ok(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Ok(a.cmp(b)),
        _ => Err(EvalError::new(format!("cannot compare {} with {}", a.describe(), b.describe()))),
    }
}

/// Checks that values have an order: sorting needs one.
///
/// # Errors
/// If two of them cannot be compared.
pub(super) fn check_comparable<'v>(values: impl IntoIterator<Item = &'v Value>) -> Result<(), EvalError> {
    let mut values = values.into_iter();
    let Some(first) = values.next() else { return Ok(()) };
    values.try_for_each(|value| compare(first, value).map(drop))
}

impl From<FieldValue> for Value {
    fn from(value: FieldValue) -> Self {
        Self::Field(value)
    }
}

impl From<&CompactString> for Value {
    fn from(text: &CompactString) -> Self {
        Self::Field(text.into())
    }
}

impl From<Span> for Value {
    fn from(span: Span) -> Self {
        Self::Span(Box::new(span))
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Field(truth.into())
    }
}

impl From<Decimal> for Value {
    fn from(number: Decimal) -> Self {
        Self::Field(number.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Field(number.into())
    }
}

impl From<Vec<Value>> for Value {
    fn from(list: Vec<Value>) -> Self {
        Self::List(list.into())
    }
}

impl From<Option<Arc<Record>>> for Value {
    fn from(record: Option<Arc<Record>>) -> Self {
        record.map_or(Self::NULL, Self::Record)
    }
}
