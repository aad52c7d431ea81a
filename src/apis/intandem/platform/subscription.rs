//! Subscriptions of a business to offerings: `/v3/license/subscriptions`.
//!
//! Source: catalogue-platform, rows val-subscription-body and se-subscription-cancel.

use std::sync::Arc;

use crate::model::{FieldValue, Record};
use crate::request::Context;

/// Copies name and price of the offering into a new subscription.
pub fn copy_offering(ctx: &mut Context<'_>, subscription: &Arc<Record>) -> Arc<Record> {
    let Some(offering) = ctx.owned_record("offering", subscription.text("offering_uid")) else {
        return Arc::clone(subscription);
    };
    let mut changed = Record::clone(subscription);
    for (name, offering_field) in [
        ("display_name", "display_name"),
        ("sku", "SKU"),
        ("offering_type", "type"),
        ("quantity", "quantity"),
        ("trial_type", "trial_type"),
        ("trial_period", "trial_period"),
    ] {
        changed.fields.set(name, offering.get(offering_field).clone());
    }
    if ctx.body_text("payment_type").is_none() {
        changed.fields.set("payment_type", offering.get("payment_type").clone());
    }
    let currency = subscription.text("purchase_currency");
    let price = offering.get("prices").as_list().iter().find(|price| price.get("currency").as_text() == Some(currency));
    let price = price.and_then(|price| price.get("price").as_decimal()).map_or(FieldValue::Null, FieldValue::from);
    changed.fields.set("original_price", price.clone());
    changed.fields.set("purchase_price", price);
    // The date of the next charge is unknown.
    changed.fields.set("next_charge_date", FieldValue::Null);
    if let Some(buyer) = ctx.caller.subject("staff") {
        changed.fields.set("buyer_uid", buyer);
    }
    ctx.state.store.put(changed)
}

/// Sets the date of the cancellation.
pub fn set_cancellation_date(ctx: &mut Context<'_>, subscription: &Arc<Record>) -> Arc<Record> {
    if subscription.text("purchase_state") != "canceled" {
        return Arc::clone(subscription);
    }
    let mut changed = Record::clone(subscription);
    changed.fields.set("cancellation_date", ctx.state.now_text());
    ctx.state.store.put(changed)
}
