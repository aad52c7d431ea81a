use std::sync::Arc;

use serde_json::Value;

use crate::diagnostics::{Diagnostic, YamlNode};
use crate::openapi::{Schema, schema_problem};
use crate::quirks::json_path::parse_field;
use crate::quirks::{Amendment, Effect, Stage, Target};
use crate::request::ApiError;

/// The effect `constrain: {field, schema, message}`: a value of the body that violates a JSON Schema is rejected with that
/// message, besides what the contract says about it. A missing field and `null` are left to the contract.
#[derive(Debug)]
pub(super) struct Constrain {
    /// Path to the value from the top of the body; `*` is every element of a list.
    field: Vec<String>,
    schema: Schema,
    /// The message of the API.
    message: String,
}

impl Effect for Constrain {
    fn name() -> &'static str {
        "constrain"
    }

    fn parse(node: &YamlNode) -> Result<Self, Diagnostic> {
        let mut entries = node.entries("`constrain`")?;
        let field = parse_field(entries.require("field")?)?;
        let schema = entries.require("schema")?;
        schema.entries("a JSON Schema")?;
        let raw = schema.to_json();
        if let Some((pointer, message)) = schema_problem(&raw) {
            return Err(Diagnostic::new(schema.span, format!("not a JSON Schema, at `{pointer}`: {message}")));
        }
        let message = entries.require("message")?.text()?.to_owned();
        entries.finish()?;
        Ok(Self { field, schema: Schema::new(raw, Arc::default()), message })
    }

    fn stage(&self) -> Stage {
        Stage::Validate
    }

    fn apply(&self, target: Target<'_>) -> bool {
        let Target::ValidBody(_, body, stop) = target else { return false };
        let is_rejected = self.is_violated(body, &self.field);
        if is_rejected {
            let name = self.field.iter().rfind(|step| *step != "*").map_or("", String::as_str);
            *stop = Some(ApiError::invalid(name, &self.message).into());
        }
        is_rejected
    }

    fn rejects_values(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        format!("rejects {} outside {}, with the message: {}", self.field.join("/"), self.schema.raw(), self.message)
    }

    fn amendment(&self) -> Option<Amendment<'_>> {
        Some(Amendment::Constrain(&self.field, self.schema.raw()))
    }
}

impl Constrain {
    fn is_violated(&self, value: &Value, field: &[String]) -> bool {
        match (field, value) {
            (_, Value::Null) => false,
            ([], value) => !self.schema.is_valid(value),
            ([first, rest @ ..], Value::Array(list)) if first == "*" => {
                list.iter().any(|element| self.is_violated(element, rest))
            }
            ([first, rest @ ..], value) => value.get(first).is_some_and(|value| self.is_violated(value, rest)),
        }
    }
}
