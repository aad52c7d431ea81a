//! Handlers that serve the operations of any API.

mod condition;
mod crud;
mod filter;
mod json_filters;
pub(crate) mod paging;
mod procedure;
pub(crate) mod query;
mod sorting;

pub(crate) use crud::{Missing, overlay};
pub use crud::{id_form, key_names, seed_examples, serve as serve_crud};
pub use procedure::serve_procedure;
