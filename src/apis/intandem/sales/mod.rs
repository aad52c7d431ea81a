//! Products, packages, bills, payments and coupons.

mod bill;
pub mod card;
pub mod cart;
pub mod checkout;
pub mod client_package;
pub mod coupon;
mod credit;
pub mod estimate;
pub mod invoice;
pub mod package;
pub mod payment;
pub mod payment_request;
pub mod product;
pub mod product_order;
pub mod redemption;
pub mod service;

use crate::apis::functions::Functions;

pub(super) static FUNCTIONS: Functions = Functions {
    handlers: &[
        ("services.list", service::list),
        ("services.list_by_type", service::list_by_type),
        ("packages.list", package::list),
        ("packages.create", package::create),
        ("packages.read", package::read),
        ("packages.update", package::update),
        ("packages.list_for_client", package::list_for_client),
        ("packages.read_for_client", package::read_for_client),
        ("packages.reorder", package::reorder),
        ("client_packages.create", client_package::create),
        ("client_packages.read", client_package::read),
        ("client_packages.update", client_package::update),
        ("client_packages.list_for_client", client_package::list_for_client),
        ("payment_requests.list", payment_request::list),
        ("payment_requests.read", payment_request::read),
        ("payment_requests.update", payment_request::update),
        ("payment_requests.list_for_client", payment_request::list_for_client),
        ("redemptions.redeem", redemption::redeem),
        ("redemptions.validate", redemption::validate),
        ("redemptions.cancel", redemption::cancel),
        ("payments.update", payment::update),
        ("payments.match", payment::match_request),
        ("invoices.list_for_platform", invoice::list_for_platform),
        ("invoices.read_for_platform", invoice::read_for_platform),
        ("invoices.read_for_business", invoice::read_for_business),
        ("invoices.list_for_client", invoice::list_for_client),
        ("estimates.list", estimate::list),
        ("checkouts.read", checkout::read),
        ("checkouts.read_session", checkout::read_session),
        ("coupons.remove", coupon::remove),
        ("coupons.validate", coupon::validate),
        ("coupons.apply_code", coupon::apply_code),
        ("cards.sync", card::sync),
    ],
    after_write: &[
        ("products.set_totals", product::set_totals),
        ("product_orders.bill", product_order::bill),
        ("product_orders.update_bill", product_order::update_bill),
        ("estimates.complete", estimate::complete),
        ("invoices.issue", invoice::issue),
        ("invoices.issue_for_platform", invoice::issue_for_platform),
        ("invoices.update_bill", invoice::update_bill),
        ("invoices.cancel", invoice::cancel),
        ("carts.bill", cart::bill),
        ("carts.cancel", cart::cancel),
        ("payments.complete", payment::complete),
        ("payments.apply_refund", payment::apply_refund),
        ("coupons.complete", coupon::complete),
        ("coupons.set_labels", coupon::set_labels),
        ("coupons.expire", coupon::expire),
        ("coupons.apply", coupon::apply),
    ],
    indexes: &[],
};
