//! What a contract cannot say: side effects and states. One file per resource.
//!
//! A behaviour is registered under the key of its operation, `METHOD /full/path`, and returns a payload or a
//! refusal; it never knows how its family writes either. Operations without one are served by [`serve_generically`].

mod generic;
mod list;
mod money;

pub mod apps {
    //! Apps.
    pub mod app;
}

pub mod clients {
    //! Clients and their matters.
    pub mod client;
    pub mod matter;
}

pub mod platform {
    //! Who may do what.
    pub mod oauth;
    pub mod token;
}

pub mod sales {
    //! What is sold, to whom, and what is owed for it.
    pub mod client_package;
    pub mod package;
    pub mod payment_request;
    pub mod service;
}

pub mod scheduling {
    //! Who meets whom, and when.
    pub mod availability;
    pub mod calendar_sync;
    pub mod event;
    pub mod reservation;
    pub mod time_slot;
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
    ("POST /platform/v1/apps", apps::app::create),
    ("POST /oauth/token", platform::oauth::token),
    ("POST /oauth/service/token", platform::oauth::service_token),
    ("GET /oauth/userinfo", platform::oauth::userinfo),
    ("GET /platform/v1/tokens", platform::token::list),
    ("POST /platform/v1/tokens", platform::token::create),
    ("POST /platform/v1/tokens/revoke", platform::token::revoke),
    ("GET /v2/settings/services", sales::service::list_by_type),
    ("POST /business/scheduling/v1/bookings", scheduling::reservation::create),
    ("POST /business/scheduling/v1/bookings/accept", scheduling::reservation::accept),
    ("POST /business/scheduling/v1/bookings/complete", scheduling::reservation::complete),
    ("PUT /business/scheduling/v1/bookings/cancel", scheduling::reservation::cancel),
    ("GET /v3/scheduling/business_availabilities", scheduling::availability::list),
    ("POST /platform/v1/scheduling/bookings/cancel", scheduling::reservation::cancel),
    ("POST /v2/event_instances/{event_instance_id}/event_attendances", scheduling::event::attend),
    ("POST /platform/v1/scheduling/waitlist", scheduling::event::wait),
    ("PUT /platform/v1/scheduling/waitlist/cancel", scheduling::event::leave),
    ("POST /business/scheduling/v1/waitlist/bulk_create", scheduling::event::wait_many),
    ("PUT /business/scheduling/v1/waitlist/cancel", scheduling::event::leave),
    ("POST /platform/v1/scheduling/calendar_syncs", scheduling::calendar_sync::create),
    ("POST /business/scheduling/v1/calendar_syncs", scheduling::calendar_sync::create),
    ("PUT /business/scheduling/v1/external_calendar_items/connect", scheduling::calendar_sync::connect),
    ("PUT /business/scheduling/v1/external_calendar_items/bulk_create", scheduling::calendar_sync::connect),
    ("PUT /business/scheduling/v1/external_calendar_items/bulk_deactivate", scheduling::calendar_sync::connect),
    ("PUT /business/scheduling/v1/external_calendar_items/disable", scheduling::calendar_sync::disable),
    ("PUT /business/scheduling/v1/external_calendar_items/disconnect", scheduling::calendar_sync::disable),
    ("PUT /business/scheduling/v1/external_calendar_items/start_export", scheduling::calendar_sync::start_export),
    ("PUT /business/scheduling/v1/external_calendar_items/stop_import", scheduling::calendar_sync::stop_import),
    ("POST /business/scheduling/v1/time_slots", scheduling::time_slot::create),
    ("PUT /business/scheduling/v1/time_slots/{time_slot_uid}", scheduling::time_slot::update),
    ("DELETE /business/scheduling/v1/time_slots/{time_slot_uid}", scheduling::time_slot::delete),
];

/// The behaviour of an operation, if it has one of its own.
pub fn of(key: &str) -> Option<Behave> {
    ALL.iter().find(|(known, _)| *known == key).map(|(_, behave)| *behave)
}
