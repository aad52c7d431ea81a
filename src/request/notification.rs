use http::Method;
use serde_json::Value;

/// Maximum number of notifications of one request.
pub(super) const MAX_NOTIFICATIONS: usize = 1000;

/// A message to a URL that something has happened: the effect `notify`.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// The name of the event (`client/created`), the callback or the webhook.
    pub event: String,
    /// The method of the request.
    pub method: Method,
    /// The URL.
    pub url: String,
    /// The body.
    pub payload: Value,
    /// How the body differs from what the contract documents, if it does: JSON pointer and message.
    pub violation: Option<String>,
}
