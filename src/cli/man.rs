use std::path::PathBuf;

use clap::Args;

use super::support::fixtures::cannot_write;
use super::{CliError, Exit, command};

/// Write the manual pages, for packages
///
/// One page for the program and one for each command, in section 1.
#[derive(Debug, Args)]
#[command(hide = true, after_help = "Examples:\n  standin man --out man1/")]
pub(super) struct Man {
    /// The folder to write to; it is created if it does not exist
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Man {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let written = std::fs::create_dir_all(&self.out)
            .and_then(|()| clap_mangen::generate_to(command().disable_help_subcommand(true), &self.out));
        written.map_err(|error| cannot_write(&self.out, &error))?;
        Ok(Exit::Success)
    }
}
