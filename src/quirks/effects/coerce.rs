use serde_json::{Value, json};

use crate::diagnostics::{Diagnostic, YamlNode};
use crate::quirks::json_path::parse_field;
use crate::quirks::{Effect, Stage, Target};

/// The effect `coerce: {field, to}`: converts a value of the body before it is validated.
///
/// With the quirk off, the value stays as it was sent, and the contract is enforced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Coerce {
    /// Path to the value from the top of the body; `*` is every element of a list.
    field: Vec<String>,
    /// What it is converted to.
    to: CoerceTo,
}

/// What a value can be converted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CoerceTo {
    /// `"120.0"` becomes `120.0`.
    Number,
    /// `m` becomes `M`.
    UpperCase,
    /// `"6f15…"` becomes `{"id": "6f15…"}`.
    ObjectWithId,
}

impl CoerceTo {
    const ALL: [Self; 3] = [Self::Number, Self::UpperCase, Self::ObjectWithId];

    /// Its name in quirks files.
    fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::UpperCase => "upper case",
            Self::ObjectWithId => "object with id",
        }
    }

    /// The converted text; `None` when it cannot be converted.
    fn convert(self, text: &str) -> Option<Value> {
        match self {
            Self::Number => text.trim().parse().ok().map(Value::Number),
            Self::UpperCase => Some(text.to_uppercase().into()),
            Self::ObjectWithId => Some(json!({"id": text})),
        }
    }
}

impl Effect for Coerce {
    fn name() -> &'static str {
        "coerce"
    }

    fn parse(node: &YamlNode) -> Result<Self, Diagnostic> {
        let mut entries = node.entries("`coerce`")?;
        let field = parse_field(entries.require("field")?)?;
        let to = entries.require("to")?;
        entries.finish()?;
        let name = to.text()?;
        let known = CoerceTo::ALL.map(CoerceTo::name);
        let found = CoerceTo::ALL.into_iter().find(|known| known.name() == name);
        let to = found.ok_or_else(|| Diagnostic::unknown(to.span, "form", name, &known))?;
        Ok(Self { field, to })
    }

    fn stage(&self) -> Stage {
        Stage::Coerce
    }

    fn apply(&self, target: Target<'_>) -> bool {
        match target {
            Target::Body(body) => coerce(body, &self.field, self.to),
            _ => false,
        }
    }

    fn describe(&self) -> String {
        format!("converts {} to {}", self.field.join("/"), self.to.name())
    }

    fn owns_coercion(&self, pointer: &str) -> bool {
        let mut steps = pointer.split('/').skip(1);
        self.field.iter().all(|expected| steps.next().is_some_and(|step| expected == "*" || expected == step))
            && steps.next().is_none()
    }
}

fn coerce(value: &mut Value, field: &[String], to: CoerceTo) -> bool {
    match (field, &mut *value) {
        ([first, rest @ ..], Value::Array(list)) if first == "*" => {
            list.iter_mut().fold(false, |changed, element| coerce(element, rest, to) | changed)
        }
        ([first, rest @ ..], Value::Object(map)) => map.get_mut(first).is_some_and(|part| coerce(part, rest, to)),
        ([], Value::String(text)) => {
            let Some(converted) = to.convert(text) else { return false };
            let is_changed = *value != converted;
            *value = converted;
            is_changed
        }
        _ => false,
    }
}
