//! x
pub mod behaviours;
pub mod cli;
pub mod contract;
pub mod control;
pub mod engine;
pub mod exchange;
pub mod gateway;
pub mod quirks;
pub mod scenarios;
pub mod server;
pub mod source;
pub mod store;
