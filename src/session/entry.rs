use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use compact_str::CompactString;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use smallvec::SmallVec;

use super::{Delivery, SessionLog};
use crate::faults::FaultId;
use crate::model::Change;
use crate::request::{ErrorMeta, Request, Response, TimeEvent};

/// How much of a body or of a changed record the journal holds, bytes.
pub(super) const MAX_BODY: usize = 64 << 10;

/// What an entry takes in memory besides paths, headers and bodies, bytes: an estimate.
const BASE_SIZE: usize = 700;
/// What one change takes in memory, bytes: an estimate.
const CHANGE_SIZE: usize = 200;

/// An event of a session's clock in the journal.
#[derive(Debug)]
pub struct EventEntry {
    /// The session's part of the journal.
    pub log: Arc<SessionLog>,
    /// Its number in the session; requests and events are numbered together.
    pub seq: u64,
    /// The id of the session.
    pub session: CompactString,
    /// What has happened.
    pub event: TimeEvent,
    /// What it sends to other servers.
    pub deliveries: Vec<Arc<Delivery>>,
}

impl EventEntry {
    /// What an event takes in memory besides what it sends, bytes: an estimate.
    const BASE_SIZE: usize = 500;

    pub(super) fn size(&self) -> usize {
        Self::BASE_SIZE + size_of_deliveries(&self.deliveries)
    }
}

fn size_of_deliveries(deliveries: &[Arc<Delivery>]) -> usize {
    deliveries.iter().map(|delivery| delivery.size).sum()
}

/// A request in the journal.
#[derive(Debug)]
pub struct Entry {
    /// The session's part of the journal.
    pub log: Arc<SessionLog>,
    /// Its number in the session, from 1; requests and events are numbered together.
    pub seq: u64,
    /// The id of the session.
    pub session: CompactString,
    /// The time of the session's clock.
    pub at: Timestamp,
    /// The request and its response.
    pub call: Call,
    /// What the request has changed.
    pub changes: Vec<Change>,
    /// What it sends to other servers.
    pub deliveries: Vec<Arc<Delivery>>,
}

/// A request, without the session's prefix, header or token suffix, and its response.
///
/// The text of the heads is copied, into one piece of memory: a part of what the server has read from a connection would hold the
/// whole in memory, and many small pieces would take longer to free than to copy. So is the body of the request; that of the
/// response is shared.
#[derive(Debug)]
pub struct Call {
    /// When the request was received, by the clock of requests.
    pub received: Timestamp,
    /// The method.
    pub method: Method,
    /// The length of the gateway's prefix in the path, bytes.
    pub prefix_length: usize,
    /// The size of the request's body, bytes.
    pub body_size: usize,
    /// The key of the operation, such as `GET /v1/pets`; `None` if the path has no operation of the method.
    pub operation: Option<Arc<str>>,
    /// The kind of the caller's token; empty if it has none.
    pub caller: CompactString,
    /// The status of the response.
    pub status: StatusCode,
    /// The size of the response's body, bytes.
    pub response_size: usize,
    /// How long it took to make the response, if it was measured.
    pub elapsed: Option<Duration>,
    /// The ids of the quirks that changed the response.
    pub quirks: SmallVec<[Arc<str>; 2]>,
    /// The ids of the faults that took part.
    pub faults: Vec<FaultId>,
    /// Why the request was rejected, if it was.
    pub error: Option<Box<ErrorMeta>>,
    has_query: bool,
    /// Path, query, headers and body of the request, headers of the response.
    text: Box<[u8]>,
    /// Where each of them ends.
    ends: [u32; PARTS],
    response_body: Bytes,
}

const PARTS: usize = 5;

/// Headers in order: lines of a name in lower case, a colon and a value.
#[derive(Clone, Copy, Debug)]
pub struct HeaderLines<'c>(&'c [u8]);

impl<'c> HeaderLines<'c> {
    /// Names in lower case, and values.
    pub fn iter(self) -> impl Iterator<Item = (&'c str, &'c [u8])> {
        // Neither names nor values contain line breaks, and names no colons.
        let lines = self.0.split(|byte| *byte == b'\n');
        lines.filter_map(|line| {
            let (name, value) = line.split_at(line.iter().position(|byte| *byte == b':')?);
            Some((std::str::from_utf8(name).ok()?, &value[1..]))
        })
    }

    /// The values of a header, whose name is in lower case, as far as they are text.
    pub fn values(self, name: &str) -> impl Iterator<Item = &'c str> {
        self.iter().filter(move |(known, _)| *known == name).filter_map(|(_, value)| std::str::from_utf8(value).ok())
    }
}

impl Call {
    /// A request and its response, with the beginnings of long bodies.
    pub fn new(request: &Request, response: &Response, elapsed: Option<Duration>) -> Self {
        let body = &request.body[..request.body.len().min(MAX_BODY)];
        let query = request.query.as_deref().unwrap_or_default();
        let headers = request.headers.iter().chain(response.headers.iter().map(|(name, value)| (name, value)));
        let headers: usize = headers.map(|(name, value)| name.as_str().len() + value.len() + 2).sum();
        let mut text = Vec::with_capacity(request.path.len() + query.len() + headers + body.len());
        let mut ends = [0; PARTS];
        // The limits of the server keep all of it far below 4 GiB.
        let end = |text: &Vec<u8>| u32::try_from(text.len()).unwrap_or(u32::MAX);
        text.extend_from_slice(request.path.as_bytes());
        ends[0] = end(&text);
        text.extend_from_slice(query.as_bytes());
        ends[1] = end(&text);
        write_headers(&mut text, request.headers.iter());
        ends[2] = end(&text);
        text.extend_from_slice(body);
        ends[3] = end(&text);
        write_headers(&mut text, response.headers.iter().map(|(name, value)| (name, value)));
        ends[4] = end(&text);
        let response_body = match response.body.len() > MAX_BODY {
            true => Bytes::copy_from_slice(&response.body[..MAX_BODY]),
            false => response.body.clone(),
        };
        let meta = &response.meta;
        Self {
            received: request.at,
            method: request.method.clone(),
            prefix_length: 0,
            body_size: request.body.len(),
            operation: None,
            caller: meta.caller.clone(),
            status: response.status,
            response_size: response.body.len(),
            elapsed,
            quirks: SmallVec::new(),
            faults: meta.faults.as_ref().map(|effect| effect.applied.clone()).unwrap_or_default(),
            error: meta.error.clone(),
            has_query: request.query.is_some(),
            text: text.into(),
            ends,
            response_body,
        }
    }

    fn part(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[index] as usize]
    }

    /// The path with the prefix of the gateway, percent-encoded.
    pub fn path(&self) -> &str {
        std::str::from_utf8(self.part(0)).unwrap_or_default()
    }

    /// The path without the prefix of the gateway.
    pub fn local_path(&self) -> &str {
        match &self.path()[self.prefix_length..] {
            "" => "/",
            path => path,
        }
    }

    /// The query without the question mark.
    pub fn query(&self) -> Option<&str> {
        std::str::from_utf8(self.part(1)).ok().filter(|_| self.has_query)
    }

    /// Path and query.
    pub fn target(&self) -> String {
        match self.query() {
            Some(query) => format!("{}?{query}", self.path()),
            None => self.path().to_owned(),
        }
    }

    /// The headers of the request.
    pub fn headers(&self) -> HeaderLines<'_> {
        HeaderLines(self.part(2))
    }

    /// The beginning of the request's body.
    pub fn body(&self) -> &[u8] {
        self.part(3)
    }

    /// The headers of the response.
    pub fn response_headers(&self) -> HeaderLines<'_> {
        HeaderLines(self.part(4))
    }

    /// The beginning of the response's body.
    pub fn response_body(&self) -> &[u8] {
        &self.response_body
    }
}

fn write_headers<'h>(text: &mut Vec<u8>, headers: impl Iterator<Item = (&'h HeaderName, &'h HeaderValue)>) {
    for (name, value) in headers {
        text.extend_from_slice(name.as_str().as_bytes());
        text.push(b':');
        text.extend_from_slice(value.as_bytes());
        text.push(b'\n');
    }
}

impl Entry {
    /// About how much memory it takes, bytes.
    pub(super) fn size(&self) -> usize {
        let changes: usize = self.changes.iter().map(|change| CHANGE_SIZE + change.size()).sum();
        BASE_SIZE
            + self.call.text.len()
            + self.call.response_body.len()
            + changes
            + size_of_deliveries(&self.deliveries)
    }
}
