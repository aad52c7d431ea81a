//! Files that people write, and the diagnostics for errors in them.
//!
//! [`YamlNode`] reads YAML (and so JSON) into values with positions. Quirks, scenarios, dialects and resources are read
//! through it, so that every [`Diagnostic`] has a file, a line, the error and what to write instead.

mod diagnostic;
mod json_fields;
mod json_path;
mod json_scanner;
pub mod locate;
mod path_text;
mod pointers;
mod read_json;
mod read_yaml;
mod yaml;
mod yaml_map;

pub use diagnostic::{Collector, Diagnostic, Diagnostics, Span, nearest};
pub use json_fields::{FieldError, JsonFields};
pub use json_path::parse_json_path;
pub use json_scanner::JsonScanner;
pub use path_text::path_text;
pub use pointers::field_errors;
pub use yaml::{Key, YamlNode, YamlValue};
pub use yaml_map::YamlMap;

/// A text with its file name for diagnostics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Path as given by the user, or a path below the embedded `swagger/` or `scenarios/` folder.
    pub name: String,
    /// The whole content.
    pub text: String,
}

impl SourceFile {
    /// A text with a file name.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }
}
