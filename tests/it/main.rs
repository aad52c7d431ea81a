//! One binary; its modules mirror `src`. Most tests are calls of the engine.

mod behaviours;
mod cli;
mod contract;
mod control;
mod engine;
mod gateway;
mod house;
mod quirks;
mod scenarios;
mod server;
mod shared;
mod vocabulary;
