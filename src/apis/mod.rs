//! Handlers of single APIs, for behavior that tables cannot express. Each API has a module of its own.

pub mod intandem;

use crate::request::{AfterWrite, Handler};

/// The Rust handlers of one API, by the key of their operation (`METHOD /full/path`).
#[derive(Clone, Copy, Debug)]
pub struct Handlers {
    /// Handlers that serve an operation instead of the CRUD handler.
    pub operations: &'static [(&'static str, Handler)],
    /// Functions that run after the CRUD handler has created or changed a record.
    pub after_write: &'static [(&'static str, AfterWrite)],
}

impl Handlers {
    /// The handlers of the API of that name, as `standin.yaml` names them.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "intandem" => Some(Self { operations: intandem::HANDLERS, after_write: intandem::AFTER_WRITE }),
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
}
