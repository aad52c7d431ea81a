use crate::diagnostics::{Diagnostic, YamlNode};
use crate::quirks::Draft;

/// The effect `copy: {from, to}`: a value of the answer stands in a second place as well. Both are JSON pointers; `*` is
/// every element of a list, the same one on both sides. An object that is copied to the top adds its names there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// Where the value is.
    pub from: Vec<String>,
    /// Where it stands besides.
    pub to: Vec<String>,
}

impl Duplicate {
    pub(in crate::quirks) fn read(tree: &YamlNode) -> Result<Self, Diagnostic> {
        let mut entries = tree.entries("`copy`")?;
        let field_path = |tree: &YamlNode| -> Result<Vec<String>, Diagnostic> {
            Ok(tree.text()?.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect())
        };
        let copy = Self { from: field_path(entries.require("from")?)?, to: field_path(entries.require("to")?)? };
        entries.finish()?;
        Ok(copy)
    }

    /// Where it looks in an answer.
    pub fn field_paths(&self) -> impl Iterator<Item = &[String]> {
        [self.from.as_slice(), self.to.as_slice()].into_iter()
    }

    /// Copies; says whether anything changed.
    pub fn apply(&self, answer: &mut Draft<'_>) -> bool {
        copy(answer, &self.from, &self.to)
    }
}

fn copy(at: &mut Draft<'_>, from: &[String], to: &[String]) -> bool {
    match (from, to) {
        ([star, from @ ..], [other, to @ ..]) if star == "*" && other == "*" => {
            at.elements().iter_mut().fold(false, |changed, element| copy(element, from, to) | changed)
        }
        ([step, from @ ..], [other, to @ ..]) if step == other => {
            at.get(step.as_str()).is_some_and(|below| copy(below, from, to))
        }
        _ => {
            let Some(found) = at.at(from).cloned() else { return false };
            at.put(to, found)
        }
    }
}
