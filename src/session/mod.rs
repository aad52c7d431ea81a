//! Sessions: isolated worlds of one API, and what belongs to each of them.
//!
//! A [`Session`] has its own records, ids, clock, quirk flags, faults and journal. [`Sessions`] creates them by id, as forks
//! of one initial state, and bounds their number; [`select_session`] finds out which one a request belongs to. The
//! [`Journal`] is bounded for all sessions together.

mod delivery;
mod entry;
mod journal;
mod matching;
mod migration;
mod select;
mod sessions;
mod start;
mod world;

pub use delivery::{Delivery, DeliveryStatus, NotificationSender};
pub use entry::{Call, Entry, EventEntry, HeaderLines};
pub use journal::{Following, Item, Journal, JournalLimits, JournalReader, SessionLog};
pub use matching::{
    Condition, CountRange, Difference, RequestMatch, StatusPattern, StatusPatternError, TextMatch, Verdict,
    Verification, VerificationResult,
};
pub use select::{
    SESSION_HEADER, SESSION_STATE_HEADER, SelectionError, SessionId, possible_suffix, select_session, split_prefix,
};
pub use sessions::{CreateError, Found, SessionLimits, Sessions};
pub use start::Start;
pub use world::{Session, SessionVersion, Stamp};
