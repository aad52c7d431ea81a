use clap::{Args, ValueEnum};

use super::api::ApiOptions;
use super::fixtures::make;
use super::serve::summary;
use super::{CliError, Exit, print, print_status};
use crate::fixtures::{Wanted, document, pretty};

/// Prints the contracts as one OpenAPI 3.1 document: as they promise, or as the API behaves
///
/// As an overlay it is what leads from the promise to the behaviour, in the form of OpenAPI Overlay 1.0.
#[derive(Debug, Args)]
pub(super) struct WriteContract {
    #[command(flatten)]
    api: ApiOptions,

    /// As the contracts have it, or as the API behaves with the quirks that are on
    #[arg(long = "as", value_enum, default_value_t = As::Observed)]
    as_what: As,

    /// The form
    #[arg(long, value_enum, default_value_t = Form::Openapi)]
    format: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum As {
    Documented,
    Observed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Openapi,
    Overlay,
}

impl WriteContract {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let engine = self.api.engine()?;
        if let Some(summary) = summary(&engine).filter(|_| self.as_what == As::Documented) {
            print_status(&summary);
        }
        let documented = document::documented(engine.contract());
        let observed =
            || -> Result<_, CliError> { Ok(document::observed(&make(&engine, &self.api, &Wanted::default())?)) };
        let written = match (self.as_what, self.format) {
            (As::Documented, Form::Openapi) => documented,
            (As::Observed, Form::Openapi) => observed()?,
            (As::Documented, Form::Overlay) => document::overlay(&documented, &documented),
            (As::Observed, Form::Overlay) => document::overlay(&documented, &observed()?),
        };
        print(&pretty(&written))?;
        Ok(Exit::Success)
    }
}
