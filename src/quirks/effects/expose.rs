use serde_json::Value;

use crate::diagnostics::{Diagnostic, YamlNode};
use crate::model::Store;
use crate::quirks::json_path::{parse_pointer, pointer_text, set};
use crate::quirks::{Effect, Stage, Target};

/// The effect `expose: {at, kind, fields}`: the records at a place of the response show fields that the contract does not
/// have there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expose {
    /// Path to the record, or with `*` to each of a list.
    pub at: Vec<String>,
    /// The kind of the record.
    pub kind: String,
    /// The names of the fields.
    pub fields: Vec<String>,
}

/// The names under which a record shows its id.
const IDS: [&str; 2] = ["uid", "id"];

impl Effect for Expose {
    fn name() -> &'static str {
        "expose"
    }

    fn parse(node: &YamlNode) -> Result<Self, Diagnostic> {
        let mut entries = node.entries("`expose`")?;
        let at = parse_pointer(entries.require("at")?)?;
        let kind = entries.require("kind")?.text()?.to_owned();
        let fields = entries.require("fields")?.texts()?.into_iter().map(str::to_owned).collect();
        entries.finish()?;
        Ok(Self { at, kind, fields })
    }

    fn stage(&self) -> Stage {
        Stage::Transform
    }

    fn apply(&self, target: Target<'_>) -> bool {
        match target {
            Target::Success(ctx, _, body) => self.expose(&ctx.state.store, body, &self.at),
            _ => false,
        }
    }

    fn describe(&self) -> String {
        format!("shows {} of the {} at {}", self.fields.join(", "), self.kind, pointer_text(&self.at))
    }
}

impl Expose {
    fn expose(&self, store: &Store, value: &mut Value, path: &[String]) -> bool {
        match path {
            [star, rest @ ..] if star == "*" => {
                let elements = value.as_array_mut().into_iter().flatten();
                elements.fold(false, |changed, element| self.expose(store, element, rest) | changed)
            }
            [step, rest @ ..] => {
                let below = value.as_object_mut().and_then(|map| map.get_mut(step));
                below.is_some_and(|below| self.expose(store, below, rest))
            }
            [] => {
                let id = IDS.iter().find_map(|name| value.get(name)?.as_str());
                let Some(record) = id.and_then(|id| store.get(&self.kind, id)) else { return false };
                self.fields.iter().fold(false, |changed, name| {
                    let field = serde_json::to_value(record.get(name)).unwrap_or_default();
                    set(value, std::slice::from_ref(name), field) | changed
                })
            }
        }
    }
}
