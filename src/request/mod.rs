//! One call, from what was sent to what is answered, and the [`State`] in which it happens.
//!
//! Nothing here knows sockets, the wall clock or the terminal: time, ids and randomness come from the world.

mod error;
mod ids;
mod json_text;
mod media_type;
mod quirk_flags;
mod reply;
mod request;
mod response;
mod settings;
mod shaped_writer;
mod state;

pub use error::{ApiError, ErrorKind};
pub use ids::Ids;
pub use json_text::plain_length;
pub use media_type::{is_media_type, media_type, media_type_parameter};
pub use quirk_flags::QuirkFlags;
pub use reply::{RecordView, Reply, ReplyMode, ReplyPart};
pub use request::{
    AfterWrite, Caller, Context, Gateway, Handler, PathValues, Query, Request, TokenKind, record_business,
    record_client,
};
pub use response::{NEAREST_HEADER, QUIRKS_HEADER, REJECTED_HEADER, Response};
pub use settings::{Checking, Settings, UnknownIds};
pub use shaped_writer::{ShapedWriter, reformat_time};
pub use state::{Clock, Revision, State, time_text};
