//! Availabilities.

pub mod availability;

use crate::apis::functions::Functions;

pub(super) static FUNCTIONS: Functions =
    Functions { handlers: &[("availabilities.list", availability::list)], indexes: &[] };
