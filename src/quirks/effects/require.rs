use serde_json::Value;

use crate::diagnostics::{Diagnostic, YamlNode};
use crate::quirks::json_path::parse_field;
use crate::quirks::{Amendment, Effect, Stage, Target};
use crate::request::ApiError;

/// The effect `require: {field, message}`: a request whose body lacks the field, or has it blank, is rejected with that
/// message. With the quirk off, the contract is enforced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Require {
    /// Path to the field from the top of the body.
    field: Vec<String>,
    /// The message of the API.
    message: String,
}

impl Effect for Require {
    fn name() -> &'static str {
        "require"
    }

    fn parse(node: &YamlNode) -> Result<Self, Diagnostic> {
        let mut entries = node.entries("`require`")?;
        let field = parse_field(entries.require("field")?)?;
        let message = entries.require("message")?.text()?.to_owned();
        entries.finish()?;
        Ok(Self { field, message })
    }

    fn stage(&self) -> Stage {
        Stage::Validate
    }

    fn apply(&self, target: Target<'_>) -> bool {
        let Target::SentBody(body, stop) = target else { return false };
        let is_missing = self.is_missing(body);
        if is_missing {
            let name = self.field.last().map_or("", String::as_str);
            *stop = Some(ApiError::invalid(name, &self.message).into());
        }
        is_missing
    }

    fn rejects_values(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        format!("requires {}, with the message: {}", self.field.join("/"), self.message)
    }

    fn amendment(&self) -> Option<Amendment<'_>> {
        Some(Amendment::RequireField(&self.field))
    }
}

impl Require {
    /// Whether the body lacks the field or has it blank.
    fn is_missing(&self, body: &Value) -> bool {
        let value = self.field.iter().try_fold(body, |value, name| value.get(name));
        value.is_none_or(|value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()))
    }
}
