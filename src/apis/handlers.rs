use super::functions::Functions;
use super::intandem;
use crate::request::{AfterWrite, Handler};

/// The Rust functions of one API, by module.
#[derive(Clone, Copy, Debug)]
pub struct Handlers {
    modules: &'static [&'static Functions],
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
