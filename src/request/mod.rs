//! One request, from what was sent to its response, and the [`State`] of a session that it reads and changes.
//!
//! Nothing here knows sockets, the system clock or the terminal: time, ids and randomness come from the state.

mod basic;
mod behaviour;
mod cache;
mod caller;
mod clock;
mod content_coding;
mod context;
mod error;
mod http_request;
mod idempotency;
mod ids;
mod json_sink;
mod json_text;
mod media_type;
mod new_id;
mod notification;
mod outcome;
mod prepared_body;
mod problem;
mod quirk_flags;
mod reply;
mod response;
mod sensitive;
mod settings;
mod shaped_writer;
mod state;
mod time_events;
mod timestamps;

pub use crate::model::time_text;
pub use basic::decode_basic;
pub use behaviour::{BehaviourRunner, RequestView, delete_stored, error_kind};
pub use cache::{CacheLimits, CachePlace, RequestCache, ResponseCache};
pub use caller::Caller;
pub use clock::Clock;
pub use content_coding::{CodingError, SUPPORTED_CODINGS, decode_content};
pub use context::{Context, Findings, Handler, Progress, Stop};
pub use error::{ApiError, ErrorKind};
pub use http_request::{FORWARDED_PREFIX, PathValues, Query, Request};
pub use idempotency::IdempotencyKeys;
pub use ids::Ids;
pub use json_text::plain_length;
pub use media_type::{is_media_type, media_type, media_type_parameter};
pub use new_id::{generate_id, generate_uncounted_id, has_id_form, scalar_id};
pub use notification::Notification;
pub use outcome::{Document, Outcome};
pub use prepared_body::{LARGE_BODY, PreparedBody};
pub use problem::Problem;
pub use quirk_flags::QuirkFlags;
pub use reply::{AddedField, RecordView, Reply, ReplyMode, ReplyPart, is_id_field};
pub use response::{
    AppliedQuirks, ContractViolation, ErrorMeta, FAULTS_HEADER, NEAREST_HEADER, QUIRKS_HEADER, REJECTED_HEADER,
    Response, ResponseMeta, with_digits,
};
pub use sensitive::{
    Found, HIDDEN, Place, Redactor, Sensitive, find, flat_name, iban_remainder, is_credential_id, is_credential_kind,
    is_opaque, is_person, kind_of, luhn_sum, redact_credentials, redact_target, redact_text, redact_value,
    sensitive_values, shown_header, visit_value,
};
pub use settings::{Checking, Settings, UnknownIds};
pub use shaped_writer::{ShapedWriter, reformat_time};
pub use state::{Revision, State, ValidRange};
pub use time_events::TimeEvent;
pub use timestamps::{format_timestamp, set_updated};
