//! What is inferred from a contract alone: which requests create, list, read, change and delete records, which part of a
//! list they ask for, and what responses show.

mod changes;
mod collections;
mod declared_roles;
mod documented_only;
mod embedded;
mod filters;
mod idempotency;
mod json_filters;
mod keys;
mod links;
mod many_records;
mod pages;
mod parents;
mod query_fields;
mod records;
mod wrapped;

use serde_json::Value;
use standin::diagnostics::SourceFile;
use standin::openapi::ApiFolder;
use standin::request::Settings;

use crate::served::{Received, Served};

/// A contract without other files.
fn api(contract: &str) -> Served {
    Served::new(contract, Settings::default())
}

/// The same contract with `documented_behaviour_only` in its `standin.yaml`.
fn documented_only(contract: &str) -> Served {
    let folder = ApiFolder {
        contracts: vec![SourceFile::new("api.yaml", contract)],
        settings: vec![SourceFile::new("standin.yaml", "name: harbour\ndocumented_behaviour_only: true\n")],
        ..ApiFolder::default()
    };
    Served::of(&folder, Settings::default())
}

/// Query parameters with these names and schemas, as a list in YAML.
fn query_parameters<'p>(parameters: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
    let parameters = parameters.into_iter();
    let parameters = parameters.map(|(name, schema)| format!("{{name: '{name}', in: query, schema: {{{schema}}}}}"));
    parameters.collect::<Vec<_>>().join(", ")
}

/// The id of a new record.
fn new_id(created: &Received) -> String {
    assert_eq!(created.status, 201, "{}", created.text);
    created.json()["id"].as_str().expect("an id").to_owned()
}

/// The values of one field in a list of records.
fn each<'v>(list: &'v Value, field: &str) -> Vec<&'v str> {
    let list = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    list.iter().map(|record| record[field].as_str().unwrap_or_default()).collect()
}
