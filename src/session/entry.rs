use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use compact_str::CompactString;
use jiff::Timestamp;
use smallvec::SmallVec;

use super::SessionLog;
use crate::model::Change;
use crate::request::{Request, Response};

/// How much of a body the journal holds, bytes.
const MAX_BODY: usize = 64 << 10;

/// What an entry takes in memory besides paths, headers and bodies, bytes: an estimate.
const BASE_SIZE: usize = 700;
/// What one header, and one change, take in memory, bytes: an estimate.
const HEADER_SIZE: usize = 80;
const CHANGE_SIZE: usize = 200;

/// One entry of the journal.
#[derive(Debug)]
pub struct Entry {
    /// The session's part of the journal.
    pub log: Arc<SessionLog>,
    /// Its number in the session, from 1.
    pub seq: u64,
    /// The id of the session.
    pub session: CompactString,
    /// The time of the session's clock.
    pub at: Timestamp,
    /// What the entry is about.
    pub kind: EntryKind,
    /// What it has changed.
    pub changes: Vec<Change>,
}

/// What an entry of the journal is about.
#[derive(Debug)]
pub enum EntryKind {
    /// A request and its response.
    Call(Box<Call>),
    /// Something that happened because time has passed.
    Event(Event),
}

/// A request and its response.
#[derive(Debug)]
pub struct Call {
    /// The request, without the session's prefix, header or token suffix. Of a long body, the beginning.
    pub request: Request,
    /// The size of the request's body, bytes.
    pub request_size: usize,
    /// The response. Of a long body, the beginning.
    pub response: Response,
    /// The size of the response's body, bytes.
    pub response_size: usize,
    /// How long it took to make the response, if it was measured.
    pub elapsed: Option<Duration>,
    /// The path without the prefix of the gateway.
    pub path: CompactString,
    /// The key of the operation, such as `GET /v1/pets`; `None` if the path has no operation of the method.
    pub operation: Option<Arc<str>>,
    /// The ids of the quirks that changed the response.
    pub quirks: SmallVec<[Arc<str>; 2]>,
}

/// Something that happened because time has passed.
#[derive(Debug)]
pub struct Event {
    /// What happened, such as `client_package expired`.
    pub name: String,
}

impl Call {
    /// A request and its response, with the beginnings of long bodies.
    pub fn new(mut request: Request, mut response: Response, elapsed: Option<Duration>) -> Self {
        let (request_size, response_size) = (request.body.len(), response.body.len());
        shorten(&mut request.body);
        shorten(&mut response.body);
        let (path, operation, quirks) = (CompactString::default(), None, SmallVec::new());
        Self { request, request_size, response, response_size, elapsed, path, operation, quirks }
    }
}

impl Entry {
    /// The request and response, if the entry is about one.
    pub fn call(&self) -> Option<&Call> {
        match &self.kind {
            EntryKind::Call(call) => Some(call),
            EntryKind::Event(_) => None,
        }
    }

    /// About how much memory it takes, bytes.
    pub(super) fn size(&self) -> usize {
        let content = match &self.kind {
            EntryKind::Call(call) => {
                let Call { request, response, .. } = &**call;
                let query = request.query.as_ref().map_or(0, String::len);
                let headers = request.headers.len() + response.headers.len();
                request.path.len() + query + headers * HEADER_SIZE + request.body.len() + response.body.len()
            }
            EntryKind::Event(event) => event.name.len(),
        };
        BASE_SIZE + content + self.changes.len() * CHANGE_SIZE
    }
}

/// Copies the beginning of a long body: a part of it would hold the whole in memory.
fn shorten(body: &mut Bytes) {
    if body.len() > MAX_BODY {
        *body = Bytes::copy_from_slice(&body[..MAX_BODY]);
    }
}
