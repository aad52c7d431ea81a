//! Sessions and their control API, over a contract of another API.

mod catalog;
mod clock;
mod continuation;
mod control;
mod events;
mod faults;
mod forks;
mod journal;
mod linearizable;
mod memory;
mod records;
mod reload;
mod selection;
mod snapshot;
mod time_events;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use standin::admin::Admin;
use standin::pipeline::{Mock, MockLimits};
use standin::request::Settings;

use crate::served::{Received, Served};
use crate::vocabulary::{noon, request};

/// An API with one collection, and the `Location` of new records.
pub(crate) const ORDERS: &str = r##"
openapi: 3.0.0
info: {title: orders, version: "1"}
paths:
  /orders:
    get:
      responses:
        "200":
          description: ok
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses:
        "201":
          description: made
          headers: {Location: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}
        "503": {description: later, content: {application/json: {schema: {type: object, properties: {reason: {type: string}}}}}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}, "404": {description: gone}}}
    put: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}, responses: {"200": {description: ok}}}
    delete: {responses: {"204": {description: gone}}}
components:
  schemas:
    Order: {type: object, properties: {id: {type: string, readOnly: true}, item: {type: string}, count: {type: integer}}}
"##;

/// A mock with its control API.
pub(crate) struct Hosted {
    pub(crate) mock: Arc<Mock>,
    pub(crate) admin: Admin,
}

impl Hosted {
    pub(crate) fn orders() -> Self {
        Self::with_limits(MockLimits::default())
    }

    pub(crate) fn with_limits(limits: MockLimits) -> Self {
        let Served { engine, session } = Served::new(ORDERS, Settings::default());
        Self::of(Arc::new(Mock::new(engine, session.state(), limits)))
    }

    pub(crate) fn of(mock: Arc<Mock>) -> Self {
        Self { admin: Admin::new(Arc::clone(&mock)), mock }
    }

    /// A request to the API at noon.
    pub(crate) fn api(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Received {
        self.api_at(noon(), method, target, headers, body)
    }

    pub(crate) fn api_at(
        &self,
        at: Timestamp,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Received {
        self.mock.respond(request(at, method, target, headers, body), || None).into()
    }

    /// A request in a session; an order is sent as its body.
    pub(crate) fn in_session(&self, id: &str, method: &str, target: &str, body: &str) -> Received {
        self.api(method, target, &[("x-standin-session", id), ("content-type", "application/json")], body)
    }

    /// A request to the control API.
    pub(crate) fn control(&self, method: &str, target: &str, body: Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let response = self.control_at(noon(), method, target, &[("content-type", "application/json")], &body);
        (response.status, serde_json::from_str(&response.text).unwrap_or_default())
    }

    /// The same with these headers.
    pub(crate) fn control_with(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Received {
        self.admin.respond(&request(noon(), method, target, headers, body)).into()
    }

    /// A request to the control API at a time.
    pub(crate) fn control_at(
        &self,
        at: Timestamp,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Received {
        let host = [("host", "127.0.0.1:4011")];
        self.admin.respond(&request(at, method, target, &[&host, headers].concat(), body)).into()
    }
}

/// The embedded API with its default scenario.
pub(crate) fn embedded() -> Hosted {
    Hosted::of(crate::vocabulary::observed().hosted)
}
