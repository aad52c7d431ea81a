//! Which requests of a journal are meant, and in what the others differ.

mod json_subset;
mod request_match;
mod status_pattern;
mod text_match;
mod verification;

pub use request_match::{Condition, Difference, RequestMatch};
pub use status_pattern::{StatusPattern, StatusPatternError};
pub use text_match::TextMatch;
pub use verification::{CountRange, Verdict, Verification, VerificationResult};
