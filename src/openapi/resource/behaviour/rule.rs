//! Rules and their reader.

use super::{Compiler, Trigger};
use crate::diagnostics::{Diagnostic, YamlNode};
use crate::expressions::{Expression, Type};
use crate::openapi::resource::read::Row;

/// A condition under which a request is rejected.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What it is about.
    pub on: Vec<Trigger>,
    /// The condition.
    pub reject: Expression,
    /// The kind of error.
    pub error: RuleError,
    /// The status, if it is not that of the kind in the dialect.
    pub status: Option<u16>,
    /// The field that the error is about.
    pub field: Option<String>,
    /// The message of the error.
    pub message: String,
}

/// The kind of error of a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum RuleError {
    /// A value is invalid.
    #[default]
    Invalid,
    /// Something required is missing.
    Missing,
    /// It conflicts with another record or state.
    Conflict,
    /// Something does not exist.
    NotFound,
    /// Something does not exist, and the operation responds 404 although its dialect does not.
    Absent,
    /// The caller may not do this.
    Unauthorized,
}

/// Reads a rule. Operations that it names are added to `references`.
pub(super) fn read_rule(
    node: &YamlNode,
    compiler: &Compiler<'_>,
    references: &mut Vec<Row>,
) -> Result<Rule, Diagnostic> {
    let mut entries = node.entries("a rule")?;
    let on = match entries.take("on") {
        Some(node) => compiler.triggers(node, references)?,
        None => vec![Trigger::Create, Trigger::Update],
    };
    let reject = compiler.expression(entries.require("reject")?, &Type::Bool)?;
    let (error, status) = RuleError::read(&mut entries)?;
    let field = entries.take("field").map(|node| node.text().map(str::to_owned)).transpose()?;
    let message = entries.require("message")?.text()?.to_owned();
    entries.finish()?;
    Ok(Rule { on, reject, error, status, field, message })
}
