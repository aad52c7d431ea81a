//! Reads and validates large bodies before the session of their request is locked, so that others do not wait for it.

use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use serde_json::Value;

use super::body::{self, BodyRule, Format, ReceivedBody};
use super::{Engine, route, validate};
use crate::api::RouteMatch;
use crate::request::{Checking, LARGE_BODY, PreparedBody, Request};
use crate::session::Session;

/// Maximum size of the bodies that are prepared at the same time, bytes: a value takes many times as much as its text. A larger
/// one waits until there is no other.
const MAX_BYTES: usize = 16 << 20;

/// Bounds the memory of prepared bodies.
#[derive(Debug, Default)]
pub(super) struct Preparations {
    bytes: Mutex<usize>,
    is_less: Condvar,
}

/// The share of one body, until it is dropped.
pub(super) struct Share {
    preparations: Arc<Preparations>,
    size: usize,
}

impl Preparations {
    /// Waits until a body of that size can be prepared. No thread waits here while it has a share, so that none waits for ever.
    fn take(self: &Arc<Self>, size: usize) -> Share {
        let mut bytes = self.bytes.lock();
        while *bytes > 0 && *bytes + size > MAX_BYTES {
            self.is_less.wait(&mut bytes);
        }
        *bytes += size;
        drop(bytes);
        Share { preparations: Arc::clone(self), size }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        *self.preparations.bytes.lock() -= self.size;
        self.preparations.is_less.notify_all();
    }
}

/// Prepares the body of a request if it is large JSON, with the settings of the session at this moment. `None` if the stages
/// have to read it.
pub(super) fn prepare(engine: &Engine, session: &Session, request: &Request) -> Option<(PreparedBody, Share)> {
    if request.body.len() < LARGE_BODY || request.method.is_safe() {
        return None;
    }
    let (checking, flags, memory) = session.body_settings();
    // The stages reject what finds no memory.
    if checking == Checking::Off || memory.room_for_body(request.body.len()).is_err() {
        return None;
    }
    let (_, path) = engine.api.gateways.split(&request.path);
    let RouteMatch::Operation(operation, _) = route::select(engine, request, path) else { return None };
    let share = engine.preparations.take(request.body.len());
    let documented = &engine.contract.operations[operation];
    let Ok(ReceivedBody { value: sent, format: Format::Json }) = body::read(request, documented) else { return None };
    if sent.is_null() {
        return None;
    }
    let (mut body, mut coerced_by, mut violations) = (Value::Null, Vec::new(), Vec::new());
    if let Some(documented) = &documented.body {
        body = sent.clone();
        let rule = BodyRule::select(documented, request, &Format::Json);
        let rules = &engine.endpoints[operation].rules;
        let settings = (checking, &flags);
        let is_null = false;
        let coerced = validate::coerce_body(rules, settings, (&rule, &Format::Json), &mut body, is_null);
        coerced_by = coerced.to_vec();
        violations = validate::violations_of(&rule, &body);
    }
    Some((PreparedBody { operation, checking, flags, sent, body, coerced_by, violations }, share))
}
