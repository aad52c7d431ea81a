//! One call, from what was sent to what is answered, and the [`World`] in which it happens.
//!
//! Nothing here knows sockets, the wall clock or the terminal: time, ids and randomness come from the world.

mod call;
mod ids;
mod payload;
mod plain;
mod project;
mod refusal;
mod settings;
mod switches;
mod world;

pub use call::{Call, Caller, Door, Exchange, PathValues, Query, TokenKind, business_of, client_of};
pub use ids::Ids;
pub use payload::{Form, Part, Payload, View};
pub use plain::plain_length;
pub use project::{Projection, respelled};
pub use refusal::{Refusal, RefusalKind};
pub use settings::{Checking, Settings, UnknownIds};
pub use switches::Switches;
pub use world::{Clock, Revision, World, time_text};
