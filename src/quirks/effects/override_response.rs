use serde_json::Value;

use crate::diagnostics::{Diagnostic, YamlNode};
use crate::quirks::Draft;

/// The effect `set: {status, at, value}`: a success has another status, or a value of its own at a JSON pointer.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// The status, where it is another.
    pub status: Option<u16>,
    /// The place and the value, where there is one.
    pub value: Option<(Vec<String>, Value)>,
}

impl Override {
    pub(in crate::quirks) fn read(tree: &YamlNode) -> Result<Self, Diagnostic> {
        let mut entries = tree.entries("`set`")?;
        let status = match entries.take("status") {
            Some(tree) => {
                let code = u16::try_from(tree.count()?).ok().filter(|code| (200..600).contains(code));
                Some(code.ok_or_else(|| tree.expected("a status from 200 to 599"))?)
            }
            None => None,
        };
        let value = match entries.take("at") {
            Some(at) => {
                let field_path = at.text()?.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect();
                Some((field_path, entries.take("value").map(YamlNode::to_json).unwrap_or_default()))
            }
            None => None,
        };
        entries.finish()?;
        match (&status, &value) {
            (None, None) => Err(tree.expected("`status: …`, or `at: …` and `value: …`")),
            _ => Ok(Self { status, value }),
        }
    }

    /// Where it looks in an answer.
    pub fn field_paths(&self) -> impl Iterator<Item = &[String]> {
        self.value.iter().map(|(field_path, _)| field_path.as_slice())
    }

    /// Sets the value; says whether anything changed.
    pub fn apply(&self, answer: &mut Draft<'_>) -> bool {
        self.value.as_ref().is_some_and(|(field_path, value)| answer.put(field_path, value.into()))
    }
}
