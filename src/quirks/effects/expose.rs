use serde_json::Value;
use smallvec::SmallVec;

use crate::diagnostics::{Diagnostic, YamlNode, YamlValue};
use crate::model::{Record, Store};
use crate::quirks::json_path::{parse_pointer, pointer_text, set};
use crate::quirks::{Effect, ReplyTarget, Stage, Target};
use crate::request::{AddedField, RecordView, ShapedWriter};

/// The effect `expose: {at, kind, fields}`: the records at a place of the response show fields that the contract does not
/// have there. `fields` is a list of names, or a map from names in the response to names in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expose {
    /// Path to the record, or with `*` to each of a list.
    at: Vec<String>,
    /// The kind of the record.
    kind: String,
    /// Names in the response, each with the name in the record.
    fields: Vec<(String, String)>,
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
        let fields = parse_fields(entries.require("fields")?)?;
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

    fn apply_to_reply(&self, target: &mut ReplyTarget<'_>) -> Option<bool> {
        let (store, zone) = (target.store, target.zone);
        let (views, shape) = target.records_at(&self.at)?;
        let has_id = IDS.iter().any(|name| shape.get(name).is_some());
        let records: SmallVec<[Option<&Record>; 1]> =
            views.iter().map(|view| store.get(&self.kind, view.id()).map(|record| &**record)).collect();
        let hides = |view: &RecordView| self.fields.iter().any(|(shown, _)| view.hides(shown));
        if !has_id || views.iter().any(hides) {
            return None;
        }
        let mut is_changed = false;
        for (view, record) in views.iter_mut().zip(records) {
            let fields = record
                .into_iter()
                .flat_map(|record| self.fields.iter().map(|(shown, stored)| (shown, record.get(stored).clone())));
            for (shown, value) in fields {
                is_changed |= match shape.member(shown) {
                    Some(documented) => !ShapedWriter::shows(documented, view, &value, zone),
                    None => !value.is_null(),
                };
                view.add(shown, AddedField::Value(value));
            }
        }
        Some(is_changed)
    }

    fn describe(&self) -> String {
        let shown: Vec<&str> = self.fields.iter().map(|(shown, _)| shown.as_str()).collect();
        format!("shows {} of the {} at {}", shown.join(", "), self.kind, pointer_text(&self.at))
    }
}

fn parse_fields(node: &YamlNode) -> Result<Vec<(String, String)>, Diagnostic> {
    match &node.node {
        YamlValue::Map(_) => {
            let mut fields = node.entries("`fields`")?;
            let pairs =
                fields.rest().into_iter().map(|(shown, stored)| Ok((shown.name.clone(), stored.text()?.to_owned())));
            pairs.collect()
        }
        _ => Ok(node.texts()?.into_iter().map(|name| (name.to_owned(), name.to_owned())).collect()),
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
                self.fields.iter().fold(false, |changed, (shown, stored)| {
                    let field = serde_json::to_value(record.get(stored)).unwrap_or_default();
                    set(value, std::slice::from_ref(shown), field) | changed
                })
            }
        }
    }
}
