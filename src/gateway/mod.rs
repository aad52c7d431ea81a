//! The way in and the way out: base URLs, routes, tokens, and the dialect of each family of paths.

mod door;
mod family;
mod routes;
mod tokens;

pub use door::enter;
pub use family::{Families, Family, Written};
pub use routes::{Found, Routes};
pub use tokens::{ClientClaims, authenticate, client_jwt, jwt};
