//! Handlers of inTandem: side effects and states that its resources files cannot express. One file per resource.

pub mod jwt;
mod money;

pub mod apps {
    //! Apps.
    pub mod app;
    pub mod board;
}

pub mod clients {
    //! Clients and their matters.
    pub mod client;
    pub mod field;
    pub(super) mod generate;
    pub mod matter;
    pub mod search;
}

pub mod communication {
    //! Who writes to whom.
    pub mod message;
}

pub mod platform {
    //! Who may do what.
    pub mod authorization;
    pub mod business;
    pub mod identity;
    pub mod oauth;
    pub mod role;
    pub mod subscription;
    pub mod token;
    pub mod webhook;
}

pub mod sales {
    //! What is sold, to whom, and what is owed for it.
    mod bill;
    pub mod card;
    pub mod cart;
    pub mod checkout;
    pub mod client_package;
    pub mod coupon;
    pub mod estimate;
    pub mod invoice;
    pub mod package;
    pub mod payment;
    pub mod payment_request;
    pub mod product;
    pub mod product_order;
    pub mod redemption;
    pub mod service;
}

pub mod scheduling {
    //! Who meets whom, and when.
    pub mod availability;
    pub mod booking;
    pub mod calendar_sync;
    pub mod event;
    pub mod reservation;
    pub mod time_slot;
}

use crate::apis::{Generate, TokenValue};
use crate::model::Record;
use crate::request::{AfterWrite, Handler};

/// Every behaviour under the key of its operation.
pub static HANDLERS: &[(&str, Handler)] = &[
    ("GET /platform/v1/clients", clients::client::list),
    ("POST /platform/v1/clients", clients::client::create),
    ("GET /platform/v1/clients/{client_id}", clients::client::read),
    ("PUT /platform/v1/clients/{client_id}", clients::client::update),
    ("DELETE /platform/v1/clients/{client_id}", clients::client::delete),
    ("GET /business/clients/v1/matters", clients::matter::list),
    ("GET /business/clients/v1/matters/{uid}", clients::matter::read),
    ("GET /business/clients/v1/contacts/{client_uid}/matters", clients::matter::list_of_client),
    ("POST /business/clients/v1/contacts/{client_uid}/matters", clients::matter::create_named),
    ("PUT /business/clients/v1/matters/{matter_uid}/nest", clients::matter::nest),
    ("GET /business/clients/v1/matters/{matter_uid}/tags", clients::matter::tags),
    ("POST /business/clients/v1/matters/{matter_uid}/tags", clients::matter::tag),
    ("DELETE /business/clients/v1/matters/{matter_uid}/tags", clients::matter::untag),
    ("PUT /business/clients/v1/tags", clients::matter::tag_many),
    ("DELETE /business/clients/v1/tags", clients::matter::untag_many),
    ("GET /platform/v1/fields", clients::field::list),
    ("POST /platform/v1/fields", clients::field::create),
    ("GET /v2/search", clients::search::search),
    ("GET /platform/v1/services", sales::service::list),
    ("GET /platform/v1/payment/packages", sales::package::list),
    ("POST /platform/v1/payment/packages", sales::package::create),
    ("GET /platform/v1/payment/packages/{package_id}", sales::package::read),
    ("PUT /platform/v1/payment/packages/{package_id}", sales::package::update),
    ("GET /client/payments/v1/packages", sales::package::list_of_client),
    ("GET /client/payments/v1/packages/{package_id}", sales::package::read_of_client),
    ("PUT /business/payments/v1/packages/reorder", sales::package::reorder),
    ("POST /platform/v1/payment/client_packages", sales::client_package::create),
    ("GET /business/payments/v1/client_packages/{uid}", sales::client_package::read),
    ("PUT /business/payments/v1/client_packages/{uid}", sales::client_package::update),
    ("GET /client/payments/v1/client_packages", sales::client_package::list_of_client),
    ("GET /business/payments/v1/payment_requests", sales::payment_request::list),
    ("GET /business/payments/v1/payment_requests/{payment_request_uid}", sales::payment_request::read),
    ("PUT /business/payments/v1/payment_requests/{payment_request_uid}", sales::payment_request::update),
    ("GET /client/payments/v1/payment_requests", sales::payment_request::list_of_client),
    ("POST /platform/v1/payment/client_packages/update_usage", sales::redemption::redeem),
    ("POST /platform/v1/clients/payment/client_packages/update_usage", sales::redemption::redeem),
    ("GET /platform/v1/clients/payment/client_packages/validate", sales::redemption::validate),
    ("PUT /platform/v1/payment/client_packages/cancel_redemption", sales::redemption::cancel),
    ("PUT /platform/v1/payments/{payment_uid}", sales::payment::pay),
    ("POST /platform/v1/payments/{payment_uid}/match", sales::payment::matched),
    ("GET /platform/v1/invoices", sales::invoice::list_of_platform),
    ("GET /platform/v1/clients/{client_id}/invoices", sales::invoice::list_of_platform),
    ("GET /platform/v1/invoices/{invoice_id}", sales::invoice::read_of_platform),
    ("GET /business/payments/v1/invoices/{invoice_uid}", sales::invoice::read_of_business),
    ("GET /client/payments/v1/invoices", sales::invoice::list_of_client),
    ("GET /platform/v1/estimates", sales::estimate::list),
    ("GET /platform/v1/clients/{client_id}/estimates", sales::estimate::list),
    ("GET /platform/v1/payment/checkout/{url_key}", sales::checkout::read),
    ("GET /client/payments/v1/payment_requests/{payment_request_uid}/checkout", sales::checkout::session),
    ("POST /v2/coupons/remove", sales::coupon::remove),
    ("GET /platform/v1/payment_statuses/{id}/validate_coupon", sales::coupon::validate),
    ("PUT /platform/v1/payment_statuses/{id}/apply_coupon", sales::coupon::apply_code),
    ("POST /platform/v1/payment/cards/sync_card", sales::card::sync),
    ("POST /platform/v1/apps", apps::app::create),
    ("GET /platform/v1/businesses", platform::business::find),
    ("POST /platform/v1/businesses", platform::business::create),
    ("GET /platform/v1/businesses/{business_uid}", platform::business::read),
    ("POST /platform/v1/businesses/{business_uid}", platform::business::update),
    ("POST /oauth/token", platform::oauth::token),
    ("POST /oauth/service/token", platform::oauth::service_token),
    ("GET /oauth/userinfo", platform::identity::userinfo),
    ("GET /oauth/authorize", platform::authorization::authorize),
    ("GET /app/oauth/authorize", platform::authorization::authorize),
    ("GET /platform/v1/tokens", platform::token::list),
    ("POST /platform/v1/tokens", platform::token::create),
    ("POST /platform/v1/tokens/revoke", platform::token::revoke),
    ("POST /platform/v1/webhook/subscribe", platform::webhook::subscribe),
    ("POST /platform/v1/webhook/unsubscribe", platform::webhook::unsubscribe),
    ("GET /v2/settings/services", sales::service::list_by_type),
    ("POST /business/scheduling/v1/bookings", scheduling::reservation::create),
    ("POST /platform/v1/scheduling/bookings", scheduling::reservation::create),
    ("POST /business/scheduling/v1/bookings/accept", scheduling::reservation::accept),
    ("POST /business/scheduling/v1/bookings/complete", scheduling::reservation::complete),
    ("PUT /platform/v1/scheduling/bookings/{booking_uid}/update_rsvp_state", scheduling::reservation::answer),
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

/// Every consequence under the key of the operation that has it.
pub static AFTER_WRITE: &[(&str, AfterWrite)] = &[
    ("POST /business/payments/v1/products", sales::product::priced),
    ("PUT /business/payments/v1/products/{product_uid}", sales::product::priced),
    ("POST /business/payments/v1/product_orders", sales::product_order::made),
    ("PUT /business/payments/v1/product_orders/{product_order_uid}", sales::product_order::changed),
    ("POST /business/payments/v1/estimates", sales::estimate::made),
    ("POST /business/payments/v1/invoices", sales::invoice::made),
    ("POST /platform/v1/invoices", sales::invoice::made),
    ("POST /v3/payments/invoices", sales::invoice::made),
    ("PUT /business/payments/v1/invoices/{invoice_uid}/cancel", sales::invoice::cancelled),
    ("POST /business/payments/v1/carts", sales::cart::made),
    ("PUT /business/payments/v1/carts/{uid}/cancel", sales::cart::cancelled),
    ("POST /platform/v1/payments", sales::payment::made),
    ("POST /business/payments/v1/refunds", sales::payment::refunded),
    ("POST /v2/coupons", sales::coupon::made),
    ("PUT /v2/coupons/{uid}", sales::coupon::changed),
    ("POST /v2/coupons/{uid}/expire", sales::coupon::expired),
    ("POST /v2/coupons/{uid}/apply", sales::coupon::applied),
    ("POST /platform/v1/messages", communication::message::sent),
    ("POST /v2/conversations/{conversation_id}/messages", communication::message::written),
    ("PUT /v3/access_control/staff_business_roles/{staff_uid}", platform::role::given),
    ("POST /v3/apps/staff_widgets_boards", apps::board::set_layout),
    ("PUT /v3/apps/staff_widgets_boards/{uid}", apps::board::set_layout),
    ("POST /v3/license/subscriptions", platform::subscription::made),
    ("PUT /v3/license/subscriptions/{uid}", platform::subscription::changed),
    ("PUT /business/scheduling/v1/bookings/{booking_id}", scheduling::booking::changed),
    ("POST /v2/event_instances", scheduling::event::made),
];

/// Generators of records, by kind.
pub static GENERATORS: &[(&str, Generate)] = &[("client", clients::generate::fill_up)];

/// Functions that make the values of a scenario's tokens, by the name under `value` of the kind of token.
pub static TOKEN_VALUES: &[(&str, TokenValue)] = &[("client_jwt", client_token)];

/// The token of a client: the same for every seed and on every day, so that it can be written down.
fn client_token(client: &Record, jti: &str) -> String {
    jwt::client_jwt(&jwt::ClientClaims::lasting(&client.id, client.text("business_uid"), jti)).0
}
