//! Where the API departs from its contract: the quirks, their conditions and their effects.
//!
//! A quirk is one entry of a `*.quirks.yaml`. It either has an effect, one of [`EFFECTS`], or is implemented in a handler,
//! which checks its flag: `state.apply_quirk("id")`.

mod condition;
pub mod describe;
mod effect;
mod effects;
mod json_path;
mod profile;
mod quirk;
mod read;
mod rule;

pub use condition::{Matcher, RecordCondition, RequestCondition, RequestPart, When};
pub use effect::{Amendment, Effect, EffectKind, ReplyTarget, Stage, Target};
pub use effects::EFFECTS;
pub use profile::{Profile, Selection, SelectionError};
pub use quirk::{Area, Evidence, Quirk};
pub use rule::Rules;

use crate::api::Api;
use crate::diagnostics::{Diagnostics, SourceFile};
use crate::request::QuirkFlags;

/// The JSON Schema of `*.quirks.yaml`.
pub const JSON_SCHEMA: &str = include_str!("quirks.schema.json");

/// All quirks of an API, in the order of their files.
#[derive(Clone, Debug, Default)]
pub struct Quirks {
    list: Vec<Quirk>,
    /// The dates of the API's observations; the first one is the default.
    dates: Vec<String>,
}

impl Quirks {
    /// Reads quirks files.
    ///
    /// # Errors
    /// When one is wrong, or an id is used twice.
    pub fn read(files: &[SourceFile], api: &Api) -> Result<Self, Diagnostics> {
        Ok(Self { list: read::read(files, api)?, dates: api.observed.clone() })
    }

    /// All quirks in order.
    pub fn iter(&self) -> impl Iterator<Item = &Quirk> {
        self.list.iter()
    }

    /// The quirk with an id.
    pub fn get(&self, id: &str) -> Option<&Quirk> {
        self.list.iter().find(|quirk| quirk.id == id)
    }

    /// The quirk at an index of the list.
    pub fn at(&self, index: usize) -> &Quirk {
        &self.list[index]
    }

    /// The ids of the quirks at these indexes.
    pub fn ids(&self, indexes: &[usize]) -> Vec<&str> {
        indexes.iter().map(|index| self.at(*index).id.as_str()).collect()
    }

    /// The flags that a selection sets.
    ///
    /// # Errors
    /// When it names an unknown quirk or date.
    pub fn flags(&self, selection: &Selection) -> Result<QuirkFlags, SelectionError> {
        selection.flags(&self.list, &self.dates)
    }
}
