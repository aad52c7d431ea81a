use serde_json::Value;

use crate::diagnostics::{Diagnostic, YamlNode};
use crate::quirks::Respond;
use crate::quirks::read::read_status_and_body;
use crate::request::Query;

/// The effect `refer: {field, to, answer}`: the field of the body, or the `parameter` of the query, which may have several
/// with commas between them, names a record of that kind, of the caller's own business; where there is none, the call is answered so. `exists: true` turns it round: the
/// call is answered so where there is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// The way to the id from the top of the body; of a list each is meant.
    pub field: Vec<String>,
    /// The parameter of the query, where it is one.
    pub parameter: Option<String>,
    /// The kind of record.
    pub to: String,
    /// The field of the record that is compared; its id where none is named.
    pub by: Option<String>,
    /// Whether it must not be there.
    pub is_unique: bool,
    /// What is answered.
    pub answer: Respond,
}

impl Reference {
    pub(in crate::quirks) fn read(tree: &YamlNode) -> Result<Self, Diagnostic> {
        let mut entries = tree.entries("`refer`")?;
        let parameter = entries.take("parameter").map(|tree| tree.text().map(str::to_owned)).transpose()?;
        let field = match parameter {
            Some(_) => Vec::new(),
            None => entries.require("field")?.text()?.split('/').map(str::to_owned).collect(),
        };
        let to = entries.require("to")?.text()?.to_owned();
        let by = entries.take("by").map(|tree| tree.text().map(str::to_owned)).transpose()?;
        let is_unique = entries.take("exists").map(YamlNode::boolean).transpose()?.unwrap_or(false);
        let (status, body) = read_status_and_body(entries.require("answer")?)?;
        entries.finish()?;
        Ok(Self { field, parameter, to, by, is_unique, answer: Respond { status, body } })
    }

    /// The values that the query or the body names: of a list each.
    pub fn named<'b>(&self, query: &'b Query, body: &'b Value) -> Vec<&'b str> {
        if let Some(parameter) = &self.parameter {
            let values = query.get(parameter).into_iter().flat_map(|list| list.split(','));
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
