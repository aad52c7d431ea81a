//! Handlers of inTandem: side effects and states that its resources files cannot express. One file per resource.
//!
//! The tables `operations` and `after` of `*.resources.yaml` say which operation uses which function, by name.

pub mod apps;
pub mod clients;
pub mod communication;
pub mod jwt;
mod money;
pub mod platform;
pub mod sales;
pub mod scheduling;

use crate::apis::functions::{Functions, Generate, TokenValue};
use crate::model::Record;

/// All functions, by module.
pub static FUNCTIONS: &[&Functions] = &[
    &apps::FUNCTIONS,
    &clients::FUNCTIONS,
    &communication::FUNCTIONS,
    &platform::FUNCTIONS,
    &sales::FUNCTIONS,
    &scheduling::FUNCTIONS,
];

/// Generators of records, by kind.
pub static GENERATORS: &[(&str, Generate)] = &[("client", clients::generate::fill_up)];

/// Functions that make the values of a scenario's tokens, by the name under `value` of the kind of token.
pub static TOKEN_VALUES: &[(&str, TokenValue)] = &[("client_jwt", client_token)];

/// The token of a client: the same for every seed and on every day, so that it can be written down.
fn client_token(client: &Record, jti: &str) -> String {
    jwt::client_jwt(&jwt::ClientClaims::lasting(&client.id, client.text("business_uid"), jti)).0
}
