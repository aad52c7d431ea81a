use serde_json::{Map, Value};

use super::fill::{ABOUT_ERROR, FIELDS, Filler, is_nested};
use crate::openapi::generate::offers_value;
use crate::openapi::{Schema, snake};
use crate::request::ErrorKind;

impl Filler<'_> {
    /// Reduces a generated body to what is required, documented with a value, or filled in: the code of a declined card
    /// says nothing true about a missing record. Returns whether anything in it is filled in.
    pub(super) fn reduce(&self, body: &mut Value, schema: &Schema) -> bool {
        match body {
            Value::Array(list) => {
                list.iter_mut().map(|element| self.reduce(element, schema)).filter(|is_filled| *is_filled).count() > 0
            }
            Value::Object(map) if !has_example(schema) => self.reduce_object(map, schema),
            _ => true,
        }
    }

    fn reduce_object(&self, map: &mut Map<String, Value>, schema: &Schema) -> bool {
        let mut is_any_filled = false;
        map.retain(|name, value| {
            let Some(part) = schema.property(name) else { return true };
            let is_about_error = is_nested(value) && ABOUT_ERROR.contains(&snake(name).as_str());
            let is_filled = match is_about_error {
                true => self.reduce(value, &part),
                false => self.is_filled_in(name, value),
            };
            is_any_filled |= is_filled;
            if !is_filled && let Some(fitting) = self.fitting_value(&part) {
                *value = fitting.clone();
            }
            is_filled || schema.requires(name) || offers_value(&part)
        });
        is_any_filled
    }

    /// Whether a field has what is known about the error.
    fn is_filled_in(&self, name: &str, value: &Value) -> bool {
        match value {
            Value::String(text) => {
                let is_field = Some(text.as_str()) == self.field && FIELDS.contains(&snake(name).as_str());
                is_field || *text == self.message || *text == self.status.to_string()
            }
            Value::Number(number) => number.as_u64() == Some(self.status.into()),
            Value::Array(list) => list.first().is_some_and(|first| first == self.message),
            Value::Bool(_) => matches!(snake(name).as_str(), "success" | "ok" | "error"),
            _ => false,
        }
    }

    /// The value of an enum that fits the kind of error best: `not_found` for an unknown record.
    fn fitting_value<'s>(&self, schema: &'s Schema) -> Option<&'s Value> {
        if has_example(schema) {
            return None;
        }
        let values = schema.follow(schema.raw()).get("enum")?.as_array()?;
        let fits = |word: &str, value: &&Value| value.as_str().is_some_and(|text| snake(text).contains(word));
        words(self.kind).iter().find_map(|word| values.iter().find(|value| fits(word, value)))
    }
}

/// Words in the codes that APIs give to a kind of error, the best one first.
fn words(kind: ErrorKind) -> &'static [&'static str] {
    match kind {
        ErrorKind::Unauthenticated => &["unauthenticated", "unauthorized", "authentication", "invalid_token", "auth"],
        ErrorKind::Unauthorized | ErrorKind::ForeignOwner => &["forbidden", "permission", "unauthorized", "denied"],
        ErrorKind::NotFound | ErrorKind::Absent | ErrorKind::NoRoute => {
            &["not_found", "notfound", "missing", "unknown", "invalid_request", "bad_request", "invalid"]
        }
        ErrorKind::Missing => &["required", "missing", "validation", "invalid_request", "bad_request", "invalid"],
        ErrorKind::Invalid => &["validation", "invalid_request", "bad_request", "invalid"],
        ErrorKind::Conflict => &["conflict", "exists", "duplicate", "invalid_request", "bad_request", "invalid"],
        ErrorKind::Malformed => &["malformed", "parse", "bad_request", "invalid_request", "invalid"],
        ErrorKind::MethodNotAllowed => &["method", "not_supported", "bad_request", "invalid_request", "invalid"],
        ErrorKind::Full => &["limit", "quota", "internal", "server"],
        ErrorKind::Expression => &["internal", "server"],
        ErrorKind::Fault | ErrorKind::Unavailable => &["unavailable", "internal", "server", "limit"],
    }
}

/// Whether the schema has an example of the whole value.
fn has_example(schema: &Schema) -> bool {
    let raw = schema.follow(schema.raw());
    ["example", "examples", "default", "const"].iter().any(|keyword| raw.get(keyword).is_some())
}
