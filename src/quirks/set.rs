use serde_json::Value;

use super::Draft;
use crate::source::{Complaint, Tree};

/// The effect `set: {status, at, value}`: a success has another status, or a value of its own at a JSON pointer.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    /// The status, where it is another.
    pub status: Option<u16>,
    /// The place and the value, where there is one.
    pub value: Option<(Vec<String>, Value)>,
}

impl Set {
    pub(super) fn read(tree: &Tree) -> Result<Self, Complaint> {
        let mut entries = tree.entries("`set`")?;
        let status = match entries.take("status") {
            Some(tree) => {
                let code = u16::try_from(tree.count()?).ok().filter(|code| (200..600).contains(code));
                Some(code.ok_or_else(|| tree.wrong("a status from 200 to 599"))?)
            }
            None => None,
        };
        let value = match entries.take("at") {
            Some(at) => {
                let way = at.text()?.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect();
                Some((way, entries.take("value").map(Tree::to_json).unwrap_or_default()))
            }
            None => None,
        };
        entries.finish()?;
        match (&status, &value) {
            (None, None) => Err(tree.wrong("`status: …`, or `at: …` and `value: …`")),
            _ => Ok(Self { status, value }),
        }
    }

    /// Where it looks in an answer.
    pub fn ways(&self) -> impl Iterator<Item = &[String]> {
        self.value.iter().map(|(way, _)| way.as_slice())
    }

    /// Sets the value; says whether anything changed.
    pub fn apply(&self, answer: &mut Draft<'_>) -> bool {
        self.value.as_ref().is_some_and(|(way, value)| answer.put(way, value.into()))
    }
}
