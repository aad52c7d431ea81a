//! The kinds of files that people write, and their JSON Schemas.

use clap::ValueEnum;

use crate::openapi::resource;
use crate::{api, fixtures, quirks, scenarios};

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FileKind {
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

impl FileKind {
    /// The kinds of files that an API folder can have beside its contracts.
    pub(crate) const OF_FOLDERS: [Self; 4] = [Self::Api, Self::Quirks, Self::Resources, Self::Scenario];

    /// The JSON Schema of the kind.
    pub(crate) fn json_schema(self) -> &'static str {
        match self {
            Self::Api => api::JSON_SCHEMA,
            Self::Quirks => quirks::JSON_SCHEMA,
            Self::Resources => resource::JSON_SCHEMA,
            Self::Scenario => scenarios::JSON_SCHEMA,
            Self::Fixture => fixtures::JSON_SCHEMA,
        }
    }

    /// The name of a file with the schema.
    pub(crate) fn schema_file(self) -> &'static str {
        match self {
            Self::Api => "api.schema.json",
            Self::Quirks => "quirks.schema.json",
            Self::Resources => "resources.schema.json",
            Self::Scenario => "scenario.schema.json",
            Self::Fixture => "fixture.schema.json",
        }
    }
}
