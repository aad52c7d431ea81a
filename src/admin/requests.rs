//! `/sessions/{session}/requests`.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::entry_json::{entry_json, event_json};
use super::redaction::redactor;
use super::{Answer, Context, ok};
use crate::diagnostics::FieldError;
use crate::request::Problem;
use crate::session::{Call, Entry, StatusPattern};

/// The parameters of the list.
pub(super) const PARAMETERS: [&str; 7] = ["operation", "method", "path", "status", "token", "since", "limit"];

/// How many entries are listed if the request names no limit.
const DEFAULT_LIMIT: usize = 100;

pub(super) fn list(ctx: &Context<'_>) -> Answer {
    let session = ctx.session()?;
    let filter = Filter::of(ctx)?;
    let log = session.log();
    let entries = session.journal().entries(&log, filter.since);
    let found: Vec<&Arc<Entry>> = entries.iter().filter(|entry| filter.matches(&entry.call)).collect();
    let skipped = found.len().saturating_sub(filter.limit);
    let mut redactor = redactor(&session.state());
    let shown: Vec<Value> = found.iter().skip(skipped).map(|entry| entry_json(entry, &mut redactor)).collect();
    let events = session.journal().events(&log, filter.since);
    let skipped = events.len().saturating_sub(filter.limit);
    let events: Vec<Value> = events.iter().skip(skipped).map(|entry| event_json(entry, &mut redactor)).collect();
    ok(&json!({"requests": shown, "total": found.len(), "evicted": log.evicted(), "events": events}))
}

pub(super) fn get(ctx: &Context<'_>) -> Answer {
    let session = ctx.session()?;
    let log = session.log();
    let seq = ctx.path.get(1).and_then(|seq| seq.parse::<u64>().ok()).unwrap_or_default();
    let entries = session.journal().entries(&log, seq.saturating_sub(1));
    match entries.first().filter(|entry| entry.seq == seq) {
        Some(entry) => ok(&entry_json(entry, &mut redactor(&session.state()))),
        None if session.journal().events(&log, seq.saturating_sub(1)).first().is_some_and(|event| event.seq == seq) => {
            let detail = format!("{seq} is an event of the clock; the list of requests has it under `events`");
            Err(Problem::new(StatusCode::NOT_FOUND, detail))
        }
        None if (1..=log.count()).contains(&seq) => {
            let detail = format!("request {seq} is no longer in the journal, which was full");
            Err(Problem::new(StatusCode::GONE, detail))
        }
        None => Err(Problem::new(StatusCode::NOT_FOUND, format!("the session has no request {seq}"))),
    }
}

/// Which requests are listed.
struct Filter<'a> {
    operation: Option<&'a str>,
    method: Option<&'a str>,
    path: Option<&'a str>,
    status: Option<StatusPattern>,
    token: Option<&'a str>,
    since: u64,
    limit: usize,
}

impl<'a> Filter<'a> {
    fn of(ctx: &'a Context<'_>) -> Result<Self, Problem> {
        let query = &ctx.query;
        let mut errors = ctx.unknown_parameters(&PARAMETERS);
        let mut reject = |name: &str, detail: String| {
            errors.push(FieldError { pointer: format!("/query/{name}"), detail });
        };
        let mut number = |name: &str, default: u64| match query.get(name).map(str::parse) {
            None => default,
            Some(Ok(number)) => number,
            Some(Err(_)) => {
                reject(name, "write a whole number".to_owned());
                default
            }
        };
        let (since, limit) = (number("since", 0), number("limit", DEFAULT_LIMIT as u64));
        let status = query.get("status").map(str::parse::<StatusPattern>).transpose().unwrap_or_else(|error| {
            reject("status", error.to_string());
            None
        });
        if !errors.is_empty() {
            return Err(errors.into());
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let get = |name| query.get(name);
        let (operation, method, path) = (get("operation"), get("method"), get("path"));
        Ok(Self { operation, method, path, status, token: get("token"), since, limit })
    }

    fn matches(&self, call: &Call) -> bool {
        let is = |wanted: Option<&str>, value: &str| wanted.is_none_or(|wanted| wanted == value);
        is(self.operation, call.operation.as_deref().unwrap_or_default())
            && self.method.is_none_or(|method| method.eq_ignore_ascii_case(call.method.as_str()))
            && is(self.path, call.local_path())
            && is(self.token, &call.caller)
            && self.status.as_ref().is_none_or(|status| status.matches(call.status))
    }
}
