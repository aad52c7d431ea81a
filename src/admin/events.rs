//! `GET /events` and `GET /sessions/{session}/events`: the journal as server-sent events, as the HTML standard defines them.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, Weak};
use std::task::{Context as TaskContext, Poll};

use bytes::Bytes;
use compact_str::CompactString;
use http::header::CACHE_CONTROL;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::entry_json::{entry_json, event_json};
use super::event_texts::EventTexts;
use super::{AdminFeed, Answer, Context};
use crate::pipeline::Mock;
use crate::request::{Problem, Redactor, Response};
use crate::session::{Following, Item, Journal, JournalReader, Session, SessionLog};

/// The parameters of the routes.
pub(super) const PARAMETERS: [&str; 1] = ["from"];

/// How many items of the journal are written at once, and after how many bytes no further one is added: what a client does
/// not read stays in memory. The texts of events are not copied, so that clients that do not read share them.
const MAX_ITEMS: usize = 64;
const MAX_BYTES: usize = 64 << 10;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The events after those that were sent.
pub struct EventFeed {
    scope: Scope,
    reader: JournalReader,
    /// The events that were written and not taken yet.
    ready: VecDeque<Bytes>,
    texts: Arc<EventTexts>,
    /// A part of each id, if the process has one: another process has another journal.
    instance: Option<String>,
    is_ended: bool,
}

/// Whose events are sent.
enum Scope {
    Session { session: Weak<Session>, log: Arc<SessionLog> },
    AllSessions(Arc<Mock>),
}

/// The session whose events are sent was removed.
struct SessionRemoved;

/// The head of the response: [`feed`] and [`feed_of_all`] write the body.
pub(super) fn get(_: &Context<'_>) -> Answer {
    let event_stream = HeaderValue::from_static("text/event-stream");
    // Clients reconnect after half a second. The comment makes them and proxies see at once that the connection is open.
    let mut response = Response::with_type(StatusCode::OK, event_stream, "retry: 500\n: events of the journal\n\n");
    response.headers.push((CACHE_CONTROL, HeaderValue::from_static("no-cache")));
    Ok(response)
}

/// The requested events of a session: those after `Last-Event-ID`, else all that the journal has, or with
/// `?from=now` those to come.
///
/// # Errors
/// If there is no such session, or if the parameters are wrong.
pub(super) fn feed(ctx: &Context<'_>) -> Result<AdminFeed, Problem> {
    let session = ctx.session()?;
    let journal = Arc::clone(session.journal());
    let position = first_position(ctx, &journal)?;
    let scope = Scope::Session { log: session.log(), session: Arc::downgrade(&session) };
    Ok(follow(ctx, scope, journal.follow(position)))
}

/// The events of all sessions, as [`feed`].
///
/// # Errors
/// If the parameters are wrong.
pub(super) fn feed_of_all(ctx: &Context<'_>) -> Result<AdminFeed, Problem> {
    let journal = Arc::clone(ctx.mock.sessions().journal());
    let position = first_position(ctx, &journal)?;
    let scope = Scope::AllSessions(Arc::clone(&ctx.admin.mock));
    Ok(follow(ctx, scope, journal.follow(position)))
}

fn follow(ctx: &Context<'_>, scope: Scope, reader: JournalReader) -> AdminFeed {
    let texts = Arc::clone(&ctx.admin.event_texts);
    let instance = ctx.admin.server.instance.clone();
    AdminFeed::Events(EventFeed { scope, reader, ready: VecDeque::new(), texts, instance, is_ended: false })
}

/// The position in the journal after which events are sent. An id of another process stands before all events.
fn first_position(ctx: &Context<'_>, journal: &Journal) -> Result<u64, Problem> {
    let last = ctx.request.headers.get(LAST_EVENT_ID).filter(|id| !id.is_empty());
    let last = match last.map(|id| id.to_str().ok().and_then(|id| position_of(id.trim(), ctx))) {
        Some(None) => {
            return Err(Problem::at(
                "/headers/last-event-id",
                "write the id of an event, or its position, a whole number",
            ));
        }
        Some(position) => position,
        None => None,
    };
    ctx.check_parameters(&PARAMETERS)?;
    match (ctx.query.get("from"), last) {
        (None | Some("start" | "now"), Some(position)) => Ok(position),
        (None | Some("start"), None) => Ok(0),
        (Some("now"), None) => Ok(journal.position()),
        (Some(_), _) => Err(Problem::at("/query/from", "write `start` or `now`")),
    }
}

/// The position of an event by its id: `POSITION`, or `POSITION-INSTANCE`.
fn position_of(id: &str, ctx: &Context<'_>) -> Option<u64> {
    let (position, instance) = id.split_once('-').map_or((id, None), |(position, instance)| (position, Some(instance)));
    let position = position.parse().ok()?;
    let is_own = instance.is_none() || instance == ctx.admin.server.instance.as_deref();
    Some(if is_own { position } else { 0 })
}

impl EventFeed {
    /// The next event. Ready with `None` after the session has been removed.
    pub fn poll_next(&mut self, cx: &mut TaskContext<'_>) -> Poll<Option<Bytes>> {
        if self.ready.is_empty() && !self.is_ended {
            self.write_next(cx);
        }
        match self.next_ready() {
            Some(event) => Poll::Ready(Some(event)),
            None if self.is_ended => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    /// The next event if it was written already.
    pub fn next_ready(&mut self) -> Option<Bytes> {
        self.ready.pop_front()
    }

    /// Writes the next events: at most 64, and no further ones after 64 KiB.
    fn write_next(&mut self, cx: &mut TaskContext<'_>) {
        let Ok(followed) = self.scope.begin(&mut self.ready) else {
            self.is_ended = true;
            return self.ready.push_back(written("end", None, &json!({"reason": "the session was removed"})).into());
        };
        let Following { items, lost, .. } = self.reader.next(followed.as_ref(), MAX_ITEMS, cx.waker());
        if lost > 0 {
            self.ready.push_back(written("lost", None, &json!({"at_most": lost})).into());
        }
        let (mut redactors, is_at_end, mut size) = (HashMap::new(), items.is_empty(), 0);
        for (position, item) in items {
            if let Some(event) = self.texts.text(position, || self.write(position, &item, &mut redactors)) {
                size += event.len();
                self.ready.push_back(event);
            }
            if size >= MAX_BYTES {
                self.reader.return_to(position);
                break;
            }
        }
        // The journal wakes those that have read all of it. The sessions of these items were removed.
        if self.ready.is_empty() && !is_at_end {
            cx.waker().wake_by_ref();
        }
    }

    /// An item of the journal as an event. `None` if it has none, or if its session was removed.
    fn write(&self, position: u64, item: &Item, redactors: &mut HashMap<CompactString, Redactor>) -> Option<String> {
        let (name, shown) = match item {
            Item::Request(entry) => ("request", entry_json(entry, self.redactor(&entry.session, redactors)?)),
            Item::Event(entry) => ("clock", event_json(entry, self.redactor(&entry.session, redactors)?)),
            Item::Ended => return None,
        };
        let id = match &self.instance {
            Some(instance) => format!("{position}-{instance}"),
            None => position.to_string(),
        };
        Some(written(name, Some(&id), &shown))
    }

    /// What hides the credentials of a session. `None` if the session was removed: its credentials are unknown.
    fn redactor<'r>(
        &self,
        id: &CompactString,
        redactors: &'r mut HashMap<CompactString, Redactor>,
    ) -> Option<&'r mut Redactor> {
        if !redactors.contains_key(id) {
            let session = match &self.scope {
                Scope::Session { session, .. } => session.upgrade(),
                Scope::AllSessions(mock) => mock.sessions().find(id),
            };
            redactors.insert(id.clone(), self.texts.redactor(&session?.state()));
        }
        redactors.get_mut(id)
    }
}

impl Scope {
    /// The part of the journal to follow, `None` for that of all sessions. Writes that a session has begun anew.
    fn begin(&mut self, ready: &mut VecDeque<Bytes>) -> Result<Option<Arc<SessionLog>>, SessionRemoved> {
        match self {
            Self::AllSessions(_) => Ok(None),
            Self::Session { session, log } => {
                let current = session.upgrade().ok_or(SessionRemoved)?.log();
                if !Arc::ptr_eq(&current, log) {
                    *log = Arc::clone(&current);
                    ready.push_back(written("reset", None, &json!({})).into());
                }
                Ok(Some(current))
            }
        }
    }
}

/// One event. JSON on one line has no line breaks.
fn written(name: &str, id: Option<&str>, data: &Value) -> String {
    let mut text = String::new();
    if let Some(id) = id {
        let _ = writeln!(text, "id: {id}");
    }
    let _ = write!(text, "event: {name}\ndata: {data}\n\n");
    text
}
