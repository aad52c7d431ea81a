use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::MockSession;

/// The clock of a session. What is due when time passes happens on each change, in order of time.
pub struct MockClock<'s>(&'s MockSession);

impl<'s> MockClock<'s> {
    pub(super) fn new(session: &'s MockSession) -> Self {
        Self(session)
    }

    /// The time.
    #[track_caller]
    pub fn now(&self) -> Timestamp {
        time(&self.0.send(Method::GET, "clock", None))
    }

    /// Moves on by a span of time: an integer and `ms`, `s`, `min`, `h`, `d`, `w`, `m` (months) or `y`. Returns the time.
    ///
    /// # Panics
    /// If the span is malformed.
    #[track_caller]
    pub fn advance(&self, span: &str) -> Timestamp {
        self.put(&json!({"advance": span}))
    }

    /// Shows a time from now on.
    #[track_caller]
    pub fn set(&self, now: Timestamp) -> Timestamp {
        self.put(&json!({"now": now.to_string()}))
    }

    /// Stops the clock.
    #[track_caller]
    pub fn freeze(&self) -> Timestamp {
        self.put(&json!({"frozen": true}))
    }

    /// Lets the clock run.
    #[track_caller]
    pub fn run(&self) -> Timestamp {
        self.put(&json!({"frozen": false}))
    }

    #[track_caller]
    fn put(&self, change: &Value) -> Timestamp {
        time(&self.0.send(Method::PUT, "clock", Some(change)))
    }
}

/// The time of a clock that the control API has returned.
fn time(clock: &Value) -> Timestamp {
    clock["now"].as_str().and_then(|now| now.parse().ok()).unwrap_or_default()
}
