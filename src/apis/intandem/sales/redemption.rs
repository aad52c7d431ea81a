//! Redeeming credits of a client package instead of paying, and cancelling that.
//!
//! Source: catalogue-sales, section A3, rows redeem-*, validate-cp and cancel-redemption-*.

use std::sync::Arc;

use compact_str::CompactString;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::payment_request::{self, PaymentState};
use super::{client_package, credit};
use crate::apis::intandem::clients::matter;
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, Reply};

/// A credit that can be redeemed: its client package, its index there, its last day.
struct Credit {
    package: Arc<Record>,
    index: usize,
    until: Option<Date>,
}

/// `POST …/client_packages/update_usage`, of business and client.
pub fn redeem(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let request_uid = ctx.body_text("payment_status_uid").or_else(|| ctx.body_text("payment_status_id"));
    let request = find_unpaid(ctx, request_uid.ok_or_else(|| ApiError::missing("payment_status_uid"))?)?;
    let no_package = || ApiError::invalid("payment_status_uid", "There is no package to use");
    let service = service_of(ctx, &request).ok_or_else(no_package)?;
    let credit = find_credit(ctx, &request, &service, ctx.body_text("matter_uid")).ok_or_else(no_package)?;

    let package = count_use(ctx, &credit, &service, 1);
    let credit_id = credit.package.get("booking_credits").as_list()[credit.index].get("id").clone();
    let now = ctx.state.now_text();
    let fields = Fields::with_capacity(8)
        .with("business_uid", request.get("business_uid").clone())
        .with("payment_status_uid", &request.id)
        .with("client_package_id", &package.id)
        .with("booking_credit_id", credit_id)
        .with("service_id", &service)
        .with("amount", request.get("amount").clone())
        .with("active", true)
        .with("created_at", &now);
    let id = ctx.state.ids.uid();
    ctx.insert("booking_credit_redemption", id, fields);
    let mut paid = Record::clone(&request);
    paid.fields.set("amount", Decimal::ZERO);
    payment_request::set_state(ctx, paid, PaymentState::Paid);
    Ok(Reply::empty().and("package_name", package.get("name").clone()))
}

/// `GET …/client_packages/validate`: whether a credit can be redeemed for a payment request.
pub fn validate(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let request = find_unpaid(ctx, ctx.query.get("payment_status_id").unwrap_or_default())?;
    let service = service_of(ctx, &request);
    let credit = service.and_then(|service| find_credit(ctx, &request, &service, None));
    Ok(Reply::empty().and("has_package", credit.is_some()))
}

/// `PUT …/client_packages/cancel_redemption`: frees the credit and restores the amount of the payment request.
pub fn cancel(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let request_uid = ctx.body_text("payment_status_id").unwrap_or_default();
    let redemption =
        ctx.state.store.all("booking_credit_redemption").find(|redemption| {
            redemption.text("payment_status_uid") == request_uid && redemption.get("active").is_true()
        });
    let request = ctx.owned_record("payment_request", request_uid);
    let (Some(redemption), Some(request)) = (redemption.cloned(), request) else {
        return Err(ApiError::invalid("payment_status_id", "There is no booking redemption for given payment status"));
    };

    if let Some(package) = ctx.owned_record("client_package", redemption.text("client_package_id")) {
        let credits = package.get("booking_credits").as_list();
        if let Some(index) = credits.iter().position(|credit| credit.get("id") == redemption.get("booking_credit_id")) {
            count_use(ctx, &Credit { package, index, until: None }, redemption.text("service_id"), -1);
        }
    }
    let mut cancelled = Record::clone(&redemption);
    cancelled.fields.set("active", false);
    ctx.state.store.put(cancelled);
    let mut pending = Record::clone(&request);
    pending.fields.set("amount", redemption.get("amount").clone());
    payment_request::set_state(ctx, pending, PaymentState::Pending);
    Ok(Reply::empty()
        .and("payment_status_uid", &request.id)
        .and("booking_credit_redemption_uid", &redemption.id)
        .and("client_uid", request.get("client_uid").clone()))
}

fn find_unpaid(ctx: &Context<'_>, id: &str) -> Result<Arc<Record>, ApiError> {
    let request = payment_request::find_visible(ctx, id);
    let request = request.ok_or_else(|| ApiError::not_found("Payment status").field("payment_status_uid"))?;
    match request.text("state") {
        "paid" => Err(ApiError::invalid("payment_status_uid", "Payment status is already paid")),
        _ => Ok(request),
    }
}

/// The service of a payment request: only bookings have one.
fn service_of(ctx: &Context<'_>, request: &Record) -> Option<CompactString> {
    let booking = ctx.state.store.get("booking", request.text("payable_uid"))?;
    booking.get("service_id").as_text().map(Into::into)
}

/// The credit to redeem: of an active and valid client package of the matter, for the service, with uses left; the one
/// that ends first. The default matter is the client's first one.
fn find_credit(ctx: &Context<'_>, request: &Record, service: &str, matter: Option<&str>) -> Option<Credit> {
    let default = || matter::of_client(ctx.state, request.text("client_uid")).next().map(|matter| matter.id.as_str());
    let matter = matter.or_else(default)?;
    let mut credits: Vec<Credit> = Vec::new();
    for package in ctx.state.store.all("client_package").filter(|package| ctx.is_own(package)) {
        if package.text("conversation_id") != matter || !client_package::is_valid(ctx, package) {
            continue;
        }
        let until = package.text("valid_until").parse::<Date>().ok();
        let is_for = |credit: &FieldValue| {
            credit.get("credit_items").as_list().iter().any(|item| item.get("item_id").as_text() == Some(service))
        };
        let index = package
            .get("booking_credits")
            .as_list()
            .iter()
            .position(|credit| credit::has_uses_left(credit) && is_for(credit));
        credits.extend(index.map(|index| Credit { package: Arc::clone(package), index, until }));
    }
    credits.into_iter().min_by_key(|credit| credit.until.unwrap_or(Date::MAX))
}

/// Adds `by` to the number of uses of a credit.
fn count_use(ctx: &mut Context<'_>, credit: &Credit, service: &str, by: i64) -> Arc<Record> {
    let add = |fields: &mut Fields| {
        let usage = fields.get("bookings_usage").and_then(FieldValue::as_integer).unwrap_or(0);
        fields.set("bookings_usage", usage.saturating_add(by).max(0));
    };
    let mut credits = Vec::new();
    for (index, known) in credit.package.get("booking_credits").as_list().iter().enumerate() {
        let Some(mut fields) = known.as_object().cloned().filter(|_| index == credit.index) else {
            credits.push(known.clone());
            continue;
        };
        add(&mut fields);
        let items = known.get("credit_items").as_list().iter().map(|item| match item.as_object().cloned() {
            Some(mut item) if item.get("item_id").and_then(FieldValue::as_text) == Some(service) => {
                add(&mut item);
                item.into()
            }
            _ => item.clone(),
        });
        fields.set("credit_items", items.collect::<Vec<FieldValue>>());
        credits.push(fields.into());
    }
    let mut changed = Record::clone(&credit.package);
    changed.fields.set("booking_credits", credits);
    changed.fields.set("updated_at", ctx.state.now_text());
    ctx.state.store.put(changed)
}
