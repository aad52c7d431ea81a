use crate::diagnostics::{Diagnostic, YamlNode};
use crate::openapi::Violation;
use crate::quirks::json_path::parse_pointer;
use crate::quirks::{Amendment, Effect, Stage, Target};

/// The effect `allow: {field}` or `allow: {parameter}`: the API takes a value that the contract rejects. The field or the
/// parameter may be missing, a field also of another type. With the quirk off, the contract is enforced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Allow {
    /// Path to the field from the top of the body; `*` is any step, and `/` alone is the body itself.
    Field(Vec<String>),
    /// The name of a parameter.
    Parameter(String),
}

impl Allow {
    /// Whether a violation is about the field: about its value, or because it is missing.
    fn covers(&self, violation: &Violation) -> bool {
        let Self::Field(field) = self else { return false };
        let mut at: Vec<&str> = violation.pointer.split('/').skip(1).collect();
        at.extend(violation.missing.as_deref());
        at.len() == field.len() && at.iter().zip(field).all(|(step, expected)| expected == "*" || step == expected)
    }
}

impl Effect for Allow {
    fn name() -> &'static str {
        "allow"
    }

    fn parse(node: &YamlNode) -> Result<Self, Diagnostic> {
        let mut entries = node.entries("`allow`")?;
        let (field, parameter) = (entries.take("field"), entries.take("parameter"));
        entries.finish()?;
        match (field, parameter) {
            (Some(field), None) => Ok(Self::Field(parse_pointer(field)?)),
            (None, Some(parameter)) => Ok(Self::Parameter(parameter.text()?.to_owned())),
            _ => Err(node.expected("`field: …` or `parameter: …`")),
        }
    }

    fn stage(&self) -> Stage {
        Stage::Validate
    }

    fn apply(&self, target: Target<'_>) -> bool {
        match (self, target) {
            (Self::Field(_), Target::Violation(violation)) => self.covers(violation),
            (Self::Parameter(allowed), Target::MissingParameter(name)) => allowed == name,
            _ => false,
        }
    }

    fn describe(&self) -> String {
        let subject = match self {
            Self::Field(field) if field.is_empty() => "the whole body".to_owned(),
            Self::Field(field) => field.join("/"),
            Self::Parameter(name) => name.clone(),
        };
        format!("does not enforce what the contract says about {subject}")
    }

    fn amendment(&self) -> Option<Amendment<'_>> {
        Some(match self {
            Self::Field(field) => Amendment::AllowField(field),
            Self::Parameter(name) => Amendment::AllowParameter(name),
        })
    }
}
