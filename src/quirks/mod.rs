//! Where the API departs from its contract: the registry of quirks, and one file per effect a rule can have.
//!
//! A quirk is one entry of a `*.quirks.yaml`. Either a rule says everything (one of the effects below),
//! or the quirk lies in the middle of a behaviour, which asks for it: `world.quirk("id")`.

mod accept;
mod answer;
mod ask;
mod coerce;
mod copy;
mod draft;
mod page;
mod read;
mod refer;
mod require;
mod rules;
mod select;
mod set;
mod show;

pub use accept::Accept;
pub use answer::Answer;
pub use ask::Ask;
pub use coerce::{Coerce, CoerceTo};
pub use copy::Copy;
pub use draft::{Draft, Part};
pub use page::Page;
pub use read::{Area, Effect, Evidence, Is, Kept, Quirk, Sent, SentIn, When};
pub use refer::Refer;
pub use require::Require;
pub use rules::{Asked, Rules, Scene, Step};
pub use select::{Profile, Selection, UnknownQuirk};
pub use set::Set;
pub use show::Show;

use crate::exchange::Switches;
use crate::source::{Complaints, Text};

/// All quirks of an API, in the order of their files.
#[derive(Clone, Debug, Default)]
pub struct Quirks(Vec<Quirk>);

impl Quirks {
    /// Reads the quirk files.
    ///
    /// # Errors
    /// When one is wrong, or an id is used twice.
    pub fn read(files: &[Text]) -> Result<Self, Complaints> {
        read::read(files).map(Self)
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
    pub fn at(&self, place: usize) -> &Quirk {
        &self.0[place]
    }

    /// The switches that a selection sets.
    ///
    /// # Errors
    /// When it names a quirk that is not there.
    pub fn switches(&self, selection: &Selection) -> Result<Switches, UnknownQuirk> {
        selection.switches(&self.0)
    }
}
