use jiff::Timestamp;

use crate::model::{ListOrder, Record, Texts};
use crate::openapi::{Resource, Resources};
use crate::request::{Handler, State};

/// Adds records of a kind until there are `count`. The error is a message for the user.
pub type Generate = fn(&mut State, &Resources, &Resource, usize, Timestamp) -> Result<(), String>;

/// Makes the value of a scenario's token from the record that it stands for and a stable text that is unique to it.
pub type TokenValue = fn(&Record, &str) -> String;

/// The Rust functions of one module, by the name that resources files use: `clients.create`.
#[derive(Debug)]
pub struct Functions {
    /// Functions that serve an operation instead of the CRUD handler.
    pub handlers: &'static [(&'static str, Handler)],
    /// By what the functions find records.
    pub indexes: &'static [IndexRow],
}

/// By what functions find the records of a kind: the kind, fields with texts, the texts in which they search, and the order in
/// which they list.
pub type IndexRow = (&'static str, &'static [&'static str], Option<fn(&Record) -> Texts>, Option<ListOrder>);
