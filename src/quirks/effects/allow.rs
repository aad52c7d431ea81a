use crate::diagnostics::{Diagnostic, YamlNode};
use crate::openapi::Violation;

/// The effect `accept: {field}` or `accept: {parameter}`: what the contract says against a field of the body, or against
/// a parameter, is not held against the call; it may be absent, or of another type. Off means that the contract's own
/// check refuses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allow {
    /// The way to the field from the top of the body; `*` is any step, and `/` alone is the body itself.
    Field(Vec<String>),
    /// The name of a parameter.
    Parameter(String),
}

impl Allow {
    pub(in crate::quirks) fn read(tree: &YamlNode) -> Result<Self, Diagnostic> {
        let mut entries = tree.entries("`accept`")?;
        let (field, parameter) = (entries.take("field"), entries.take("parameter"));
        entries.finish()?;
        match (field, parameter) {
            (Some(field), None) => {
                let steps = field.text()?.split('/').filter(|step| !step.is_empty());
                Ok(Self::Field(steps.map(str::to_owned).collect()))
            }
            (None, Some(parameter)) => Ok(Self::Parameter(parameter.text()?.to_owned())),
            _ => Err(tree.expected("`field: …` or `parameter: …`")),
        }
    }

    /// Whether this speaks of what a violation is about: of the value, or of the name that is missing.
    pub fn applies_to(&self, violation: &Violation) -> bool {
        let Self::Field(field_path) = self else { return false };
        let mut at: Vec<&str> = violation.pointer.split('/').skip(1).collect();
        at.extend(violation.missing.as_deref());
        at.len() == field_path.len() && at.iter().zip(field_path).all(|(step, wanted)| wanted == "*" || step == wanted)
    }

    /// Whether this speaks of a parameter.
    pub fn allows_parameter(&self, name: &str) -> bool {
        matches!(self, Self::Parameter(known) if known == name)
    }
}
