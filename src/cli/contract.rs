use clap::{Args, ValueEnum};

use super::api::ApiOptions;
use super::support::fixtures::make;
use super::support::notes::summary;
use super::support::output::{print, print_status};
use super::{CliError, Exit};
use crate::fixtures::{Wanted, document};

/// Print the contracts as one OpenAPI 3.1 document, as documented or as observed
///
/// The observed document describes the API with the quirks that are on. With `--format overlay` the difference between the
/// documented and the selected document is printed as an OpenAPI Overlay 1.0.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  standin contract > openapi.json\n  standin contract --as documented --swagger my-api/\n  standin contract --format overlay"
)]
pub(super) struct WriteContract {
    /// Which behaviour to describe
    #[arg(long = "as", value_enum, default_value_t = Behaviour::Observed)]
    behaviour: Behaviour,

    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Openapi)]
    format: Format,

    #[command(flatten)]
    api: ApiOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Behaviour {
    /// What the contracts promise
    Documented,
    /// What the API does with the quirks that are on
    Observed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A whole OpenAPI 3.1 document
    Openapi,
    /// The changes to the documented contract, as an OpenAPI Overlay 1.0
    Overlay,
}

impl WriteContract {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let engine = self.api.engine()?;
        if let Some(summary) = summary(&engine).filter(|_| self.behaviour == Behaviour::Documented) {
            print_status(&summary);
        }
        let documented = document::documented(&engine);
        let observed =
            || -> Result<_, CliError> { Ok(document::observed(&make(&engine, &self.api, &Wanted::default())?)) };
        let document = match (self.behaviour, self.format) {
            (Behaviour::Documented, Format::Openapi) => documented,
            (Behaviour::Observed, Format::Openapi) => observed()?,
            (Behaviour::Documented, Format::Overlay) => document::overlay(&documented, &documented),
            (Behaviour::Observed, Format::Overlay) => document::overlay(&documented, &observed()?),
        };
        print(&format!("{document:#}\n"))?;
        Ok(Exit::Success)
    }
}
