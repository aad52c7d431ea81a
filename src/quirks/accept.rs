use crate::contract::Violation;
use crate::source::{Complaint, Tree};

/// The effect `accept: {field}` or `accept: {parameter}`: what the contract says against a field of the body, or against
/// a parameter, is not held against the call; it may be absent, or of another type. Off means that the contract's own
/// check refuses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accept {
    /// The way to the field from the top of the body; `*` is any step, and `/` alone is the body itself.
    Field(Vec<String>),
    /// The name of a parameter.
    Parameter(String),
}

impl Accept {
    pub(super) fn read(tree: &Tree) -> Result<Self, Complaint> {
        let mut entries = tree.entries("`accept`")?;
        let (field, parameter) = (entries.take("field"), entries.take("parameter"));
        entries.finish()?;
        match (field, parameter) {
            (Some(field), None) => {
                let steps = field.text()?.split('/').filter(|step| !step.is_empty());
                Ok(Self::Field(steps.map(str::to_owned).collect()))
            }
            (None, Some(parameter)) => Ok(Self::Parameter(parameter.text()?.to_owned())),
            _ => Err(tree.wrong("`field: …` or `parameter: …`")),
        }
    }

    /// Whether this speaks of what a violation is about: of the value, or of the name that is missing.
    pub fn speaks_of(&self, violation: &Violation) -> bool {
        let Self::Field(way) = self else { return false };
        let mut at: Vec<&str> = violation.pointer.split('/').skip(1).collect();
        at.extend(violation.missing.as_deref());
        at.len() == way.len() && at.iter().zip(way).all(|(step, wanted)| wanted == "*" || step == wanted)
    }

    /// Whether this speaks of a parameter.
    pub fn is_parameter(&self, name: &str) -> bool {
        matches!(self, Self::Parameter(known) if known == name)
    }
}
