//! Coupons on payment requests.
//!
//! Facts: rows `cpn-apply-types`, `cpn-apply-any-payable` and `cpn-remove-idempotent` of the sales and clients catalogue.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::exchange::{Exchange, Payload, Refusal};
use crate::store::{Datum, Record};

/// A coupon that is applied makes a payment request cheaper and counts as redeemed once more.
pub fn applied(exchange: &mut Exchange<'_>, coupon: &Arc<Record>) -> Arc<Record> {
    let Some(request) = named(exchange) else { return Arc::clone(coupon) };
    let before = request.get("amount_before_coupon").as_decimal();
    let before = before.or_else(|| request.get("amount").as_decimal()).unwrap_or_default();
    let value = coupon.get("amount").as_decimal().unwrap_or_default();
    let off = if coupon.text("coupon_type") == "percent" {
        before.saturating_mul(value) / Decimal::ONE_HUNDRED
    } else {
        value
    };
    let mut changed = Record::clone(&request);
    changed.fields.set("amount_before_coupon", before);
    changed.fields.set("amount", before.saturating_sub(off).max(Decimal::ZERO).round_dp(2).normalize());
    changed.fields.set("updated_at", exchange.world.now_text());
    exchange.world.store.put(changed);
    let mut counted = Record::clone(coupon);
    let times = coupon.get("total_redemptions").as_integer().unwrap_or(0);
    counted.fields.set("total_redemptions", times.saturating_add(1));
    exchange.world.store.put(counted)
}

/// `POST /v2/coupons/remove`: what is owed is what it was before, and good as well where no coupon was applied.
pub fn remove(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    exchange.business()?;
    if let Some(request) = named(exchange)
        && !request.get("amount_before_coupon").is_null()
    {
        let mut changed = Record::clone(&request);
        changed.fields.set("amount", request.get("amount_before_coupon").clone());
        changed.fields.set("amount_before_coupon", Datum::Null);
        changed.fields.set("updated_at", exchange.world.now_text());
        exchange.world.store.put(changed);
    }
    Ok(Payload::empty())
}

/// The pending payment request that the body names.
fn named(exchange: &Exchange<'_>) -> Option<Arc<Record>> {
    let request = exchange.own("payment_request", exchange.sent_text("entity_id")?)?;
    (request.text("state") == "pending").then_some(request)
}
