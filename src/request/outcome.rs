use http::{HeaderValue, StatusCode};
use serde_json::Value;

use super::{ApiError, Reply, Response};

/// The result of a request, from the handler's reply to the finished response.
#[derive(Debug, Default)]
pub enum Outcome {
    /// None yet.
    #[default]
    Pending,
    /// A handler's reply.
    Reply(Reply),
    /// A success without a body.
    Empty,
    /// A body in the documented form of a success.
    Body(Value),
    /// A success that quirks have changed.
    Document(Document),
    /// An error.
    Error(ApiError),
    /// A response without the headers that describe it.
    Response(Box<Response>),
    /// The finished response.
    Finished(Response),
    /// The finished response to an earlier, equal request.
    Cached(Response),
}

impl Outcome {
    /// The finished response.
    pub fn response(&self) -> Option<&Response> {
        match self {
            Self::Finished(response) | Self::Cached(response) => Some(response),
            _ => None,
        }
    }
}

/// A JSON response before it is written.
#[derive(Debug)]
pub struct Document {
    /// The status.
    pub status: StatusCode,
    /// The content type.
    pub content_type: HeaderValue,
    /// The body.
    pub body: Value,
}
