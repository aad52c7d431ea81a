//! Handlers of single APIs, for behavior that tables cannot express. Each API has a module of its own.
//!
//! Functions are registered by name. The tables `operations` and `after` of the API's resources files say which operation
//! uses which function; [`bind`] looks the names up.

mod bind;
mod functions;
mod handlers;
pub mod intandem;

pub use bind::{OperationFunctions, bind};
pub use functions::{Functions, Generate, IndexRow, TokenValue};
pub use handlers::Handlers;
