//! Documented response headers.

use http::header::{
    CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderName, HeaderValue};
use serde_json::Value;

use super::read::{content, examples};
use super::response::is_json;
use crate::model::exact_number::{digits_of, write_digits};
use crate::openapi::generate::{generate, offers_value};
use crate::openapi::random::stream;
use crate::openapi::schema::SchemaPool;
use crate::openapi::{Document, Schema};

/// Headers that follow from the body and the connection. OpenAPI says that a documented `Content-Type` is ignored.
const NOT_DOCUMENTED: [HeaderName; 8] =
    [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING, CONNECTION, TE, TRAILER, UPGRADE];

/// A documented header of a response.
#[derive(Debug)]
pub struct HeaderSpec {
    /// Its name.
    pub name: HeaderName,
    /// Whether the contract requires it.
    pub required: bool,
    /// The documented example.
    pub example: Option<Value>,
    /// The documented schema of its value.
    pub schema: Option<Schema>,
    form: Form,
    /// Name of the random source, so that a generated value is the same every time.
    stream: String,
}

/// How a value is written.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// The style `simple`.
    Simple { explode: bool, delimiter: &'static str },
    /// A media type: JSON, or text.
    Content { is_json: bool },
}

impl HeaderSpec {
    /// Reads a header of the response that `response` names. `None` if the name is none of a header, the header does not
    /// depend on the contract, or its reference leads nowhere.
    pub(super) fn read(
        (document, pool): (&Document, &SchemaPool),
        (name, raw): (&str, &Value),
        response: &str,
    ) -> Option<Self> {
        let name = HeaderName::from_bytes(name.as_bytes()).ok().filter(|name| !NOT_DOCUMENTED.contains(name))?;
        let raw = document.resolve(raw);
        raw.is_object().then_some(())?;
        let content = content(raw);
        let (form, example, schema) = match content.first() {
            Some((kind, media)) => {
                let example = examples(document, media).into_iter().next().map(|(_, example)| example);
                (Form::Content { is_json: is_json(kind) }, example, media.get("schema"))
            }
            None => (simple_form(raw), example(document, raw), raw.get("schema")),
        };
        Some(Self {
            required: raw.get("required") == Some(&Value::Bool(true)),
            example,
            schema: schema.map(|schema| pool.schema(schema)),
            form,
            stream: format!("{response} {name}"),
            name,
        })
    }

    /// The values to send: of the example, else of the schema if that has an example, a default, or values to choose
    /// from. Other values are generated if the header is required. `Set-Cookie` can have several values.
    pub(super) fn values(&self) -> Vec<HeaderValue> {
        let Some(value) = self.sample().filter(|value| !value.is_null()) else { return Vec::new() };
        let texts = match (&value, self.name == SET_COOKIE) {
            (Value::Array(list), true) => list.iter().map(scalar).collect(),
            (Value::String(text), true) => text.lines().map(str::to_owned).collect(),
            _ => vec![self.form.write(&value)],
        };
        let texts = texts.iter().map(|text| text.trim().replace(['\r', '\n'], " "));
        texts.filter_map(|text| HeaderValue::from_bytes(text.as_bytes()).ok()).collect()
    }

    /// The value to send, before it is written.
    pub fn sample(&self) -> Option<Value> {
        if let Some(example) = &self.example {
            return Some(example.clone());
        }
        let schema = self.schema.as_ref()?;
        // A generated word in a header for browsers makes them reject the response.
        let can_generate = self.required && !self.name.as_str().starts_with("access-control-");
        (can_generate || offers_value(schema)).then(|| generate(schema, &mut stream(0, &self.stream)))
    }
}

/// The first documented example. Text is kept as it is.
fn example(document: &Document, raw: &Value) -> Option<Value> {
    let named = || {
        let first = document.resolve(raw.get("examples")?.as_object()?.values().next()?);
        ["value", "dataValue", "serializedValue"].iter().find_map(|key| first.get(*key).cloned())
    };
    raw.get("example").cloned().or_else(named)
}

fn simple_form(raw: &Value) -> Form {
    let delimiter = match raw.get("style").and_then(Value::as_str) {
        Some("spaceDelimited") => " ",
        Some("pipeDelimited") => "|",
        Some("tabDelimited") => "\t",
        _ => ",",
    };
    Form::Simple { explode: raw.get("explode") == Some(&Value::Bool(true)), delimiter }
}

impl Form {
    fn write(self, value: &Value) -> String {
        match (self, value) {
            (Self::Content { is_json: true }, value) => json(value),
            (Self::Simple { delimiter, .. }, Value::Array(list)) => {
                list.iter().map(scalar).collect::<Vec<_>>().join(delimiter)
            }
            (Self::Simple { explode, delimiter }, Value::Object(map)) => {
                let between = if explode { "=" } else { delimiter };
                let members = map.iter().map(|(name, value)| format!("{name}{between}{}", scalar(value)));
                members.collect::<Vec<_>>().join(delimiter)
            }
            (_, value) => scalar(value),
        }
    }
}

/// A value as text; lists and objects as JSON.
fn scalar(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => digits_of(text).unwrap_or(text).to_owned(),
        value => json(value),
    }
}

fn json(value: &Value) -> String {
    let text = value.to_string();
    String::from_utf8_lossy(&write_digits(text.as_bytes())).into_owned()
}
