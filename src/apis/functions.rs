use crate::request::{AfterWrite, Handler};

/// The Rust functions of one module, by the name that resources files use: `clients.create`.
#[derive(Debug)]
pub struct Functions {
    /// Functions that serve an operation instead of the CRUD handler.
    pub handlers: &'static [(&'static str, Handler)],
    /// Functions that run after the CRUD handler has created or changed a record.
    pub after_write: &'static [(&'static str, AfterWrite)],
}
