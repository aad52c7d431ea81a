//! What a business has bought of what there is to buy: `/v3/license/subscriptions`.
//!
//! Facts: rows `val-subscription-body` and `se-subscription-cancel` of the catalogue of other domains.

use std::sync::Arc;

use crate::model::{FieldValue, Record};
use crate::request::Context;

/// A new subscription: what it is called and what it costs is as the offering has it, where nothing else was said.
pub fn copy_offering(ctx: &mut Context<'_>, subscription: &Arc<Record>) -> Arc<Record> {
    let Some(offering) = ctx.owned_record("offering", subscription.text("offering_uid")) else {
        return Arc::clone(subscription);
    };
    let mut changed = Record::clone(subscription);
    for (name, of_offering) in [
        ("display_name", "display_name"),
        ("sku", "SKU"),
        ("offering_type", "type"),
        ("quantity", "quantity"),
        ("trial_type", "trial_type"),
        ("trial_period", "trial_period"),
    ] {
        changed.fields.set(name, offering.get(of_offering).clone());
    }
    if ctx.body_text("payment_type").is_none() {
        changed.fields.set("payment_type", offering.get("payment_type").clone());
    }
    let currency = subscription.text("purchase_currency");
    let price = offering.get("prices").as_list().iter().find(|price| price.get("currency").as_text() == Some(currency));
    let price = price.and_then(|price| price.get("price").as_decimal()).map_or(FieldValue::Null, FieldValue::from);
    changed.fields.set("original_price", price.clone());
    changed.fields.set("purchase_price", price);
    // Nobody has said when money is taken again.
    changed.fields.set("next_charge_date", FieldValue::Null);
    if let Some(buyer) = &ctx.caller.staff {
        changed.fields.set("buyer_uid", buyer);
    }
    ctx.state.store.put(changed)
}

/// A subscription that is cancelled says when it was.
pub fn set_cancellation_date(ctx: &mut Context<'_>, subscription: &Arc<Record>) -> Arc<Record> {
    if subscription.text("purchase_state") != "canceled" {
        return Arc::clone(subscription);
    }
    let mut changed = Record::clone(subscription);
    changed.fields.set("cancellation_date", ctx.state.now_text());
    ctx.state.store.put(changed)
}
