//! One binary; its modules mirror `src`. Most tests are calls of the engine.

#![allow(
    clippy::panic,
    clippy::needless_pass_by_value,
    clippy::print_stderr,
    reason = "a test says what is wrong by panicking, and what it left out, and reads better with values"
)]

mod admin;
mod architecture;
mod cli;
mod contract;
mod domains;
mod engine;
mod fates;
mod fixtures;
mod gateway;
mod generic;
mod handlers;
mod mutation;
mod oauth;
mod other_apis;
mod properties;
mod quirks;
mod readme;
mod recorder;
mod request_gen;
mod sales;
mod scenarios;
mod scheduling;
mod server;
mod shared;
mod vocabulary;
