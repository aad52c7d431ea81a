//! Handlers of inTandem: side effects and states that its resources files cannot express. One file per resource.
//!
//! The tables `operations` and `after` of `*.resources.yaml` say which operation uses which function, by name.

pub mod apps;
pub mod clients;
pub mod communication;
mod money;
pub mod platform;
pub mod sales;
pub mod scheduling;

use crate::apis::functions::Functions;

/// All functions, by module.
pub static FUNCTIONS: &[&Functions] = &[
    &apps::FUNCTIONS,
    &clients::FUNCTIONS,
    &communication::FUNCTIONS,
    &platform::FUNCTIONS,
    &sales::FUNCTIONS,
    &scheduling::FUNCTIONS,
];
