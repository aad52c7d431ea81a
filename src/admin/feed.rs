use std::task::{Context, Poll};

use bytes::Bytes;

use super::events::EventFeed;
use super::record_stream::RecordStream;

/// What continues the body of a response of the control API.
pub enum AdminFeed {
    /// The events of a session.
    Events(EventFeed),
    /// The rest of a document with many records.
    Records(Box<RecordStream>),
}

impl AdminFeed {
    /// The next piece; ready with `None` at the end.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match self {
            Self::Events(events) => events.poll_next(cx),
            Self::Records(records) => Poll::Ready(records.next_piece()),
        }
    }
}
