use serde_json::Value;

use crate::diagnostics::{Diagnostic, YamlNode};
use crate::request::ApiError;

/// The effect `require: {field, message}`: a call whose body lacks the field, or has it blank, is refused in
/// these words. Off means that the contract's own check refuses it, in its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Require {
    /// The way to the field from the top of the body.
    pub field: Vec<String>,
    /// The API's words.
    pub message: String,
}

impl Require {
    pub(in crate::quirks) fn read(tree: &YamlNode) -> Result<Self, Diagnostic> {
        let mut entries = tree.entries("`require`")?;
        let field = entries.require("field")?.text()?.split('/').map(str::to_owned).collect();
        let message = entries.require("message")?.text()?.to_owned();
        entries.finish()?;
        Ok(Self { field, message })
    }

    /// The refusal, if the field is absent or blank.
    pub fn error(&self, body: &Value) -> Option<ApiError> {
        let value = self.field.iter().try_fold(body, |value, name| value.get(name));
        let blank =
            value.is_none_or(|value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()));
        let name = self.field.last().map_or("", String::as_str);
        blank.then(|| ApiError::invalid(name, &self.message))
    }
}
