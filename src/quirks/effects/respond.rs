use http::StatusCode;
use serde_json::Value;

use crate::diagnostics::{Diagnostic, YamlNode};
use crate::quirks::{Effect, Stage, Target};
use crate::request::{Response, Stop};

/// The effect `respond: {status, body}`: the response to every request for which the conditions hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Respond {
    /// The status.
    pub(super) status: StatusCode,
    /// The body: JSON, or plain text if it is a string.
    pub(super) body: Value,
}

impl Effect for Respond {
    fn name() -> &'static str {
        "respond"
    }

    fn parse(node: &YamlNode) -> Result<Self, Diagnostic> {
        parse_response(node)
    }

    fn stage(&self) -> Stage {
        Stage::Respond
    }

    fn apply(&self, target: Target<'_>) -> bool {
        let Target::Response(stop) = target else { return false };
        *stop = Some(self.stop());
        true
    }

    fn rejects_values(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        format!("responds {} {}", self.status.as_u16(), self.body)
    }
}

impl Respond {
    /// The response that ends the request.
    pub(super) fn stop(&self) -> Stop {
        Stop::Response(Box::new(Response::fixed(self.status, &self.body)))
    }
}

/// Reads a status from 100 to 599 and a body.
pub(super) fn parse_response(node: &YamlNode) -> Result<Respond, Diagnostic> {
    let mut entries = node.entries("a response")?;
    let status = entries.require("status")?;
    let code = u16::try_from(status.count()?).ok().filter(|code| (100..600).contains(code));
    let code = code.and_then(|code| StatusCode::from_u16(code).ok());
    let code = code.ok_or_else(|| status.expected("a status from 100 to 599"))?;
    let body = entries.require("body")?.to_json();
    entries.finish()?;
    Ok(Respond { status: code, body })
}
