use http::StatusCode;
use serde_json::Value;

use crate::diagnostics::{Diagnostic, YamlNode};
use crate::quirks::json_path::{parse_pointer, pointer_text, set};
use crate::quirks::{Effect, ReplyTarget, Stage, Target};

/// The effect `override: {status, at, value}`: a success has another status, or another value at a JSON pointer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Override {
    /// The status, if it differs.
    status: Option<StatusCode>,
    /// Path and value, if one differs.
    value: Option<(Vec<String>, Value)>,
}

impl Effect for Override {
    fn name() -> &'static str {
        "override"
    }

    fn parse(node: &YamlNode) -> Result<Self, Diagnostic> {
        let mut entries = node.entries("`override`")?;
        let status = match entries.take("status") {
            Some(node) => {
                let code = u16::try_from(node.count()?).ok().filter(|code| (200..600).contains(code));
                let status = code.and_then(|code| StatusCode::from_u16(code).ok());
                Some(status.ok_or_else(|| node.expected("a status from 200 to 599"))?)
            }
            None => None,
        };
        let value = match entries.take("at") {
            Some(at) => {
                Some((parse_pointer(at)?, entries.take_nullable("value").map(YamlNode::to_json).unwrap_or_default()))
            }
            None => None,
        };
        entries.finish()?;
        match (&status, &value) {
            (None, None) => Err(node.expected("`status: …`, or `at: …` and `value: …`")),
            _ => Ok(Self { status, value }),
        }
    }

    fn stage(&self) -> Stage {
        Stage::Transform
    }

    fn apply(&self, target: Target<'_>) -> bool {
        let Target::Success(_, status, body) = target else { return false };
        let is_other = self.status.is_some_and(|other| other != *status);
        *status = self.status.unwrap_or(*status);
        is_other | self.value.as_ref().is_some_and(|(path, value)| set(body, path, value.clone()))
    }

    fn apply_to_reply(&self, target: &mut ReplyTarget<'_>) -> Option<bool> {
        let status = self.status.filter(|_| self.value.is_none())?;
        Some(std::mem::replace(target.status, status) != status)
    }

    fn describe(&self) -> String {
        let status = self.status.map(|status| format!("responds {}", status.as_u16()));
        let value = self.value.as_ref().map(|(path, value)| format!("has {value} at {}", pointer_text(path)));
        status.into_iter().chain(value).collect::<Vec<_>>().join(" and ")
    }
}
