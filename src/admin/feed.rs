use std::collections::VecDeque;
use std::task::{Context, Poll};

use bytes::Bytes;

use super::events::EventFeed;
use super::record_stream::RecordStream;
use crate::request::with_digits;

/// What continues the body of a response of the control API.
pub enum AdminFeed {
    /// The events of a session.
    Events(EventFeed),
    /// The rest of a text in pieces.
    Pieces(VecDeque<Bytes>),
    /// The rest of a document with many records.
    Records(Box<RecordStream>),
}

impl AdminFeed {
    /// The next piece; ready with `None` at the end.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match self {
            Self::Events(events) => events.poll_next(cx),
            Self::Pieces(pieces) => Poll::Ready(pieces.pop_front().map(with_digits)),
            Self::Records(records) => Poll::Ready(records.next_piece().map(with_digits)),
        }
    }

    /// The next piece if it is ready already: an event that was found with others before it.
    pub fn next_ready(&mut self) -> Option<Bytes> {
        match self {
            Self::Events(events) => events.next_ready(),
            Self::Pieces(_) | Self::Records(_) => None,
        }
    }

    /// The first piece of a document, and the rest if there is more. Events begin with what the response has.
    pub(super) fn begin(mut self) -> (Option<Bytes>, Option<Self>) {
        let (first, is_at_end) = match &mut self {
            Self::Events(_) => (None, false),
            Self::Pieces(pieces) => (pieces.pop_front(), pieces.is_empty()),
            Self::Records(records) => (records.next_piece(), records.is_at_end()),
        };
        (first.map(with_digits), (!is_at_end).then_some(self))
    }
}
