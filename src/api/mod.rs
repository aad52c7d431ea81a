//! An API as its `standin.yaml` describes it: gateways, tokens, ownership, response dialects, and the names of its Rust
//! handlers.
//!
//! ```yaml
//! name: pets
//! gateways:
//!   public: {prefixes: [/public]}
//!   partner: {prefixes: [/partner]}
//! tokens:
//!   schemes: [Bearer]
//!   kinds: {keeper: {subject: keeper}}
//! ownership: {kind: shelter, fields: [shelter_id]}
//! dialects:
//!   - {name: pets, paths: [/v1/**], success: $data, errors: {not_found: {status: 404, body: {message: $message}}}}
//! ```
//!
//! Which API is served is decided by identity, never by paths: `--api`, a `standin.yaml`, or the hosts that a contract
//! names; see [`identity`].

mod dialect;
mod gateways;
pub mod identity;
mod read;
mod routes;
mod scenario_files;
mod tokens;

pub use dialect::{Dialect, Dialects, Rendered};
pub use gateways::{Gateway, Gateways};
pub use routes::{RouteMatch, Routes};
pub use scenario_files::ScenarioFiles;
pub use tokens::{ActsFor, OnBehalfOf, Scheme, TokenKind, Tokens};

use std::sync::Arc;

use crate::model::Ownership;

/// The JSON Schema of `standin.yaml`.
pub const JSON_SCHEMA: &str = include_str!("standin.schema.json");

/// What is known of an API besides its contracts. The default is an API of which nothing but the contracts is known.
#[derive(Clone, Debug, Default)]
pub struct Api {
    /// Its name; empty if no `standin.yaml` describes it.
    pub name: String,
    /// The hosts that the real API is served from: contracts that name one of them are contracts of this API.
    pub hosts: Vec<String>,
    /// The scenario to start with if the user names none.
    pub scenario: Option<String>,
    /// The scenario for workflow documents.
    pub documents_scenario: Option<String>,
    /// Which Rust handlers apply, by the name of their module.
    pub handlers: Option<String>,
    /// Whether nothing is inferred beyond the contract; see [`Resources`](crate::openapi::Resources).
    pub documented_behaviour_only: bool,
    /// The dates of the observations that its quirks reproduce, such as `2026-02`. The first one is the default.
    pub observed: Vec<String>,
    /// Its base URLs.
    pub gateways: Gateways,
    /// Its tokens.
    pub tokens: Tokens,
    /// Which records own others.
    pub ownership: Arc<Ownership>,
    /// How success and errors are written.
    pub dialects: Dialects,
    /// Whether responses omit the headers that their contracts document.
    pub omits_documented_headers: bool,
    /// Variables of steps that follow from the records of a scenario's tokens.
    pub params: Vec<TokenParam>,
}

/// A variable of steps that follows from a token of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenParam {
    /// The kind of the token; the first one of that kind counts.
    pub token: String,
    /// The names of the variable.
    pub names: Vec<String>,
    /// The field of the token's record that holds the value.
    pub field: String,
    /// If given, the value is the id of the first record of this kind that names the field's value in its own field.
    pub first: Option<(String, String)>,
}
