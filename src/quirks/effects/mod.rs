//! The effects that a quirk can have: one file each.

mod allow;
mod coerce;
mod default_query;
mod duplicate;
mod expose;
mod override_response;
mod page;
mod reference;
mod require;
mod respond;

pub use allow::Allow;
pub use coerce::{Coerce, CoerceTo};
pub use default_query::DefaultQuery;
pub use duplicate::Duplicate;
pub use expose::Expose;
pub use override_response::Override;
pub use page::Page;
pub use reference::Reference;
pub use require::Require;
pub use respond::Respond;
