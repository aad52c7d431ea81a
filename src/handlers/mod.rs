//! What a contract cannot say: side effects and states. One file per resource.
//!
//! A behaviour is registered under the key of its operation, `METHOD /full/path`, and returns a payload or a
//! refusal; it never knows how its family writes either. Operations without one are served by [`serve_crud`].

mod crud;
pub(crate) mod list;

pub use crud::{seed_examples, serve as serve_crud};
