use serde_json::Value;

/// Maximum number of notifications of one request.
pub(super) const MAX_NOTIFICATIONS: usize = 1000;

/// A message to a URL that something has happened: the effect `notify`.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// The name of the event: `client/created`.
    pub event: String,
    /// The URL.
    pub url: String,
    /// The body.
    pub payload: Value,
}
