//! A stand-in for an HTTP API: it loads the API's contracts, answers every operation, remembers what it was told, and
//! departs from the contract exactly where the real API was seen to depart.
//!
//! # The idea
//!
//! **The engine is a function**: [`pipeline::Engine::answer`], from a call to an answer. The HTTP server, replay and the
//! proofs of quirks are callers of it. Below the engine nothing knows sockets, async, the wall clock or the terminal.
//!
//! Knowledge about an API is data beside its contract, to be read and changed without compiling; Rust holds
//! mechanisms and what a table cannot say.
//!
//! | file | what it says | read by |
//! |---|---|---|
//! | `swagger/**.json` | what is promised; its examples give the form of answers | [`contract`] |
//! | `*.quirks.yaml` | where the API departs from that, with evidence and proof | [`quirks`] |
//! | `*.resources.yaml` | what is remembered, field by field | [`contract::resource`] |
//! | `families.yaml` | how each family of paths writes success and refusal | [`gateway`] |
//! | `scenarios/*.yaml` | who exists at the start, tokens, stories | [`scenarios`] |
//!
//! # The way of a request
//!
//! gateway → route → cache → authenticate → check_capacity → prefer → authorize → validate → rewrite → handle → transform
//! → render → journal: the list in [`pipeline`], one file each. They share one [`request::Context`].
//!
//! # The house
//!
//! From the cellar to the roof. A room knows only those above it in this list; a test reads the `use` lines.
//!
//! | room | what happens there |
//! |---|---|
//! | [`source`] | text that people write: YAML with places, complaints that name the line and what to write instead |
//! | [`store`] | what is remembered: records by kind and id, in order; a fork costs nothing |
//! | [`contract`] | reading swagger: any version in one form, operations, schemas, the shapes of examples |
//! | [`exchange`] | one call: call, caller, payload, refusal; the world with its clock, ids and switches |
//! | [`gateway`] | doors, routes, tokens, the dialects of families |
//! | [`quirks`] | the registry; one file for each effect a rule can have |
//! | [`behaviours`] | one file for each resource that is special; the generic resource for the others |
//! | [`pipeline`] | the engine: the list of stages; sessions |
//! | [`scenarios`] | file formats, seeding, replay, proofs, reports |
//! | [`fixtures`] | requests and answers that test suites load; one file for each format |
//! | [`control`] | the control API |
//! | [`server`] | hyper and tokio live here and nowhere else |
//! | [`cli`] | one file for each command; its doc comments are the help |
//!
//! # What holds
//!
//! - Same contract, scenario, seed and calls: same bytes, on any number of threads. Time, ids and randomness come from
//!   the [`exchange::State`].
//! - A refusal is a value; a panic is a bug, and costs its call, not the server.
//! - A behaviour returns a payload or a refusal and never knows how its family writes either.
//! - A behaviour changes nothing before it can no longer refuse.
//! - What a call sees of the time it asks of the world, which knows how long an answer holds.
//! - Every response names the quirks that changed it in `x-standin-quirks`. A handler calls `state.apply_quirk("id")` only
//!   where the response differs.
//!
//! # Where new things go
//!
//! A quirk is one entry in a `.quirks.yaml`; one without an effect is implemented in a handler, which checks
//! `state.apply_quirk("id")`. An effect is one file in `quirks/effects` and one row in [`quirks::EFFECTS`]. A stage is one
//! file in [`pipeline`] and one row in its list. A special resource is one file and its lines in the list of handlers of
//! its API. A command is one file in [`cli`].

pub mod admin;
pub mod api;
pub mod apis;
#[cfg(feature = "cli")]
pub mod cli;
pub mod diagnostics;
pub mod fixtures;
pub mod handlers;
pub mod model;
pub mod openapi;
pub mod pipeline;
pub mod quirks;
pub mod request;
pub mod scenarios;
pub mod server;
