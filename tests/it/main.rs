//! One binary; its modules mirror `src`. Most tests are calls of the engine.

#![allow(
    clippy::panic,
    clippy::needless_pass_by_value,
    clippy::print_stderr,
    reason = "a test says what is wrong by panicking, and what it left out, and reads better with values"
)]

mod admin;
mod architecture;
mod archives;
mod behaviour;
mod bodies;
mod callbacks;
mod cli;
mod contract;
mod contract_files;
mod contract_limits;
mod contract_requests;
mod contract_values;
mod deletion;
mod domains;
mod engine;
mod evidence;
mod fates;
mod field_values;
mod fixtures;
mod gateway;
mod generic;
mod handlers;
mod identity;
mod inference;
mod large_bodies;
mod lifecycle;
mod media_types;
mod mutation;
mod oauth;
mod other_apis;
mod page;
mod parameters;
#[cfg(feature = "parking")]
mod parking;
mod properties;
mod property_values;
mod quirks;
mod readme;
mod recorder;
mod reload;
mod request_gen;
mod resources;
mod responses;
mod sales;
mod scenarios;
mod scheduling;
mod schemas;
mod security;
mod served;
mod server;
mod sessions;
mod shared;
mod side_effects;
mod state_file;
mod testing;
mod vocabulary;
mod yaml_text;
