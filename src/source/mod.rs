//! Text that people write, and what is said when it is wrong.
//!
//! [`Tree`] reads YAML (and so JSON) into values that know their line; [`Complaint`] is the one form in
//! which a mistake in such a file is told. Quirks, scenarios, families and resources are all read through
//! here, so that every complaint has a file, a line, what is wrong and what to write instead.

mod complaint;
pub mod locate;
mod tree;

pub use complaint::{Complaint, Complaints, Mistakes, Place, nearest};
pub use tree::{Entries, Key, Node, Tree};

/// A text with the name under which it is complained about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Path as the user knows it, or a path below the embedded `swagger/` or `scenarios/` folder.
    pub name: String,
    /// The whole content.
    pub text: String,
}

impl Text {
    /// A text of that name.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }
}
