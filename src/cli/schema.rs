use clap::{Args, ValueEnum};

use super::support::output::print;
use super::{CliError, Exit};
use crate::openapi::resource;
use crate::{api, fixtures, quirks, scenarios};

/// Print the JSON Schema of a kind of file, for editors and validators
///
/// Editors with the YAML language server complete and check a file whose first line names its schema:
/// `# yaml-language-server: $schema=quirks.schema.json`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  standin schema quirks > quirks.schema.json\n  standin schema scenario")]
pub(super) struct Schema {
    /// The kind of file
    kind: Kind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// `standin.yaml`: gateways, tokens, ownership and dialects of an API
    Api,
    /// `*.quirks.yaml`: departures of an API from its contracts
    Quirks,
    /// `*.resources.yaml`: kinds of records
    Resources,
    /// Scenarios: records, tokens and steps
    Scenario,
    /// Fixtures, as `standin fixtures --format json` writes them
    Fixture,
}

impl Schema {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        print(match self.kind {
            Kind::Api => api::JSON_SCHEMA,
            Kind::Quirks => quirks::JSON_SCHEMA,
            Kind::Resources => resource::JSON_SCHEMA,
            Kind::Scenario => scenarios::JSON_SCHEMA,
            Kind::Fixture => fixtures::JSON_SCHEMA,
        })?;
        Ok(Exit::Success)
    }
}
