use crate::diagnostics::{Diagnostic, YamlNode};
use crate::quirks::{Effect, Stage, Target};

/// The effect `require_owner: true`: a caller that can act for several owners must name one. With the quirk off, it acts for
/// the owner of the first record that the request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RequireOwner;

impl Effect for RequireOwner {
    fn name() -> &'static str {
        "require_owner"
    }

    fn parse(node: &YamlNode) -> Result<Self, Diagnostic> {
        match node.boolean()? {
            true => Ok(Self),
            false => Err(node.expected("`true`")),
        }
    }

    fn stage(&self) -> Stage {
        Stage::Own
    }

    fn apply(&self, target: Target<'_>) -> bool {
        let Target::Owner(owner) = target else { return false };
        owner.take().is_some()
    }

    fn describe(&self) -> String {
        "does not let the caller act for the owner of a record that the request names".to_owned()
    }
}
