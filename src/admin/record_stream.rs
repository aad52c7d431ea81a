//! Records as JSON in pieces: all at once they could take many times the memory that they take in the session.

use std::collections::VecDeque;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use serde_json::json;

use super::redaction::{redacted, redactor};
use super::{Answer, Context};
use crate::request::{Redactor, Response, State};

/// The size of a piece, bytes, apart from its last record.
const PIECE: usize = 64 << 10;

/// A JSON document with lists of records, written in pieces.
pub struct RecordStream {
    /// A fork: the session goes on meanwhile.
    state: State,
    redactor: Redactor,
    parts: VecDeque<Part>,
    /// The list that is being written.
    list: Option<List>,
}

/// A part of the document.
pub(super) enum Part {
    /// JSON text.
    Text(String),
    /// The records of a kind, separated by commas.
    Records(String),
}

struct List {
    kind: String,
    /// The index of the last record that was written; 0 before the first.
    last: u64,
}

/// The head of a response whose body a [`RecordStream`] writes.
pub(super) fn head(_: &Context<'_>) -> Answer {
    Ok(Response::with_type(StatusCode::OK, HeaderValue::from_static("application/json"), ""))
}

impl RecordStream {
    /// The document with these parts.
    pub(super) fn new(state: State, parts: impl IntoIterator<Item = Part>) -> Self {
        Self { redactor: redactor(&state), state, parts: parts.into_iter().collect(), list: None }
    }

    /// The next piece; `None` at the end.
    pub(super) fn next_piece(&mut self) -> Option<Bytes> {
        let mut piece = Vec::new();
        while piece.len() < PIECE {
            if self.list.is_some() {
                self.write_records(&mut piece);
                continue;
            }
            match self.parts.pop_front() {
                Some(Part::Text(text)) => piece.extend_from_slice(text.as_bytes()),
                Some(Part::Records(kind)) => self.list = Some(List { kind, last: 0 }),
                None => break,
            }
        }
        (!piece.is_empty()).then(|| piece.into())
    }

    /// Whether everything has been written.
    pub(super) fn is_at_end(&self) -> bool {
        self.parts.is_empty() && self.list.is_none()
    }

    /// Writes records of the present list until the piece is full or the list ends.
    fn write_records(&mut self, piece: &mut Vec<u8>) {
        let Self { state, redactor, list, .. } = self;
        let Some(List { kind, last }) = list else { return };
        for (index, record) in state.store.after(kind, *last) {
            if *last > 0 {
                piece.push(b',');
            }
            *last = index;
            let shown = redacted(json!(**record), redactor);
            piece.extend_from_slice(shown.to_string().as_bytes());
            if piece.len() >= PIECE {
                return;
            }
        }
        *list = None;
    }
}
