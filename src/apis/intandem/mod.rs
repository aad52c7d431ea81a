//! Handlers of inTandem for what its resources files say badly or slowly; the first line of each file says why. One file per resource.
//!
//! The tables `operations` and `after` of `*.resources.yaml` say which operation uses which function, by name.

pub mod clients;
pub mod jwt;
mod money;
pub mod platform;
pub mod sales;
pub mod scheduling;

use crate::apis::functions::{Functions, Generate, TokenValue};
use crate::model::Record;

/// All functions, by module.
pub static FUNCTIONS: &[&Functions] =
    &[&clients::FUNCTIONS, &platform::FUNCTIONS, &sales::FUNCTIONS, &scheduling::FUNCTIONS];

/// Generators of records, by kind.
pub static GENERATORS: &[(&str, Generate)] = &[("client", clients::generate::fill_up)];

/// Functions that make the values of a scenario's tokens, by the name under `value` of the kind of token.
pub static TOKEN_VALUES: &[(&str, TokenValue)] = &[("client_jwt", client_token)];

/// The token of a client: the same for every seed and on every day, so that it can be written down.
fn client_token(client: &Record, jti: &str) -> String {
    jwt::client_jwt(&jwt::ClientClaims::lasting(&client.id, client.text("business_uid"), jti)).0
}
