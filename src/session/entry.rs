use std::sync::Arc;
use std::time::Duration;

use compact_str::CompactString;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use smallvec::SmallVec;

use super::SessionLog;
use crate::faults::FaultId;
use crate::model::Change;
use crate::request::{ErrorMeta, Request, Response};

/// How much of a body the journal holds, bytes.
const MAX_BODY: usize = 64 << 10;

/// What an entry takes in memory besides paths, headers and bodies, bytes: an estimate.
const BASE_SIZE: usize = 700;
/// What one change takes in memory, bytes: an estimate.
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
    /// The request and its response.
    pub call: Call,
    /// What the request has changed.
    pub changes: Vec<Change>,
}

/// A request, without the session's prefix, header or token suffix, and its response.
///
/// Everything is copied: a part of what the server has read from a connection would hold the whole in memory.
#[derive(Debug)]
pub struct Call {
    /// When the request was received, by the clock of requests.
    pub received: Timestamp,
    /// The method.
    pub method: Method,
    /// The path with the prefix of the gateway, percent-encoded.
    pub path: CompactString,
    /// The length of the gateway's prefix, bytes.
    pub prefix_length: usize,
    /// The query without the question mark.
    pub query: Option<Box<str>>,
    /// The headers of the request.
    pub headers: HeaderList,
    /// The beginning of the request's body.
    pub body: Box<[u8]>,
    /// The size of the request's body, bytes.
    pub body_size: usize,
    /// The key of the operation, such as `GET /v1/pets`; `None` if the path has no operation of the method.
    pub operation: Option<Arc<str>>,
    /// The kind of the caller's token; empty if it has none.
    pub caller: CompactString,
    /// The status of the response.
    pub status: StatusCode,
    /// The headers of the response.
    pub response_headers: HeaderList,
    /// The beginning of the response's body.
    pub response_body: Box<[u8]>,
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
}

/// Headers in order, in one piece of memory.
#[derive(Debug)]
pub struct HeaderList(Box<[u8]>);

impl HeaderList {
    fn new<'h, I: Iterator<Item = (&'h HeaderName, &'h HeaderValue)>>(headers: impl Fn() -> I) -> Self {
        let size = headers().map(|(name, value)| name.as_str().len() + value.len() + 2).sum();
        let mut text = Vec::with_capacity(size);
        // Neither names nor values contain line breaks, and names no colons.
        for (name, value) in headers() {
            text.extend_from_slice(name.as_str().as_bytes());
            text.push(b':');
            text.extend_from_slice(value.as_bytes());
            text.push(b'\n');
        }
        Self(text.into())
    }

    /// Names in lower case, and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let lines = self.0.split(|byte| *byte == b'\n');
        lines.filter_map(|line| {
            let (name, value) = line.split_at(line.iter().position(|byte| *byte == b':')?);
            Some((std::str::from_utf8(name).ok()?, &value[1..]))
        })
    }

    /// The values of a header, whose name is in lower case, as far as they are text.
    pub fn values<'h>(&'h self, name: &str) -> impl Iterator<Item = &'h str> {
        self.iter().filter(move |(known, _)| *known == name).filter_map(|(_, value)| std::str::from_utf8(value).ok())
    }
}

impl Call {
    /// A request and its response, with the beginnings of long bodies.
    pub fn new(request: &Request, response: &Response, elapsed: Option<Duration>) -> Self {
        let beginning = |body: &[u8]| body[..body.len().min(MAX_BODY)].into();
        let meta = &response.meta;
        Self {
            received: request.at,
            method: request.method.clone(),
            path: request.path.clone(),
            prefix_length: 0,
            query: request.query.as_deref().map(Into::into),
            headers: HeaderList::new(|| request.headers.iter()),
            body: beginning(&request.body),
            body_size: request.body.len(),
            operation: None,
            caller: meta.caller.clone(),
            status: response.status,
            response_headers: HeaderList::new(|| response.headers.iter().map(|(name, value)| (name, value))),
            response_body: beginning(&response.body),
            response_size: response.body.len(),
            elapsed,
            quirks: SmallVec::new(),
            faults: meta.faults.as_ref().map(|effect| effect.applied.clone()).unwrap_or_default(),
            error: meta.error.clone(),
        }
    }

    /// The path without the prefix of the gateway.
    pub fn local_path(&self) -> &str {
        match &self.path[self.prefix_length..] {
            "" => "/",
            path => path,
        }
    }

    /// Path and query.
    pub fn target(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.to_string(),
        }
    }
}

impl Entry {
    /// About how much memory it takes, bytes.
    pub(super) fn size(&self) -> usize {
        let Call { path, query, headers, body, response_headers, response_body, .. } = &self.call;
        let query = query.as_ref().map_or(0, |query| query.len());
        let content =
            path.len() + query + headers.0.len() + body.len() + response_headers.0.len() + response_body.len();
        BASE_SIZE + content + self.changes.len() * CHANGE_SIZE
    }
}
