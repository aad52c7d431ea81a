//! `GET /sessions/{session}/events`: the journal of a session as server-sent events, as the HTML standard defines them.

use std::fmt::Write as _;
use std::sync::{Arc, Weak};
use std::task::{Context as TaskContext, Poll};

use bytes::Bytes;
use http::header::CACHE_CONTROL;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::entry_json::{entry_json, event_json};
use super::redaction::redactor;
use super::{AdminFeed, Answer, Context};
use crate::request::{Problem, Response};
use crate::session::{Following, Item, Journal, Session, SessionLog};

/// The parameters of the route.
pub(super) const PARAMETERS: [&str; 1] = ["from"];

/// How many items of the journal are written at once.
const MAX_ITEMS: usize = 64;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The events of a session after those that were sent.
pub struct EventFeed {
    session: Weak<Session>,
    journal: Arc<Journal>,
    log: Arc<SessionLog>,
    /// The position in the journal up to which all was sent.
    position: u64,
    is_ended: bool,
}

/// The head of the response: [`feed`] writes the body.
pub(super) fn get(_: &Context<'_>) -> Answer {
    let event_stream = HeaderValue::from_static("text/event-stream");
    // The comment makes clients and proxies see at once that the connection is open.
    let mut response = Response::with_type(StatusCode::OK, event_stream, ": events of a session\n\n");
    response.headers.push((CACHE_CONTROL, HeaderValue::from_static("no-cache")));
    Ok(response)
}

/// The events that a request asks for: those after `Last-Event-ID`, else all that the journal has, or with `?from=now` those
/// to come.
///
/// # Errors
/// If there is no such session, or if the parameters are wrong.
pub(super) fn feed(ctx: &Context<'_>) -> Result<AdminFeed, Problem> {
    let session = ctx.session()?;
    let journal = Arc::clone(session.journal());
    let last = ctx.request.headers.get(LAST_EVENT_ID).filter(|id| !id.is_empty());
    let last = match last.map(|id| id.to_str().ok().and_then(|id| id.trim().parse().ok())) {
        Some(None) => return Err(Problem::at("/headers/last-event-id", "write the id of an event, a whole number")),
        Some(position) => position,
        None => None,
    };
    ctx.check_parameters(&PARAMETERS)?;
    let position = match (ctx.query.get("from"), last) {
        (None | Some("start" | "now"), Some(position)) => position,
        (None | Some("start"), None) => 0,
        (Some("now"), None) => journal.position(),
        (Some(_), _) => return Err(Problem::at("/query/from", "write `start` or `now`")),
    };
    let log = session.log();
    let session = Arc::downgrade(&session);
    Ok(AdminFeed::Events(EventFeed { session, journal, log, position, is_ended: false }))
}

impl EventFeed {
    /// The next events, at most 64. Ready with `None` after the session has been removed.
    pub fn poll_next(&mut self, cx: &mut TaskContext<'_>) -> Poll<Option<Bytes>> {
        if self.is_ended {
            return Poll::Ready(None);
        }
        let Some(session) = self.session.upgrade() else {
            self.is_ended = true;
            return Poll::Ready(Some(written("end", None, &json!({"reason": "the session was removed"})).into()));
        };
        let mut text = String::new();
        let log = session.log();
        if !Arc::ptr_eq(&log, &self.log) {
            self.log = log;
            text.push_str(&written("reset", None, &json!({})));
        }
        let Following { items, position, lost } = self.journal.follow(&self.log, self.position, MAX_ITEMS, cx.waker());
        self.position = position;
        if lost > 0 {
            text.push_str(&written("lost", None, &json!({"at_most": lost})));
        }
        if !items.is_empty() {
            let mut redactor = redactor(&session.state());
            for (position, item) in items {
                let (name, shown) = match item {
                    Item::Request(entry) => ("request", entry_json(&entry, &mut redactor)),
                    Item::Event(entry) => ("clock", event_json(&entry, &mut redactor)),
                    Item::Ended => continue,
                };
                text.push_str(&written(name, Some(position), &shown));
            }
        }
        match text.is_empty() {
            true => Poll::Pending,
            false => Poll::Ready(Some(text.into())),
        }
    }
}

/// One event. JSON on one line has no line breaks.
fn written(name: &str, id: Option<u64>, data: &Value) -> String {
    let mut text = String::new();
    if let Some(id) = id {
        let _ = writeln!(text, "id: {id}");
    }
    let _ = write!(text, "event: {name}\ndata: {data}\n\n");
    text
}
