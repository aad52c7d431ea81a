//! Reads JSON objects strictly: all errors at once, each with its place.

use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value};

use super::locate::escape_pointer;
use super::nearest;

/// One error in a JSON document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// A JSON pointer into the document, or `/query/NAME` for a parameter of a request.
    pub pointer: String,
    /// What is wrong, and what to write instead.
    pub detail: String,
}

/// A JSON object with known fields. Errors are collected until [`JsonFields::finish`].
pub struct JsonFields {
    fields: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl JsonFields {
    /// Reads an object that has no other fields than the known ones. An empty text is an empty object.
    ///
    /// # Errors
    /// If the text is no JSON object.
    pub fn read(text: &[u8], known: &[&str]) -> Result<Self, Vec<FieldError>> {
        let error = |detail| vec![FieldError { pointer: String::new(), detail }];
        if text.is_empty() {
            return Ok(Self::of(Map::new(), known));
        }
        match serde_json::from_slice(text) {
            Ok(Value::Object(fields)) => Ok(Self::of(fields, known)),
            Ok(_) => Err(error(format!("write a JSON object with {}", known.join(", ")))),
            Err(cause) => Err(error(format!("the body is no JSON: {cause}"))),
        }
    }

    /// The same for an object that is already parsed.
    pub fn of(fields: Map<String, Value>, known: &[&str]) -> Self {
        let mut body = Self { fields, errors: Vec::new() };
        let unknown: Vec<String> = body.fields.keys().filter(|name| !known.contains(&name.as_str())).cloned().collect();
        for name in unknown {
            let advice = nearest(&name, known.iter().copied())
                .map_or_else(|| format!("there are {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
            body.reject(&name, format!("there is no field `{name}`; {advice}"));
        }
        body
    }

    /// Adds an error about a field.
    pub fn reject(&mut self, name: &str, detail: impl Into<String>) {
        let pointer = if name.is_empty() { String::new() } else { format!("/{}", escape_pointer(name)) };
        self.errors.push(FieldError { pointer, detail: detail.into() });
    }

    /// Rejects a field that is missing, unless there is an error about it already.
    pub fn require(&mut self, name: &str, advice: &str) {
        let pointer = format!("/{name}");
        if self.errors.iter().all(|error| error.pointer != pointer) {
            self.reject(name, format!("`{name}` is missing: {advice}"));
        }
    }

    /// The value of a field.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name)
    }

    /// A text.
    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => {
                self.reject(name, "write a text");
                None
            }
        }
    }

    /// A text that is parsed.
    pub fn parsed<T: FromStr>(&mut self, name: &str, advice: &str) -> Option<T> {
        let text = self.text(name)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.reject(name, format!("`{}` is not valid: {advice}", text.chars().take(60).collect::<String>()));
        }
        parsed
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(flag) => Some(flag),
            _ => {
                self.reject(name, "write true or false");
                None
            }
        }
    }

    /// A number within bounds.
    pub fn number(&mut self, name: &str, bounds: RangeInclusive<f64>) -> Option<f64> {
        let number = self.take(name)?.as_f64().filter(|number| bounds.contains(number));
        if number.is_none() {
            self.reject(name, format!("write a number from {} to {}", bounds.start(), bounds.end()));
        }
        number
    }

    /// A list of texts.
    pub fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        let value = self.take(name)?;
        let list = value
            .as_array()
            .and_then(|list| list.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<String>>>());
        if list.is_none() {
            self.reject(name, "write a list of texts");
        }
        list
    }

    /// Takes the errors of an object in a field.
    pub fn adopt(&mut self, name: &str, inner: Self) {
        let below = |error: FieldError| FieldError { pointer: format!("/{name}{}", error.pointer), ..error };
        self.errors.extend(inner.errors.into_iter().map(below));
    }

    /// An object in a field. Its errors count as errors of this object after [`JsonFields::adopt`].
    pub fn object(&mut self, name: &str, known: &[&str]) -> Option<Self> {
        match self.take(name)? {
            Value::Object(fields) => Some(Self::of(fields, known)),
            _ => {
                self.reject(name, format!("write an object with {}", known.join(", ")));
                None
            }
        }
    }

    /// An integer within bounds.
    pub fn integer(&mut self, name: &str, bounds: RangeInclusive<u64>) -> Option<u64> {
        let number = self.take(name)?.as_u64().filter(|number| bounds.contains(number));
        if number.is_none() {
            self.reject(name, format!("write an integer from {} to {}", bounds.start(), bounds.end()));
        }
        number
    }

    /// An integer within bounds that must be there; the lower bound after an error.
    pub fn required_integer(&mut self, name: &str, bounds: RangeInclusive<u64>, advice: &str) -> u64 {
        let least = *bounds.start();
        self.integer(name, bounds).unwrap_or_else(|| {
            self.require(name, advice);
            least
        })
    }

    /// The names of the fields that have not been taken.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }

    /// Whether there is any error so far.
    ///
    /// # Errors
    /// All errors.
    pub fn finish(self) -> Result<(), Vec<FieldError>> {
        match self.errors.is_empty() {
            true => Ok(()),
            false => Err(self.errors),
        }
    }
}
