use serde_json::Value;

use super::respond::{Respond, parse_response};
use crate::diagnostics::{Diagnostic, YamlNode};
use crate::quirks::condition::names_own_owner;
use crate::quirks::json_path::parse_field;
use crate::quirks::{Effect, Stage, Target};
use crate::request::{Context, UnknownIds};

/// The effect `reference: {field, to, respond}`: a field of the body, or a `parameter` of the query, refers to a record of
/// the caller's owner. The request is rejected if the record does not exist; with `exists: true`, if it does.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reference {
    /// Path to the id from the top of the body; of a list, every element is checked.
    field: Vec<String>,
    /// The parameter of the query, if it is one; it may hold several ids with commas between them.
    parameter: Option<String>,
    /// The kind of record.
    to: String,
    /// The field of the record that is compared; its id by default.
    by: Option<String>,
    /// Whether the record must not exist.
    is_unique: bool,
    /// The response to a rejected request.
    response: Respond,
}

impl Effect for Reference {
    fn name() -> &'static str {
        "reference"
    }

    fn parse(node: &YamlNode) -> Result<Self, Diagnostic> {
        let mut entries = node.entries("`reference`")?;
        let parameter = entries.take("parameter").map(|node| node.text().map(str::to_owned)).transpose()?;
        let field = match parameter {
            Some(_) => Vec::new(),
            None => parse_field(entries.require("field")?)?,
        };
        let to = entries.require("to")?.text()?.to_owned();
        let by = entries.take("by").map(|node| node.text().map(str::to_owned)).transpose()?;
        let is_unique = entries.take("exists").map(YamlNode::boolean).transpose()?.unwrap_or(false);
        if let Some(node) = entries.take("answer") {
            return Err(Diagnostic::new(node.span, "`answer` is now called `respond`"));
        }
        let response = parse_response(entries.require("respond")?)?;
        entries.finish()?;
        Ok(Self { field, parameter, to, by, is_unique, response })
    }

    fn stage(&self) -> Stage {
        Stage::Validate
    }

    fn apply(&self, target: Target<'_>) -> bool {
        let Target::ValidBody(ctx, body, stop) = target else { return false };
        let is_rejected = self.rejects(ctx, body);
        if is_rejected {
            *stop = Some(self.response.stop());
        }
        is_rejected
    }

    fn describe(&self) -> String {
        let field = self.parameter.clone().unwrap_or_else(|| self.field.join("/"));
        let (to, response) = (&self.to, &self.response);
        let exists = if self.is_unique { "exists" } else { "does not exist" };
        format!("responds {} {} if the {to} in {field} {exists}", response.status.as_u16(), response.body)
    }
}

impl Reference {
    fn rejects(&self, ctx: &Context<'_>, body: &Value) -> bool {
        if !self.is_unique && ctx.state.settings.unknown_ids == UnknownIds::Example {
            return false;
        }
        let store = &ctx.state.store;
        let exists = |id: &str| match &self.by {
            None => store.get(&self.to, id).is_some_and(|record| names_own_owner(ctx, record)),
            Some(field) => store.all(&self.to).any(|record| names_own_owner(ctx, record) && record.text(field) == id),
        };
        self.sent_ids(ctx, body).into_iter().any(|id| exists(id) == self.is_unique)
    }

    /// The ids in the query or the body.
    fn sent_ids<'b>(&self, ctx: &Context<'b>, body: &'b Value) -> Vec<&'b str> {
        if let Some(parameter) = &self.parameter {
            let values = ctx.sent_query.get(parameter).into_iter().flat_map(|list| list.split(','));
            return values.map(str::trim).filter(|value| !value.is_empty()).collect();
        }
        let found = self.field.iter().try_fold(body, |value, name| value.get(name));
        match found {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(text)) if !text.is_empty() => vec![text],
            _ => Vec::new(),
        }
    }
}
