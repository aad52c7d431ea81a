use std::sync::Arc;

use compact_str::CompactString;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;

use super::field_names::{FieldNames, Hint};

/// A JSON value as a world keeps it.
///
/// Smaller than `serde_json::Value` (24 bytes; UIDs and time stamps lie inside them, objects are plain lists, and
/// what several records hold is held once), and exact for money: a number with a decimal point is a decimal.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum FieldValue {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number
    Integer(i64),
    /// A number that is money, a rate or any other fraction
    Decimal(Decimal),
    /// Text, also dates and time stamps
    Text(CompactString),
    /// A list
    List(Arc<[FieldValue]>),
    /// An object
    Object(Arc<Fields>),
}

/// The fields of an object in the order in which they were set.
///
/// The records of one kind share their names: a record holds its values only, up to the last that is not what the name
/// holds when nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    names: Names,
    values: Vec<FieldValue>,
}

#[derive(Clone, Debug)]
enum Names {
    Own(Vec<CompactString>),
    Shared(Arc<FieldNames>),
}

impl Default for Names {
    fn default() -> Self {
        Self::Own(Vec::new())
    }
}

impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl FieldValue {
    /// The text, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number as a decimal, also when it came as text.
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Integer(number) => Some((*number).into()),
            Self::Decimal(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The whole number, also when it came as text.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => self.as_decimal().filter(Decimal::is_integer).and_then(|number| number.to_i64()),
        }
    }

    /// Whether it is `true`, also as text.
    pub fn is_true(&self) -> bool {
        matches!(self, Self::Bool(true)) || self.as_text() == Some("true")
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The elements, if it is a list.
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

    /// The field of that name, if it is an object that has it; else `null`.
    pub fn get(&self, name: &str) -> &FieldValue {
        self.as_object().and_then(|fields| fields.get(name)).unwrap_or(&FieldValue::Null)
    }
}

impl Fields {
    /// No fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// No fields yet, with room for so many.
    pub fn with_capacity(count: usize) -> Self {
        Self { names: Names::Own(Vec::with_capacity(count)), values: Vec::with_capacity(count) }
    }

    /// Fields with names that others have too, and values for the first of them; the others have their defaults.
    pub fn shared(names: &Arc<FieldNames>, values: Vec<FieldValue>) -> Self {
        debug_assert!(values.len() <= names.len());
        Self { names: Names::Shared(Arc::clone(names)), values }
    }

    /// The field of that name.
    pub fn get(&self, name: &str) -> Option<&FieldValue> {
        self.at(self.index(name)?)
    }

    /// Sets a field: a new one comes last.
    pub fn set(&mut self, name: &str, value: impl Into<FieldValue>) {
        let value = value.into();
        match self.index(name) {
            Some(index) => {
                self.fill(index + 1);
                self.values[index] = value;
            }
            None => self.push(name, value),
        }
    }

    /// The field at a place.
    fn at(&self, index: usize) -> Option<&FieldValue> {
        self.values.get(index).or_else(|| self.defaults().get(index - self.values.len()))
    }

    /// What the fields behind the last value hold.
    fn defaults(&self) -> &[FieldValue] {
        match &self.names {
            Names::Own(_) => &[],
            Names::Shared(names) => names.defaults(self.values.len()),
        }
    }

    /// Writes out values up to a place.
    fn fill(&mut self, end: usize) {
        let missing = end.saturating_sub(self.values.len());
        if missing > 0 {
            let defaults = self.defaults();
            let more = defaults[..missing.min(defaults.len())].to_vec();
            self.values.extend(more);
        }
    }

    /// The fields with one more, for building; the name is new.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<FieldValue>) -> Self {
        debug_assert!(self.get(name).is_none(), "{name} is set twice");
        self.push(name, value.into());
        self
    }

    /// The field of that name, looked for where it was the last time.
    pub fn get_hinted(&self, name: &str, hint: &Hint) -> Option<&FieldValue> {
        let names = match &self.names {
            Names::Shared(names) => match hint.among(names) {
                Some(index) => return index.and_then(|index| self.at(index)),
                None => Some(&**names),
            },
            Names::Own(names) => match hint.last().filter(|index| names.get(*index).is_some_and(|known| known == name))
            {
                Some(index) => return Some(&self.values[index]),
                None => None,
            },
        };
        let index = self.index(name);
        hint.remember(names, index);
        index.and_then(|index| self.at(index))
    }

    /// All fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FieldValue)> {
        let name = |index: usize| match &self.names {
            Names::Own(names) => names[index].as_str(),
            Names::Shared(names) => names.at(index),
        };
        self.values.iter().chain(self.defaults()).enumerate().map(move |(index, value)| (name(index), value))
    }

    fn index(&self, name: &str) -> Option<usize> {
        match &self.names {
            Names::Own(names) => names.iter().position(|known| known == name),
            Names::Shared(names) => names.index(name, 0),
        }
    }

    fn push(&mut self, name: &str, value: FieldValue) {
        self.fill(usize::MAX);
        match &mut self.names {
            Names::Own(names) => names.push(name.into()),
            Names::Shared(names) => {
                self.names = Names::Own(names.iter().map(CompactString::from).chain([name.into()]).collect());
            }
        }
        self.values.push(value);
    }
}

impl IntoIterator for Fields {
    type Item = (CompactString, FieldValue);
    type IntoIter = std::iter::Zip<std::vec::IntoIter<CompactString>, std::vec::IntoIter<FieldValue>>;

    fn into_iter(mut self) -> Self::IntoIter {
        self.fill(usize::MAX);
        let names = match self.names {
            Names::Own(names) => names,
            Names::Shared(names) => names.iter().map(CompactString::from).collect(),
        };
        names.into_iter().zip(self.values)
    }
}

impl FromIterator<(CompactString, FieldValue)> for Fields {
    fn from_iter<I: IntoIterator<Item = (CompactString, FieldValue)>>(fields: I) -> Self {
        let (names, values) = fields.into_iter().unzip();
        Self { names: Names::Own(names), values }
    }
}

/// Money as the API writes it in text: at least one decimal (`100.0`, `223.5`, `9.99`).
pub fn decimal_text(number: Decimal) -> CompactString {
    let mut number = number.normalize();
    if number.scale() == 0 {
        number.rescale(1);
    }
    compact_str::format_compact!("{number}")
}

impl Serialize for FieldValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Decimal(number) => match number.is_integer().then(|| number.to_i64()).flatten() {
                Some(whole) => serializer.serialize_i64(whole),
                None => serializer.serialize_f64(number.to_f64().unwrap_or_default()),
            },
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

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len() + self.defaults().len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl From<&Value> for FieldValue {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Number(number) => match number.as_i64() {
                Some(whole) => Self::Integer(whole),
                // A number beyond a decimal's 28 digits is kept as it was written.
                None => {
                    let written = compact_str::format_compact!("{number}");
                    let decimal = written.parse::<Decimal>().or_else(|_| Decimal::from_scientific(&written));
                    decimal.map_or_else(|_| Self::Text(written), Self::Decimal)
                }
            },
            Value::String(text) => Self::Text(text.into()),
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
