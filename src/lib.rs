//! A stand-in for an HTTP API: it serves the API's contracts with state, and departs from them where the real API does.
//!
//! # The idea
//!
//! **The engine is a function**, [`pipeline::Engine::answer`], from a session and a request to a response. The HTTP server,
//! replay, proofs and fixtures call it. **The engine knows no API**: everything about an API is data in its API folder.
//! Rust handlers do what tables cannot express, for built-in APIs only. A request passes through one list of stages that
//! share one [`request::Context`]; see [`pipeline`].
//!
//! | file of an API folder | content | read by |
//! |---|---|---|
//! | contracts (OpenAPI, Swagger) | operations, schemas, examples | [`openapi`] |
//! | `standin.yaml` | gateways, tokens, ownership, dialects | [`api`] |
//! | `*.resources.yaml` | kinds of records: fields, lifecycle | [`openapi::resource`] |
//! | `*.quirks.yaml` | departures, with evidence and proof | [`quirks`] |
//! | `scenarios/*.yaml` | initial records, tokens, steps | [`scenarios`] |
//!
//! # Modules, from the bottom to the top
//!
//! | module | content |
//! |---|---|
//! | [`diagnostics`] | YAML with positions; errors in files that people write |
//! | [`model`] | values, records, the store |
//! | [`expressions`] | conditions and values in resources files |
//! | [`openapi`] | contracts of any version as operations; schemas, generated values, resources |
//! | [`faults`] | responses that come late, in part, or as errors |
//! | [`request`] | request, context, caller, error, response; the state with its clock and ids |
//! | [`api`] | `standin.yaml`; which API applies; routes |
//! | [`quirks`] | quirks, their conditions and effects |
//! | [`handlers`] | the CRUD handler for every kind of record |
//! | [`apis`] | Rust handlers of built-in APIs |
//! | [`session`] | isolated worlds by id, their journal |
//! | [`pipeline`] | engine, stages |
//! | [`scenarios`] | scenario files, replay, proofs, reports |
//! | [`fixtures`] | requests and responses for test suites, and their formats |
//! | [`recorder`] | recording proxy; masks of credentials and personal data |
//! | `inspector` | the files of the web page (feature `inspector`) |
//! | [`admin`] | the control API |
//! | [`server`] | hyper and tokio |
//! | [`testing`] | mocks for tests in Rust |
//! | `cli` | the commands (feature `cli`) |
//!
//! # Guarantees
//!
//! - The same contracts, scenario, seed, clock and requests give the same bytes, on any number of threads.
//! - Errors are values; a panic is a bug and costs its request, not the server. Handlers check before they write.
//! - Every response names the quirks that changed it in `x-standin-quirks`.
//!
//! `docs/architecture.md` has more, `docs/contributing.md` says how to add a quirk, an effect, a handler, a stage, a command,
//! an export format or an admin route.

pub mod admin;
pub mod api;
pub mod apis;
#[cfg(feature = "cli")]
pub mod cli;
pub mod diagnostics;
pub mod expressions;
pub mod faults;
#[cfg(feature = "fixtures")]
pub mod fixtures;
pub mod handlers;
#[cfg(feature = "inspector")]
pub mod inspector;
pub mod model;
pub mod openapi;
pub mod pipeline;
pub mod quirks;
#[cfg(feature = "client")]
pub mod recorder;
pub mod request;
pub mod scenarios;
pub mod server;
pub mod session;
pub mod testing;

pub use pipeline::Mock;
