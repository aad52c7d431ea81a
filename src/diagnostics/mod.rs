//! Text that people write, and what is said when it is wrong.
//!
//! [`YamlNode`] reads YAML (and so JSON) into values that know their line; [`Diagnostic`] is the one form in
//! which a mistake in such a file is told. Quirks, scenarios, families and resources are all read through
//! here, so that every complaint has a file, a line, what is wrong and what to write instead.

mod diagnostic;
pub mod locate;
mod yaml;

pub use diagnostic::{Collector, Diagnostic, Diagnostics, Span, nearest};
pub use yaml::{Key, YamlMap, YamlNode, YamlValue};

/// A text with the name under which it is complained about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Path as the user knows it, or a path below the embedded `swagger/` or `scenarios/` folder.
    pub name: String,
    /// The whole content.
    pub text: String,
}

impl SourceFile {
    /// A text of that name.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }
}
