//! Mocks for tests that are written in Rust.
//!
//! [`Mock::builder`](crate::Mock::builder) starts a server on a free port of the same process; dropping it stops it. All mocks of a process share
//! the compiled engine and the initial state of the same API, so that every mock after the first one starts at once.
//!
//! ```
//! use serde_json::json;
//! use standin::Mock;
//! use standin::testing::called;
//!
//! # let contract = r#"
//! # openapi: 3.0.3
//! # info: {title: Shop, version: "1"}
//! # paths:
//! #   /v1/orders:
//! #     get: {responses: {"200": {description: orders, content: {application/json: {example: [{id: o1, item: tea}]}}}}}
//! #     post:
//! #       requestBody: {content: {application/json: {schema: {type: object, properties: {item: {type: string}}}}}}
//! #       responses: {"201": {description: created, content: {application/json: {example: {id: o1, item: tea}}}}}
//! #   /v1/orders/{id}:
//! #     parameters: [{name: id, in: path, required: true, schema: {type: string}}]
//! #     get: {responses: {"200": {description: an order, content: {application/json: {example: {id: o1, item: tea}}}}}}
//! # "#;
//! // `.api("my-api/")` reads a folder; without either, the built-in API is served.
//! let mock = Mock::builder().contract("shop.yaml", contract).start();
//! mock.seed("order", json!({"id": "o7", "item": "cup"}));
//!
//! let client = shop_client(&mock.url());
//! assert_eq!(client.order("o7"), "cup");
//!
//! mock.verify(called("GET /v1/orders/{id}").times(1));
//! # struct Client(String);
//! # fn shop_client(url: &str) -> Client { Client(url.to_owned()) }
//! # impl Client {
//! #     fn order(&self, id: &str) -> String {
//! #         use std::io::{Read, Write};
//! #         let host = self.0.strip_prefix("http://").unwrap();
//! #         let mut stream = std::net::TcpStream::connect(host).unwrap();
//! #         write!(stream, "GET /v1/orders/{id} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
//! #         let mut text = String::new();
//! #         stream.read_to_string(&mut text).unwrap();
//! #         let body: serde_json::Value = serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap();
//! #         body["item"].as_str().unwrap().to_owned()
//! #     }
//! # }
//! ```
//!
//! The server runs on threads of its own, so that tests may be blocking or asynchronous, with any runtime.
//!
//! | type | what it is |
//! |---|---|
//! | [`MockBuilder`] | which API, in which initial state |
//! | [`MockServer`] | a mock on a port of this machine |
//! | [`MockService`] | a mock without a socket, a `tower` service |
//! | [`MockSession`] | one isolated world: what both are by default, and what `session("a")` returns |
//! | [`MockClock`], [`MockFaults`] | the clock and the faults of a session |
//! | [`Called`] | a claim about requests |
//!
//! Methods panic on a mistake in the test, with the error of the [control API](crate::admin) that says what to write
//! instead. Only [`MockBuilder`] has variants that return errors.

mod builder;
mod called;
mod clock;
mod control;
mod engines;
mod faults;
mod running;
mod session;

pub use builder::{MockBuilder, StartError};
pub use called::{Called, called};
pub use clock::MockClock;
pub use faults::MockFaults;
pub use running::{MockServer, MockService};
pub use session::MockSession;
