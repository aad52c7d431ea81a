use clap::Args;

use super::support::file_kind::FileKind;
use super::support::output::print;
use super::{CliError, Exit};

/// Print the JSON Schema of a kind of file, for editors and validators
///
/// Editors with the YAML language server complete and check a file whose first line names its schema:
/// `# yaml-language-server: $schema=quirks.schema.json`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  standin schema quirks > quirks.schema.json\n  standin schema scenario")]
pub(super) struct Schema {
    /// The kind of file
    kind: FileKind,
}

impl Schema {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        print(self.kind.json_schema())?;
        Ok(Exit::Success)
    }
}
