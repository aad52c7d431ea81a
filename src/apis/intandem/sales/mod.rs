//! Products, packages, bills, payments and coupons.

pub mod client_package;
mod credit;
pub mod payment_request;

use crate::apis::functions::Functions;

pub(super) static FUNCTIONS: Functions =
    Functions { handlers: &[("client_packages.create", client_package::create)], indexes: &[] };
