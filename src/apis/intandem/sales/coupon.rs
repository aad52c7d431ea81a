//! Coupons, and how they reduce payment requests.
//!
//! Source: catalogue-sales, rows cpn-unique, cpn-states, cpn-apply-types, cpn-apply-any-payable, cpn-invalid and
//! cpn-remove-idempotent.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::payment_request;
use crate::apis::intandem::money;
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, Reply};

/// Completes a new coupon: generates a code if the request has none, and sets the labels.
pub fn complete(ctx: &mut Context<'_>, coupon: &Arc<Record>) -> Arc<Record> {
    let mut changed = Record::clone(coupon);
    if ctx.body_text("code").is_none() {
        changed.fields.set("code", new_code(ctx));
    }
    changed.fields.set("total_redemptions", 0);
    let changed = with_labels(ctx, changed);
    ctx.state.store.put(changed)
}

/// Sets the labels of a changed coupon.
pub fn set_labels(ctx: &mut Context<'_>, coupon: &Arc<Record>) -> Arc<Record> {
    let changed = with_labels(ctx, Record::clone(coupon));
    ctx.state.store.put(changed)
}

/// Sets the end of an expired coupon to now. Source: catalogue-sales, row cpn-states.
pub fn expire(ctx: &mut Context<'_>, coupon: &Arc<Record>) -> Arc<Record> {
    let mut changed = Record::clone(coupon);
    changed.fields.set("expires_at", ctx.state.now_text());
    let changed = with_labels(ctx, changed);
    ctx.state.store.put(changed)
}

/// Applies a coupon to the payment request that the body names.
pub fn apply(ctx: &mut Context<'_>, coupon: &Arc<Record>) -> Arc<Record> {
    match find_request(ctx).filter(|_| is_usable(ctx, coupon)) {
        Some(request) => apply_to(ctx, &request, coupon).1,
        None => Arc::clone(coupon),
    }
}

/// `GET /platform/v1/payment_statuses/{id}/validate_coupon`: the amounts with the coupon.
pub fn validate(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let (request, coupon) = read_path(ctx)?;
    let shown = match coupon {
        Some(coupon) => Arc::new(reduce(&request, &coupon)),
        None => request,
    };
    Ok(respond(ctx, &shown))
}

/// `PUT /platform/v1/payment_statuses/{id}/apply_coupon`: applies a coupon by its code.
pub fn apply_code(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let (request, coupon) = read_path(ctx)?;
    let shown = match coupon {
        Some(coupon) => apply_to(ctx, &request, &coupon).0,
        None => request,
    };
    Ok(respond(ctx, &shown))
}

/// `POST /v2/coupons/remove`: restores the amount of a payment request. Succeeds without an applied coupon as well.
pub fn remove(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    if let Some(request) = find_request(ctx)
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
fn find_request(ctx: &Context<'_>) -> Option<Arc<Record>> {
    let request = ctx.owned_record("payment_request", ctx.body_text("entity_id")?)?;
    (request.text("state") == "pending").then_some(request)
}

/// The payment request of the path, which must be pending, and the coupon with the code of the query or the body. Any
/// code is accepted: an unknown one has no coupon.
fn read_path(ctx: &Context<'_>) -> Result<(Arc<Record>, Option<Arc<Record>>), ApiError> {
    ctx.owner()?;
    let code = ctx.query.get("coupon_code").filter(|code| !code.is_empty());
    let code = code.or_else(|| ctx.body_text("coupon_code")).ok_or_else(|| ApiError::missing("coupon_code"))?;
    let request = payment_request::find_visible(ctx, &ctx.path[0]);
    let request = request.ok_or_else(|| ApiError::not_found("Payment status").field("id"))?;
    if request.text("state") != "pending" {
        return Err(ApiError::invalid("id", "Invalid Coupon"));
    }
    let has_code = |coupon: &&Arc<Record>| ctx.is_own(coupon) && coupon.text("code") == code && is_usable(ctx, coupon);
    Ok((request, ctx.state.store.all("coupon").find(has_code).cloned()))
}

/// Whether a coupon can be applied: it is neither disabled nor expired, and its time has not ended.
fn is_usable(ctx: &Context<'_>, coupon: &Record) -> bool {
    let has_ended = || {
        let end = coupon.text("expires_at");
        let business = ctx.caller.owner.as_deref().unwrap_or_default();
        match (end.parse::<Timestamp>(), end.parse::<Date>()) {
            (Ok(time), _) => time <= ctx.state.now(),
            // A day counts as a whole.
            (_, Ok(day)) => day < ctx.state.today(business),
            _ => false,
        }
    };
    !matches!(coupon.text("state"), "expired" | "disabled") && !has_ended()
}

/// The payment request reduced by a coupon, in place of a coupon that was applied before.
fn reduce(request: &Record, coupon: &Record) -> Record {
    let before = request.get("amount_before_coupon").as_decimal();
    let before = before.or_else(|| request.get("amount").as_decimal()).unwrap_or_default();
    let value = coupon.get("amount").as_decimal().unwrap_or_default();
    let discount = if is_percent(coupon) { before.saturating_mul(value) / Decimal::ONE_HUNDRED } else { value };
    let mut changed = request.clone();
    changed.fields.set("amount_before_coupon", before);
    changed.fields.set("amount", before.saturating_sub(discount).max(Decimal::ZERO).round_dp(2).normalize());
    changed
}

/// Stores the reduced payment request and counts the use of the coupon.
fn apply_to(ctx: &mut Context<'_>, request: &Record, coupon: &Record) -> (Arc<Record>, Arc<Record>) {
    let mut reduced = reduce(request, coupon);
    reduced.fields.set("updated_at", ctx.state.now_text());
    let reduced = ctx.state.store.put(reduced);
    let mut used = coupon.clone();
    let times = coupon.get("total_redemptions").as_integer().unwrap_or(0);
    used.fields.set("total_redemptions", times.saturating_add(1));
    (reduced, ctx.state.store.put(used))
}

/// A payment request in the response to a coupon code. Source: catalogue-sales, row cpn-invalid.
fn respond(ctx: &Context<'_>, request: &Record) -> Reply {
    let number = |name: &str| request.get(name).as_decimal();
    let price = number("amount").unwrap_or_default();
    let left = money::format_amount(payment_request::amount_left(request), request.text("currency"));
    let before = number("amount_before_coupon").unwrap_or(price).normalize();
    let shown = Fields::new()
        .with("amount_to_pay_h", left.as_str())
        .with("balance_h", left)
        .with("currency", request.get("currency").clone())
        .with("id", &request.id)
        .with("price", price)
        .with("price_before_coupon", before.to_string())
        .with("state", payment_request::displayed_state(ctx, request));
    Reply::empty().and("payment_status", shown)
}

/// Generates a code of letters and digits that no coupon has. Source: catalogue-sales, row cpn-unique.
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

/// Sets the labels of a coupon: discount, first and last day.
fn with_labels(ctx: &Context<'_>, mut coupon: Record) -> Record {
    let value = coupon.get("amount").as_decimal().unwrap_or_default();
    let business = ctx.caller.owner.as_deref();
    let business = business.and_then(|business| ctx.state.store.get("business", business));
    let discount = match is_percent(&coupon) {
        true => format!("{}%", value.normalize()),
        // The sources show labels only for percentages; amounts are written as in the response to a code.
        false => money::format_amount(value, business.map_or("", |business| business.text("currency"))),
    };
    coupon.fields.set("discount_h", discount);
    for (name, label) in [("starts_at", "starts_at_h"), ("expires_at", "expires_at_h")] {
        let day = coupon.text(name).get(..10).and_then(|day| day.parse::<Date>().ok());
        if let Some(day) = day {
            coupon.fields.set(label, day.strftime("%b %-d, %Y").to_string());
        }
    }
    coupon
}
