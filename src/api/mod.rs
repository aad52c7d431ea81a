//! The way in and the way out: base URLs, routes, tokens, and the dialect of each family of paths.

mod dialect;
mod gateway;
mod routes;
mod tokens;

pub use dialect::{Dialect, Dialects, Rendered};
pub use gateway::enter;
pub use routes::{RouteMatch, Routes};
pub use tokens::{ClientClaims, authenticate, client_jwt, jwt};
