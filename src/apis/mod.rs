//! Handlers of single APIs, for behavior that tables cannot express. Each API has a module of its own.
//!
//! Functions are registered by name. The tables `operations` and `after` of the API's resources files say which operation
//! uses which function; [`bind`] looks the names up.

mod bind;
pub mod intandem;

pub use bind::{OperationFunctions, bind};

use crate::request::{AfterWrite, Handler};

/// The Rust functions of one API, by module.
#[derive(Clone, Copy, Debug)]
pub struct Handlers {
    modules: &'static [&'static Functions],
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
    pub const NONE: Self = Self { modules: &[] };

    /// The functions of the API of that name, as `standin.yaml` names them.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "intandem" => Some(Self { modules: intandem::FUNCTIONS }),
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
}
