//! Coupons, and what they do to payment requests.
//!
//! Facts: rows `cpn-unique`, `cpn-states`, `cpn-apply-types`, `cpn-apply-any-payable`, `cpn-invalid` and
//! `cpn-remove-idempotent` of the sales and clients catalogue.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::payment_request;
use crate::apis::intandem::money;
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, Reply};

/// A new coupon: what it takes off and when in words, and a code of its own where none was sent.
pub fn complete(ctx: &mut Context<'_>, coupon: &Arc<Record>) -> Arc<Record> {
    let mut changed = Record::clone(coupon);
    if ctx.body_text("code").is_none() {
        changed.fields.set("code", new_code(ctx));
    }
    changed.fields.set("total_redemptions", 0);
    let changed = format_amount(ctx, changed);
    ctx.state.store.put(changed)
}

/// A coupon that was changed says so in words as well.
pub fn set_labels(ctx: &mut Context<'_>, coupon: &Arc<Record>) -> Arc<Record> {
    let changed = format_amount(ctx, Record::clone(coupon));
    ctx.state.store.put(changed)
}

/// A coupon that was made to expire ended just now (row `cpn-states`).
pub fn expire(ctx: &mut Context<'_>, coupon: &Arc<Record>) -> Arc<Record> {
    let mut changed = Record::clone(coupon);
    changed.fields.set("expires_at", ctx.state.now_text());
    let changed = format_amount(ctx, changed);
    ctx.state.store.put(changed)
}

/// A coupon that is applied makes a payment request cheaper and counts as redeemed once more.
pub fn apply(ctx: &mut Context<'_>, coupon: &Arc<Record>) -> Arc<Record> {
    match named(ctx) {
        Some(request) => apply_to(ctx, &request, coupon).1,
        None => Arc::clone(coupon),
    }
}

/// `GET /platform/v1/payment_statuses/{id}/validate_coupon`: what would be owed with the coupon.
pub fn validate(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let (request, coupon) = of_path(ctx)?;
    let shown = match coupon {
        Some(coupon) => Arc::new(cheaper(&request, &coupon)),
        None => request,
    };
    Ok(priced(ctx, &shown))
}

/// `PUT /platform/v1/payment_statuses/{id}/apply_coupon`: from now on that is owed.
pub fn apply_code(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let (request, coupon) = of_path(ctx)?;
    let shown = match coupon {
        Some(coupon) => apply_to(ctx, &request, &coupon).0,
        None => request,
    };
    Ok(priced(ctx, &shown))
}

/// `POST /v2/coupons/remove`: what is owed is what it was before, and good as well where no coupon was applied.
pub fn remove(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.business()?;
    if let Some(request) = named(ctx)
        && !request.get("amount_before_coupon").is_null()
    {
        let mut changed = Record::clone(&request);
        changed.fields.set("amount", request.get("amount_before_coupon").clone());
        changed.fields.set("amount_before_coupon", FieldValue::Null);
        changed.fields.set("updated_at", ctx.state.now_text());
        ctx.state.store.put(changed);
    }
    Ok(Reply::empty())
}

/// The pending payment request that the body names.
fn named(ctx: &Context<'_>) -> Option<Arc<Record>> {
    let request = ctx.owned_record("payment_request", ctx.body_text("entity_id")?)?;
    (request.text("state") == "pending").then_some(request)
}

/// The payment request of the path, which is to be unpaid, and the coupon with the code of the query or the body. There is
/// none where any code is good.
fn of_path(ctx: &Context<'_>) -> Result<(Arc<Record>, Option<Arc<Record>>), ApiError> {
    ctx.business()?;
    let code = ctx.query.get("coupon_code").filter(|code| !code.is_empty());
    let code = code.or_else(|| ctx.body_text("coupon_code")).ok_or_else(|| ApiError::missing("coupon_code"))?;
    let client = ctx.caller.client.as_deref();
    let request = ctx.owned_record("payment_request", &ctx.path[0]);
    let request = request.filter(|request| client.is_none_or(|client| request.text("client_uid") == client));
    let request = request.ok_or_else(|| ApiError::not_found("Payment status").field("id"))?;
    if request.text("state") != "pending" {
        return Err(ApiError::invalid("id", "Invalid Coupon"));
    }
    let has_code = |coupon: &&Arc<Record>| ctx.is_own(coupon) && coupon.text("code") == code;
    Ok((request, ctx.state.store.all("coupon").find(has_code).cloned()))
}

/// What is owed with a coupon in place of the one that was applied before.
fn cheaper(request: &Record, coupon: &Record) -> Record {
    let before = request.get("amount_before_coupon").as_decimal();
    let before = before.or_else(|| request.get("amount").as_decimal()).unwrap_or_default();
    let value = coupon.get("amount").as_decimal().unwrap_or_default();
    let off = if is_percent(coupon) { before.saturating_mul(value) / Decimal::ONE_HUNDRED } else { value };
    let mut changed = request.clone();
    changed.fields.set("amount_before_coupon", before);
    changed.fields.set("amount", before.saturating_sub(off).max(Decimal::ZERO).round_dp(2).normalize());
    changed
}

/// The request as it is then, and the coupon.
fn apply_to(ctx: &mut Context<'_>, request: &Record, coupon: &Record) -> (Arc<Record>, Arc<Record>) {
    let mut owed = cheaper(request, coupon);
    owed.fields.set("updated_at", ctx.state.now_text());
    let owed = ctx.state.store.put(owed);
    let mut counted = coupon.clone();
    let times = coupon.get("total_redemptions").as_integer().unwrap_or(0);
    counted.fields.set("total_redemptions", times.saturating_add(1));
    (owed, ctx.state.store.put(counted))
}

/// What is owed as whoever enters a code sees it (row `cpn-invalid`).
fn priced(ctx: &Context<'_>, request: &Record) -> Reply {
    let number = |name: &str| request.get(name).as_decimal();
    let price = number("amount").unwrap_or_default();
    let left = price.saturating_sub(number("amount_paid").unwrap_or_default()).max(Decimal::ZERO);
    let left = money::format_amount(left, request.text("currency"));
    let before = number("amount_before_coupon").unwrap_or(price).normalize();
    let shown = Fields::new()
        .with("amount_to_pay_h", left.as_str())
        .with("balance_h", left)
        .with("currency", request.get("currency").clone())
        .with("id", &request.id)
        .with("price", price)
        .with("price_before_coupon", before.to_string())
        .with("state", payment_request::shown_state(ctx.state, request));
    Reply::empty().and("payment_status", shown)
}

/// A code that no coupon has: letters and digits (row `cpn-unique`).
fn new_code(ctx: &mut Context<'_>) -> String {
    loop {
        let code = ctx.state.ids.uid()[..10].to_uppercase();
        if ctx.state.store.all("coupon").all(|coupon| coupon.text("code") != code) {
            return code;
        }
    }
}

fn is_percent(coupon: &Record) -> bool {
    coupon.text("coupon_type") == "percent"
}

/// What a coupon takes off, and its first and its last day.
fn format_amount(ctx: &Context<'_>, mut coupon: Record) -> Record {
    let value = coupon.get("amount").as_decimal().unwrap_or_default();
    let business = ctx.caller.business.as_deref();
    let currency = business.and_then(|business| ctx.state.store.get("business", business));
    let discount = match is_percent(&coupon) {
        true => format!("{}%", value.normalize()),
        // The sources show only percentages in words; money is written as it is where a code is entered.
        false => money::format_amount(value, currency.map_or("", |business| business.text("currency"))),
    };
    coupon.fields.set("discount_h", discount);
    for (name, words) in [("starts_at", "starts_at_h"), ("expires_at", "expires_at_h")] {
        let day = coupon.text(name).get(..10).and_then(|day| day.parse::<Date>().ok());
        if let Some(day) = day {
            coupon.fields.set(words, day.strftime("%b %-d, %Y").to_string());
        }
    }
    coupon
}
