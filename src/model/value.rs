//! Values of fields.

use std::sync::Arc;

use compact_str::{CompactString, ToCompactString as _};
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::ser::{Serialize, SerializeSeq, Serializer};
use serde_json::Value;

use super::Fields;
use super::exact_number::{self, digits_of, mark, significant_digits};

/// A JSON value in a record.
///
/// It is smaller than `serde_json::Value` (24 bytes; UIDs and timestamps are stored inline, objects are lists, and records
/// share equal values), and exact for money: a number with a decimal point is a decimal.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum FieldValue {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer
    Integer(i64),
    /// A number that is money, a rate or any other fraction
    Decimal(Decimal),
    /// A number with more digits than a decimal holds, as JSON
    Number(Arc<str>),
    /// Text, also dates and timestamps
    Text(CompactString),
    /// A list
    List(Arc<[FieldValue]>),
    /// An object
    Object(Arc<Fields>),
}

// Two variants with a `CompactString` would need 32 bytes.
const _: () = assert!(size_of::<FieldValue>() == 24, "every record holds many values");

impl FieldValue {
    /// A number with these digits: a decimal if it holds them all.
    fn from_digits(digits: &str) -> Self {
        let decimal = digits.parse::<Decimal>().or_else(|_| Decimal::from_scientific(digits)).ok();
        // The parser rounds digits beyond its 28.
        let count = digits.bytes().filter(u8::is_ascii_digit).count();
        match decimal
            .filter(|decimal| count <= 28 || significant_digits(&decimal.to_string()) == significant_digits(digits))
        {
            Some(decimal) => Self::Decimal(decimal),
            None => Self::Number(digits.into()),
        }
    }

    /// The text, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number as a decimal, also if it is text.
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Integer(number) => Some((*number).into()),
            Self::Decimal(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The number as an integer, also if it is text.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => self.as_decimal().filter(Decimal::is_integer).and_then(|number| number.to_i64()),
        }
    }

    /// Whether it is `true` or the text `true`.
    pub fn is_true(&self) -> bool {
        matches!(self, Self::Bool(true)) || self.as_text() == Some("true")
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The elements of a list; empty for other values.
    pub fn as_list(&self) -> &[FieldValue] {
        match self {
            Self::List(list) => list,
            _ => &[],
        }
    }

    /// The fields, if it is an object.
    pub fn as_object(&self) -> Option<&Fields> {
        match self {
            Self::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// A field of an object; `null` if it is not an object or has no such field.
    pub fn get(&self, name: &str) -> &FieldValue {
        self.as_object().and_then(|fields| fields.get(name)).unwrap_or(&FieldValue::Null)
    }
}

/// Money as the API formats it in text: with at least one decimal place (`100.0`, `223.5`, `9.99`).
pub fn decimal_text(number: Decimal) -> CompactString {
    if let Some(text) = short_decimal_text(number) {
        return text;
    }
    let mut number = number.normalize();
    if number.scale() == 0 {
        number.rescale(1);
    }
    number.to_compact_string()
}

/// Text of a decimal that is not negative, with one or two places: nearly all money, and faster than any formatter.
fn short_decimal_text(number: Decimal) -> Option<CompactString> {
    let mantissa = u64::try_from(number.mantissa()).ok().filter(|mantissa| *mantissa < 1 << 53)?;
    let cents = match number.scale() {
        0 => mantissa * 100,
        1 => mantissa * 10,
        2 => mantissa,
        _ => return None,
    };
    let mut text = (cents / 100).to_compact_string();
    text.push('.');
    let [tens, ones] = [cents / 10 % 10, cents % 10].map(|digit| char::from(b'0' + digit as u8));
    text.push(tens);
    if ones != '0' {
        text.push(ones);
    }
    Some(text)
}

impl Serialize for FieldValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Decimal(number) => match number.is_integer().then(|| number.to_i64()).flatten() {
                Some(whole) => serializer.serialize_i64(whole),
                None => serialize_fraction(*number, serializer),
            },
            Self::Number(digits) => serializer.serialize_str(&mark(digits)),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(list) => {
                let mut seq = serializer.serialize_seq(Some(list.len()))?;
                for element in list.iter() {
                    seq.serialize_element(element)?;
                }
                seq.end()
            }
            Self::Object(fields) => fields.serialize(serializer),
        }
    }
}

/// A decimal as a float, if the float has the same digits, otherwise as marked text.
fn serialize_fraction<S: Serializer>(number: Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    // A float has 15 significant digits of every decimal.
    if number.mantissa().unsigned_abs() < 1_000_000_000_000_000 {
        return serializer.serialize_f64(number.to_f64().unwrap_or_default());
    }
    match exact_number::number(&number.normalize().to_string()) {
        Some(Value::String(marked)) => serializer.serialize_str(&marked),
        _ => serializer.serialize_f64(number.to_f64().unwrap_or_default()),
    }
}

impl From<&Value> for FieldValue {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Number(number) => match number.as_i64() {
                Some(whole) => Self::Integer(whole),
                None => Self::from_digits(&number.to_string()),
            },
            Value::String(text) => match digits_of(text) {
                Some(digits) => Self::from_digits(digits),
                None => Self::Text(text.into()),
            },
            Value::Array(list) => Self::List(list.iter().map(Self::from).collect()),
            Value::Object(map) => {
                map.iter().map(|(name, value)| (name.into(), value.into())).collect::<Fields>().into()
            }
        }
    }
}

impl From<&str> for FieldValue {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for FieldValue {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<CompactString> for FieldValue {
    fn from(text: CompactString) -> Self {
        Self::Text(text)
    }
}

impl From<&CompactString> for FieldValue {
    fn from(text: &CompactString) -> Self {
        Self::Text(text.clone())
    }
}

impl From<bool> for FieldValue {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<Date> for FieldValue {
    fn from(day: Date) -> Self {
        Self::Text(compact_str::format_compact!("{day}"))
    }
}

impl From<i64> for FieldValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<Decimal> for FieldValue {
    fn from(number: Decimal) -> Self {
        Self::Decimal(number)
    }
}

impl From<Vec<FieldValue>> for FieldValue {
    fn from(list: Vec<FieldValue>) -> Self {
        Self::List(list.into())
    }
}

impl From<Fields> for FieldValue {
    fn from(fields: Fields) -> Self {
        Self::Object(Arc::new(fields))
    }
}

impl<T: Into<FieldValue>> From<Option<T>> for FieldValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
