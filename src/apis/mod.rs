//! Handlers of single APIs, for behavior that tables cannot express. Each API has a module of its own.
//!
//! Functions are registered by name. The tables `operations` and `after` of the API's resources files say which operation
//! uses which function; [`bind`] looks the names up.

mod bind;
pub mod intandem;

pub use bind::{OperationFunctions, bind};

use jiff::Timestamp;

use crate::model::Record;
use crate::openapi::{Resource, Resources};
use crate::request::{AfterWrite, Handler, State};

/// Adds records of a kind until there are `count`. The error is a message for the user.
pub type Generate = fn(&mut State, &Resources, &Resource, usize, Timestamp) -> Result<(), String>;

/// Makes the value of a scenario's token from the record that it stands for and a stable text that is unique to it.
pub type TokenValue = fn(&Record, &str) -> String;

/// The Rust functions of one API, by module.
#[derive(Clone, Copy, Debug)]
pub struct Handlers {
    modules: &'static [&'static Functions],
    generators: &'static [(&'static str, Generate)],
    token_values: &'static [(&'static str, TokenValue)],
}

/// The Rust functions of one module, by the name that resources files use: `clients.create`.
#[derive(Debug)]
pub struct Functions {
    /// Functions that serve an operation instead of the CRUD handler.
    pub handlers: &'static [(&'static str, Handler)],
    /// Functions that run after the CRUD handler has created or changed a record.
    pub after_write: &'static [(&'static str, AfterWrite)],
}

impl Handlers {
    /// No functions: resources files may not name any.
    pub const NONE: Self = Self { modules: &[], generators: &[], token_values: &[] };

    /// The functions of the API of that name, as `standin.yaml` names them.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "intandem" => Some(Self {
                modules: intandem::FUNCTIONS,
                generators: intandem::GENERATORS,
                token_values: intandem::TOKEN_VALUES,
            }),
            _ => None,
        }
    }

    /// The handlers with their names.
    pub fn handlers(&self) -> impl Iterator<Item = &'static (&'static str, Handler)> + Clone {
        self.modules.iter().flat_map(|module| module.handlers)
    }

    /// The functions that run after a write, with their names.
    pub fn after_write(&self) -> impl Iterator<Item = &'static (&'static str, AfterWrite)> + Clone {
        self.modules.iter().flat_map(|module| module.after_write)
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
