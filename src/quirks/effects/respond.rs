use serde_json::Value;

use crate::diagnostics::{Diagnostic, YamlNode};
use crate::quirks::read::read_status_and_body;

/// The effect `answer: {status, body}`: the call is answered so, and nothing else looks at it.
#[derive(Clone, Debug, PartialEq)]
pub struct Respond {
    /// The status.
    pub status: u16,
    /// The body, JSON.
    pub body: Value,
}

impl Respond {
    pub(in crate::quirks) fn read(tree: &YamlNode) -> Result<Self, Diagnostic> {
        let (status, body) = read_status_and_body(tree)?;
        Ok(Self { status, body })
    }
}
