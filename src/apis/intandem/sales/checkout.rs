//! A payment request as the page shows it on which a client pays.
//!
//! Source: catalogue-sales, rows checkout-get-dual-key, checkout-get-paid and checkout-client.

use super::payment_request;
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, ErrorKind, Reply};

/// `GET /platform/v1/payment/checkout/{url_key}`: the key is that of a session at a payment gateway or, without one, a
/// payment request.
pub fn read(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let request = ctx.owned_record("payment_request", &ctx.path[0]);
    let request = request.ok_or_else(|| ApiError::not_found("Payment request").field("url_key"))?;
    if request.text("state") == "paid" {
        return Err(ApiError::invalid("url_key", "Already_paid"));
    }
    let client = ctx.owned_record("client", request.text("client_uid"));
    let of_client = |name: &str| client.as_ref().map_or(FieldValue::Null, |client| client.get(name).clone());
    let invoice = (request.text("payable_type") == "Invoice").then(|| request.get("payable_uid").clone());
    Ok(Reply::empty()
        .and("allow_save_card", false)
        .and("amount", payment_request::amount_left(&request))
        .and("client_id", request.get("client_uid").clone())
        .and("client_store_card_for_business_use", false)
        .and("currency", request.get("currency").clone())
        .and("email", of_client("email"))
        .and("fees", Vec::new())
        .and("invoice_id", invoice)
        .and("name", request.get("sellable_name").clone())
        .and("terms_and_conditions_type", "text"))
}

/// `GET /client/payments/v1/payment_requests/{payment_request_uid}/checkout`.
pub fn read_session(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let request = payment_request::find_visible(ctx, &ctx.path[0]);
    let request = request
        .ok_or_else(|| ApiError::new(ErrorKind::Absent, "Payment request not found").field("payment_request_uid"))?;
    let get = |name: &str| request.get(name).clone();
    let item = Fields::new()
        .with("title", get("sellable_name"))
        .with("entity_type", get("payable_type"))
        .with("entity_uid", get("payable_uid"))
        .with("discount", 0)
        .with("price_before_discount", get("net_amount"))
        .with("price_after_discount", get("net_amount"))
        .with("taxes", get("taxes"));
    let session = Fields::with_capacity(18)
        .with("title", get("sellable_name"))
        .with("amount_total", get("amount"))
        .with("amount_left_to_pay", payment_request::amount_left(&request))
        .with("net_total_amount", get("net_amount"))
        .with("net_amount_left_to_pay", get("net_amount"))
        .with("coupon_discount", 0)
        .with("discount", 0)
        .with("currency", get("currency"))
        .with("is_allowed_coupons", true)
        .with("is_cart_coupon", false)
        .with("items", vec![item.into()])
        .with("payable_type", get("payable_type"))
        .with("payable_uid", get("payable_uid"))
        .with("payment_status_uid", &request.id)
        .with("state", checkout_state(ctx, &request))
        .with("tax_mode", get("tax_mode"))
        .with("taxes", get("taxes"));
    Ok(Reply::empty().and("checkout_session", session))
}

/// The state on the checkout page: a pending request is due, unless it is overdue.
fn checkout_state<'r>(ctx: &Context<'_>, request: &'r Record) -> &'r str {
    match payment_request::displayed_state(ctx, request) {
        "pending" => "due",
        state => state,
    }
}
