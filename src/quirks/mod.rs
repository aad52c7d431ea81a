//! Where the API departs from its contract: the registry of quirks, and one file per effect a rule can have.
//!
//! A quirk is one entry of a `*.quirks.yaml`. Either a rule says everything (one of the effects below),
//! or the quirk lies in the middle of a behaviour, which asks for it: `world.quirk("id")`.

mod draft;
mod effects;
mod profile;
mod read;
mod rule;

pub use draft::{Draft, Part};
pub use effects::{
    Allow, Coerce, CoerceTo, DefaultQuery, Duplicate, Expose, Override, Page, Reference, Require, Respond,
};
pub use profile::{Profile, Selection, UnknownQuirk};
pub use read::{Area, Effect, Evidence, Matcher, Quirk, RecordCondition, RequestCondition, RequestPart, When};
pub use rule::{ParsedRequest, RuleContext, Rules, Stage};

use crate::api::Api;
use crate::diagnostics::{Diagnostics, SourceFile};
use crate::request::QuirkFlags;

/// All quirks of an API, in the order of their files.
#[derive(Clone, Debug, Default)]
pub struct Quirks(Vec<Quirk>);

impl Quirks {
    /// Reads the quirk files.
    ///
    /// # Errors
    /// When one is wrong, or an id is used twice.
    pub fn read(files: &[SourceFile], api: &Api) -> Result<Self, Diagnostics> {
        read::read(files, api).map(Self)
    }

    /// All quirks in order.
    pub fn iter(&self) -> impl Iterator<Item = &Quirk> {
        self.0.iter()
    }

    /// The quirk of that id.
    pub fn get(&self, id: &str) -> Option<&Quirk> {
        self.0.iter().find(|quirk| quirk.id == id)
    }

    /// The quirk at a place of the list.
    pub fn at(&self, index: usize) -> &Quirk {
        &self.0[index]
    }

    /// The switches that a selection sets.
    ///
    /// # Errors
    /// When it names a quirk that is not there.
    pub fn flags(&self, selection: &Selection) -> Result<QuirkFlags, UnknownQuirk> {
        selection.flags(&self.0)
    }
}
