//! Apps.

pub mod app;
pub mod board;

use crate::apis::functions::Functions;

pub(super) static FUNCTIONS: Functions = Functions {
    handlers: &[("apps.create", app::create)],
    after_write: &[("boards.set_layout", board::set_layout)],
    indexes: &[],
};
