//! One binary; its modules mirror `src`. Most tests are calls of the engine.

#![allow(
    clippy::panic,
    clippy::needless_pass_by_value,
    clippy::print_stderr,
    reason = "a test says what is wrong by panicking, and what it left out, and reads better with values"
)]

mod behaviours;
mod cli;
mod contract;
mod control;
mod domains;
mod engine;
mod evidence;
mod fates;
mod fixtures;
mod gateway;
mod generic;
mod house;
mod mutation;
mod oauth;
mod plausible;
mod properties;
mod quirks;
mod readme;
mod sales;
mod scenarios;
mod scheduling;
mod server;
mod shared;
mod strangers;
mod vocabulary;
