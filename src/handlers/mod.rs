//! Generic handlers of operations. Handlers of single APIs are in [`apis`](crate::apis).

mod crud;
pub(crate) mod query;

pub(crate) use crud::{Missing, overlay};
pub use crud::{seed_examples, serve as serve_crud};
