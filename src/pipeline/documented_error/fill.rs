use serde_json::{Map, Value};

use super::reason;
use crate::openapi::snake;
use crate::request::ErrorKind;

/// Names of the field with the message, the best one first.
const MESSAGES: [&str; 13] = [
    "message",
    "detail",
    "error_description",
    "error_message",
    "msg",
    "error_msg",
    "user_message",
    "description",
    "error",
    "title",
    "reason",
    "details",
    "text",
];

/// As many of them mean a message in any object.
const CERTAIN: usize = 7;

/// Names of lists of messages.
const LISTS: [&str; 6] = ["errors", "messages", "error_messages", "message", "detail", "details"];

/// Names of objects and lists that are about the error.
pub(super) const ABOUT_ERROR: [&str; 9] =
    ["error", "errors", "fault", "detail", "details", "exception", "problem", "err", "source"];

const STATUSES: [&str; 6] = ["status", "code", "status_code", "http_status", "http_status_code", "http_code"];

pub(super) const FIELDS: [&str; 5] = ["field", "param", "parameter", "property", "attribute"];

/// Maximum depth of the objects that are filled.
const MAX_DEPTH: usize = 6;

/// Puts what is known about an error into a documented body.
pub(super) struct Filler<'e> {
    pub(super) message: &'e str,
    pub(super) field: Option<&'e str>,
    pub(super) status: u16,
    pub(super) kind: ErrorKind,
}

impl Filler<'_> {
    /// Fills in message, field and status. Returns whether the body has a place for the message.
    pub(super) fn fill(&self, body: &mut Value) -> bool {
        self.fill_status(body);
        match body {
            // Markup has no known place for it.
            Value::String(text) if text.trim_start().starts_with('<') => false,
            Value::String(text) => {
                *text = self.message.to_owned();
                true
            }
            body => self.fill_message(body, true, MAX_DEPTH),
        }
    }

    /// Fills in the status only.
    pub(super) fn fill_status(&self, body: &mut Value) {
        self.fill_status_of(body, false, MAX_DEPTH);
    }

    fn fill_message(&self, value: &mut Value, is_error: bool, depth: usize) -> bool {
        match value {
            Value::Array(list) => {
                list.truncate(1);
                list.first_mut().is_some_and(|first| depth > 0 && self.fill_message(first, is_error, depth - 1))
            }
            Value::Object(map) => {
                let mut has_place = self.set_message(map, is_error);
                for (name, value) in map.iter_mut().filter(|(_, value)| is_nested(value)) {
                    let is_error = ABOUT_ERROR.contains(&snake(name).as_str());
                    // A list of anything else is not shortened.
                    if depth > 0 && (is_error || value.is_object()) {
                        has_place |= self.fill_message(value, is_error, depth - 1);
                    }
                }
                has_place
            }
            _ => false,
        }
    }

    /// Sets the field with the message, and the one with the name of the invalid field.
    fn set_message(&self, map: &mut Map<String, Value>, is_error: bool) -> bool {
        if let Some(field) = self.field {
            for (name, value) in map.iter_mut().filter(|(_, value)| value.is_string()) {
                if is_error && FIELDS.contains(&snake(name).as_str()) {
                    *value = field.into();
                }
            }
        }
        let known = if is_error { &MESSAGES[..] } else { &MESSAGES[..CERTAIN] };
        let rank = |name: &str| known.iter().position(|known| *known == snake(name));
        let texts = map.iter_mut().filter(|(_, value)| value.is_string() || value.is_null());
        let best = texts.filter_map(|(name, value)| Some((rank(name)?, value))).min_by_key(|(rank, _)| *rank);
        if let Some((_, place)) = best {
            *place = self.message.into();
            return true;
        }
        let is_list = |name: &str, value: &Value| is_error && LISTS.contains(&snake(name).as_str()) && has_text(value);
        match map.iter_mut().find(|(name, value)| is_list(name, value)) {
            Some((_, list)) => {
                *list = Value::Array(vec![self.message.into()]);
                true
            }
            None => false,
        }
    }

    fn fill_status_of(&self, value: &mut Value, is_listed: bool, depth: usize) {
        match value {
            Value::Array(list) if depth > 0 => {
                list.iter_mut().for_each(|element| self.fill_status_of(element, is_listed, depth - 1));
            }
            Value::Object(map) => {
                self.set_status(map, is_listed);
                for (name, value) in map.iter_mut().filter(|(_, value)| is_nested(value)) {
                    let name = snake(name);
                    if depth > 0 && ABOUT_ERROR.contains(&name.as_str()) {
                        self.fill_status_of(value, name == "errors", depth - 1);
                    }
                }
            }
            _ => {}
        }
    }

    /// Sets the status, its reason phrase if the body has that of another status, and flags of success.
    fn set_status(&self, map: &mut Map<String, Value>, is_listed: bool) {
        let mut documented = None;
        for (name, value) in map.iter_mut() {
            let name = snake(name);
            let is_status = STATUSES.contains(&name.as_str());
            match value {
                Value::Number(number) if is_status && !number.is_f64() => {
                    documented = number.as_u64();
                    *value = self.status.into();
                }
                // JSON:API writes the status of each error as text.
                Value::String(text) if is_status && (is_error_status(text) || (is_listed && name == "status")) => {
                    documented = text.parse().ok();
                    *text = self.status.to_string();
                }
                Value::Bool(truth) if matches!(name.as_str(), "success" | "ok") => *truth = false,
                Value::Bool(truth) if name == "error" => *truth = true,
                _ => {}
            }
        }
        let other = documented.and_then(|status| u16::try_from(status).ok()).filter(|status| *status != self.status);
        for (name, value) in map.iter_mut() {
            let is_phrase = other.is_some_and(|other| value == reason(other));
            if is_phrase && matches!(snake(name).as_str(), "title" | "error") {
                *value = reason(self.status).into();
            }
        }
    }
}

pub(super) fn is_nested(value: &Value) -> bool {
    value.is_object() || value.get(0).is_some_and(Value::is_object)
}

fn has_text(value: &Value) -> bool {
    value.get(0).is_some_and(Value::is_string)
}

fn is_error_status(text: &str) -> bool {
    text.len() == 3 && text.starts_with(['4', '5']) && text.bytes().all(|digit| digit.is_ascii_digit())
}
