use serde_json::Value;

use super::read::read_status_and_body;
use crate::source::{Complaint, Tree};

/// The effect `answer: {status, body}`: the call is answered so, and nothing else looks at it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, JSON.
    pub body: Value,
}

impl Answer {
    pub(super) fn read(tree: &Tree) -> Result<Self, Complaint> {
        let (status, body) = read_status_and_body(tree)?;
        Ok(Self { status, body })
    }
}
