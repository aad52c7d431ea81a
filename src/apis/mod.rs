//! Handlers of single APIs, for behavior that tables cannot express. Each API has a module of its own.

pub mod intandem;

use jiff::Timestamp;

use crate::model::Record;
use crate::openapi::{Resource, Resources};
use crate::request::{AfterWrite, Handler, State};

/// Adds records of a kind until there are `count`. The error is a message for the user.
pub type Generate = fn(&mut State, &Resources, &Resource, usize, Timestamp) -> Result<(), String>;

/// Makes the value of a scenario's token from the record that it stands for and a stable text that is unique to it.
pub type TokenValue = fn(&Record, &str) -> String;

/// The Rust handlers of one API, by the key of their operation (`METHOD /full/path`).
#[derive(Clone, Copy, Debug)]
pub struct Handlers {
    /// Handlers that serve an operation instead of the CRUD handler.
    pub operations: &'static [(&'static str, Handler)],
    /// Functions that run after the CRUD handler has created or changed a record.
    pub after_write: &'static [(&'static str, AfterWrite)],
    /// Generators of records, by kind.
    pub generators: &'static [(&'static str, Generate)],
    /// Functions that make the values of tokens, by name.
    pub token_values: &'static [(&'static str, TokenValue)],
}

impl Handlers {
    /// The handlers of the API of that name, as `standin.yaml` names them.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "intandem" => Some(Self {
                operations: intandem::HANDLERS,
                after_write: intandem::AFTER_WRITE,
                generators: intandem::GENERATORS,
                token_values: intandem::TOKEN_VALUES,
            }),
            _ => None,
        }
    }

    /// The handler of an operation.
    pub fn operation(&self, key: &str) -> Option<Handler> {
        self.operations.iter().find(|(known, _)| *known == key).map(|(_, handler)| *handler)
    }

    /// What runs after the CRUD handler has written for an operation.
    pub fn after_write(&self, key: &str) -> Option<AfterWrite> {
        self.after_write.iter().find(|(known, _)| *known == key).map(|(_, function)| *function)
    }

    /// The generator of a kind of record.
    pub fn generator(&self, kind: &str) -> Option<Generate> {
        self.generators.iter().find(|(known, _)| *known == kind).map(|(_, generate)| *generate)
    }

    /// The function of that name that makes the values of tokens.
    pub fn token_value(&self, name: &str) -> Option<TokenValue> {
        self.token_values.iter().find(|(known, _)| *known == name).map(|(_, derive)| *derive)
    }
}
