//! What a contract cannot say: side effects and states. One file per resource.
//!
//! A behaviour is registered under the key of its operation, `METHOD /full/path`, and returns a payload or a
//! refusal; it never knows how its family writes either. Operations without one are served by [`serve_generically`].

mod generic;
mod list;
mod money;

pub mod clients {
    //! Clients and their matters.
    pub mod client;
    pub mod matter;
}

pub mod sales {
    //! What is sold, to whom, and what is owed for it.
    pub mod client_package;
    pub mod package;
    pub mod payment_request;
    pub mod service;
}

pub use generic::{plant, serve as serve_generically};

use crate::exchange::{Exchange, Payload, Refusal};

/// How one operation behaves.
pub type Behave = fn(&mut Exchange<'_>) -> Result<Payload, Refusal>;

/// Every behaviour under the key of its operation.
pub static ALL: &[(&str, Behave)] = &[
    ("GET /platform/v1/clients", clients::client::list),
    ("POST /platform/v1/clients", clients::client::create),
    ("GET /platform/v1/clients/{client_id}", clients::client::read),
    ("PUT /platform/v1/clients/{client_id}", clients::client::update),
    ("DELETE /platform/v1/clients/{client_id}", clients::client::delete),
    ("GET /business/clients/v1/matters", clients::matter::list),
    ("GET /business/clients/v1/matters/{uid}", clients::matter::read),
    ("GET /business/clients/v1/contacts/{client_uid}/matters", clients::matter::list_of_client),
    ("GET /platform/v1/services", sales::service::list),
    ("GET /platform/v1/payment/packages", sales::package::list),
    ("POST /platform/v1/payment/packages", sales::package::create),
    ("GET /platform/v1/payment/packages/{package_id}", sales::package::read),
    ("PUT /platform/v1/payment/packages/{package_id}", sales::package::update),
    ("POST /platform/v1/payment/client_packages", sales::client_package::create),
    ("GET /business/payments/v1/client_packages/{uid}", sales::client_package::read),
    ("PUT /business/payments/v1/client_packages/{uid}", sales::client_package::update),
    ("GET /business/payments/v1/payment_requests", sales::payment_request::list),
    ("GET /business/payments/v1/payment_requests/{payment_request_uid}", sales::payment_request::read),
];

/// The behaviour of an operation, if it has one of its own.
pub fn of(key: &str) -> Option<Behave> {
    ALL.iter().find(|(known, _)| *known == key).map(|(_, behave)| *behave)
}
