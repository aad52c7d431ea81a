//! Where requests of a workflow go: a mock in this process, or (in `remote`) a running server.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::credentials::Credentials;
use super::message::{PlainRequest, PlainResponse, Received, header_pairs};
use crate::model::TimeSpan;
use crate::pipeline::{Engine, Session, Usage};
use crate::request::{Clock, Request, Response};

/// Sends requests and returns the responses.
pub trait Transport {
    /// Sends a request with the token that the credentials have for its name.
    ///
    /// # Errors
    /// A sentence, if there is no response.
    fn send(&mut self, request: &PlainRequest, credentials: &Credentials) -> Result<Received, String>;

    /// All notifications that the requests so far and the time have caused: events with their bodies, oldest first.
    ///
    /// # Errors
    /// A sentence, if they are unknown: those of another server always are.
    fn notifications(&self) -> Result<Vec<(String, Value)>, String> {
        Err("`webhook` needs a mock in this process; run without --gateway".to_owned())
    }

    /// Moves the clock forward.
    ///
    /// # Errors
    /// A sentence, if the clock cannot be moved: that of another server never can.
    fn advance(&mut self, _: TimeSpan) -> Result<(), String> {
        Err("not sent: `advance` needs a mock in this process; run without --gateway".to_owned())
    }
}

/// A mock in this process.
pub struct InProcess<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// The session that the requests change.
    pub session: Arc<Session>,
    /// The time of every request.
    pub now: Timestamp,
    /// What counts the requests, if they belong to a server.
    pub usage: Option<&'a Usage>,
}

impl InProcess<'_> {
    /// Serves a request.
    pub(crate) fn answer(&self, request: &Request) -> Response {
        let response = self.engine.answer(&self.session, request);
        if let Some(usage) = self.usage {
            usage.count(response.meta.operation, response.status, None);
        }
        response
    }
}

impl Transport for InProcess<'_> {
    fn send(&mut self, request: &PlainRequest, credentials: &Credentials) -> Result<Received, String> {
        check_absolute_path(&request.path)?;
        let bound = request.bind(credentials, self.now);
        let response = self.answer(&bound);
        let ids = response.meta.quirks.iter().map(|index| self.engine.quirks().at(*index).id.clone());
        let quirks = ids.collect();
        let headers = header_pairs(response.headers.iter().map(|(name, value)| (name, value)));
        let plain = PlainResponse::new(response.status.as_u16(), headers, &response.body);
        let operation = response.meta.operation;
        let conforms = operation.and_then(|operation| self.engine.check_body(operation, plain.status, &plain.body));
        Ok(Received { response: plain, quirks, conforms })
    }

    fn notifications(&self) -> Result<Vec<(String, Value)>, String> {
        let (journal, log) = (self.session.journal(), self.session.log());
        let events = journal.events(&log, 0).into_iter().map(|event| (event.seq, event.deliveries.clone()));
        let requests = self.session.entries(0).into_iter().map(|entry| (entry.seq, entry.deliveries.clone()));
        let mut all: Vec<_> = events.chain(requests).collect();
        all.sort_by_key(|(seq, _)| *seq);
        let all = all.into_iter().flat_map(|(_, deliveries)| deliveries);
        let sent = all.map(|delivery| (delivery.notification.event.clone(), delivery.notification.payload.clone()));
        Ok(sent.collect())
    }

    fn advance(&mut self, span: TimeSpan) -> Result<(), String> {
        let later = |clock: Clock| {
            let time = span.after(clock.time_at(self.now)).ok_or_else(|| format!("the clock cannot move by {span}"))?;
            Ok(clock.set_to(time, self.now))
        };
        self.session.set_clock(&self.engine.contract().resources, later)
    }
}

/// Rejects a target without a leading slash: behind a base URL it would continue the host name, and tokens would go to
/// another host (`@other.example/`, `.other.example/`).
pub(super) fn check_absolute_path(target: &str) -> Result<(), String> {
    match target.starts_with('/') {
        true => Ok(()),
        false => Err(format!("not sent: the path `{target}` must start with `/`")),
    }
}
