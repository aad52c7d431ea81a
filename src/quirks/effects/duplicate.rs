use serde_json::Value;

use crate::diagnostics::{Diagnostic, YamlNode};
use crate::quirks::json_path::{find, parse_pointer, pointer_text, set};
use crate::quirks::{Effect, ReplyTarget, Stage, Target};
use crate::request::{AddedField, is_id_field};

/// The effect `duplicate: {from, to}`: a value of the response appears in a second place. Both are JSON pointers; `*` is
/// every element of a list, the same one on both sides. An object that is duplicated to the top adds its members there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Duplicate {
    /// Path to the value.
    from: Vec<String>,
    /// Path to its second place.
    to: Vec<String>,
}

impl Effect for Duplicate {
    fn name() -> &'static str {
        "duplicate"
    }

    fn parse(node: &YamlNode) -> Result<Self, Diagnostic> {
        let mut entries = node.entries("`duplicate`")?;
        let (from, to) = (parse_pointer(entries.require("from")?)?, parse_pointer(entries.require("to")?)?);
        entries.finish()?;
        Ok(Self { from, to })
    }

    fn stage(&self) -> Stage {
        Stage::Transform
    }

    fn apply(&self, target: Target<'_>) -> bool {
        match target {
            Target::Success(_, _, body) => duplicate(body, &self.from, &self.to),
            _ => false,
        }
    }

    /// Handles a field of a record that appears under a second name, which the documented record does not have.
    fn apply_to_reply(&self, target: &mut ReplyTarget<'_>) -> Option<bool> {
        let ((from, place), (to, other_place)) = (self.from.split_last()?, self.to.split_last()?);
        let (views, shape) = target.records_at(place).filter(|_| place == other_place)?;
        if shape.get(to).is_some() {
            return None;
        }
        shape.get(from)?;
        let mut is_changed = false;
        for view in views {
            is_changed |= match view.get(from) {
                Some(value) => !value.is_null(),
                None => is_id_field(from),
            };
            view.add(to, AddedField::CopyOf(from.into()));
        }
        Some(is_changed)
    }

    fn describe(&self) -> String {
        format!("shows {} at {} as well", pointer_text(&self.from), pointer_text(&self.to))
    }
}

fn duplicate(value: &mut Value, from: &[String], to: &[String]) -> bool {
    match (from, to) {
        ([star, from @ ..], [other, to @ ..]) if star == "*" && other == "*" => {
            let elements = value.as_array_mut().into_iter().flatten();
            elements.fold(false, |changed, element| duplicate(element, from, to) | changed)
        }
        ([step, from @ ..], [other, to @ ..]) if step == other => {
            value.as_object_mut().and_then(|map| map.get_mut(step)).is_some_and(|below| duplicate(below, from, to))
        }
        _ => {
            let Some(found) = find(value, from).cloned() else { return false };
            set(value, to, found)
        }
    }
}
