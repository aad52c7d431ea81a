//! Payments, and the payment requests that they settle.
//!
//! Source: catalogue-sales, rows pay-create-fields, match-rules, pay-put-platform-undocumented and refund-rules.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::payment_request::{self, debtor};
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, RecordView, Reply};

/// Completes a new payment: its owner comes from client and matter of the request, other fields from the request and
/// none from the contract's example.
pub fn complete(ctx: &mut Context<'_>, payment: &Arc<Record>) -> Arc<Record> {
    let Some(debtor) = debtor(ctx, &payment.kind) else { return Arc::clone(payment) };
    let state = ctx.body_text("state").unwrap_or("paid");
    let paid_at = ctx.body_text("paid_at").map_or_else(|| ctx.state.now_text(), Into::into);
    let paid_at = (state == "paid").then_some(paid_at);
    let mut changed = Record::clone(payment);
    changed.fields.set("state", state);
    changed.fields.set("business_uid", debtor.client.get("business_uid").clone());
    changed.fields.set("client_id", &debtor.client.id);
    changed.fields.set("payment_request_uid", FieldValue::Null);
    for name in ["conversation_id", "matter_uid"] {
        changed.fields.set(name, debtor.matter.clone());
    }
    for (name, value) in details(ctx, &changed, paid_at.as_deref()) {
        changed.fields.set(name, value);
    }
    ctx.state.store.put(changed)
}

/// The fields of a payment that do not identify its owner. Source: catalogue-sales, section B3, entry payment.
fn details(ctx: &Context<'_>, payment: &Record, paid_at: Option<&str>) -> [(&'static str, FieldValue); 22] {
    let sent = |name: &str| FieldValue::from(ctx.body_field(&[name]));
    let list = |name: &str| FieldValue::from(sent(name).as_list().to_vec());
    let is_online = ctx.body_field(&["mark_as_online"]).as_bool().unwrap_or(false);
    let is_offline = ctx.body_field(&["offline"]).as_bool().unwrap_or(!is_online);
    let staff = ctx.body_text("staff_id").map(Into::into).or_else(|| ctx.caller.subject("staff").cloned());
    let zone = ctx.state.zone(payment.text("business_uid"));
    // Platform lists write `23/4/2019 09:00:00`.
    let charged = paid_at.and_then(|time| time.parse::<Timestamp>().ok());
    let charged = charged.map(|time| time.to_zoned(zone).strftime("%-d/%-m/%Y %H:%M:%S").to_string());
    [
        ("fees", list("fees")),
        ("tips", list("tips")),
        ("taxes", Vec::new().into()),
        ("reference", sent("reference")),
        ("note", sent("note")),
        ("other_payment_method", sent("other_payment_method")),
        ("pay_key", sent("pay_key")),
        ("staff_id", staff.into()),
        ("net_total", payment.get("amount").clone()),
        ("marked_as_online", is_online.into()),
        ("paid_online", is_online.into()),
        ("paid_offline", is_offline.into()),
        ("offline", is_offline.into()),
        ("send_receipt", ctx.body_field(&["send_receipt"]).as_bool().unwrap_or(true).into()),
        ("payment_action", "record_payment".into()),
        ("payment_requests", payment.get("payment_requests").as_list().to_vec().into()),
        ("provider_state", FieldValue::Null),
        ("provider_transaction_id", FieldValue::Null),
        ("paid_at", paid_at.into()),
        ("payment_time", paid_at.into()),
        ("charged_at", charged.into()),
        ("updated_at", ctx.state.now_text().into()),
    ]
}

/// `POST /platform/v1/payments/{payment_uid}/match`: settles a payment request that is pending, due, of the same matter
/// and currency, and of at least the same amount.
pub fn match_request(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = ctx.owner()?;
    let payment = ctx.owned_record("payment", &ctx.path[0]);
    let payment = payment.ok_or_else(|| ApiError::not_found("Payment").field("payment_uid"))?;
    let request = ctx.owned_record("payment_request", ctx.body_text("payment_status_uid").unwrap_or_default());
    let request = request.ok_or_else(|| ApiError::not_found("Payment status").field("payment_status_uid"))?;
    let reject = |field: &str, message: &str| Err(ApiError::invalid(field, message));
    let matter = ctx.body_text("matter_uid").unwrap_or_default();
    let matters = [payment.text("conversation_id"), payment.text("matter_uid")];
    if request.text("matter_uid") != matter || !matters.contains(&matter) {
        return reject("matter_uid", "Payment and payment status belong to different matters");
    }
    if payment.get("currency") != request.get("currency") {
        return reject("currency", "Payment and payment status have different currencies");
    }
    let due = request.text("due_date").parse::<Date>();
    if request.text("state") != "pending" || due.is_ok_and(|day| day > ctx.state.today(&business)) {
        return reject("payment_status_uid", "Payment status is not due");
    }
    let amount = payment.get("amount").as_decimal().unwrap_or_default();
    if amount > request.get("amount").as_decimal().unwrap_or_default() {
        return reject("amount", "Payment amount is greater than the amount due");
    }

    payment_request::pay(ctx, &request, amount);
    let mut changed = Record::clone(&payment);
    changed.fields.set("payment_request_uid", &request.id);
    changed.fields.set("payment_requests", settled_requests(&request));
    let changed = ctx.state.store.put(changed);
    Ok(Reply::one("payment", view(&changed)))
}

/// `PUT /platform/v1/payments/{payment_uid}`: with the UID of a payment request, pays it; with that of a payment,
/// changes it.
pub fn update(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    if let Some(payment) = ctx.owned_record("payment", &ctx.path[0]) {
        let mut changed = Record::clone(&payment);
        for name in ["reference", "payment_method"].into_iter().filter(|name| !ctx.body_field(&[name]).is_null()) {
            changed.fields.set(name, ctx.body_field(&[name]));
        }
        let changed = ctx.state.store.put(changed);
        return Ok(Reply::one("payment", view(&changed)));
    }
    let request = ctx.owned_record("payment_request", &ctx.path[0]);
    let request = request.ok_or_else(|| ApiError::not_found("Payment").field("payment_uid"))?;
    if request.text("state") == "paid" {
        return Err(ApiError::invalid("payment_uid", "Payment status is already paid"));
    }
    let amount = FieldValue::from(ctx.body_field(&["amount"])).as_decimal();
    let amount = amount.or_else(|| request.get("amount").as_decimal()).unwrap_or_default();

    payment_request::pay(ctx, &request, amount);
    let now = ctx.state.now_text();
    let mut fields = Fields::with_capacity(36)
        .with("business_uid", request.get("business_uid").clone())
        .with("client_id", request.get("client_uid").clone())
        .with("conversation_id", request.get("matter_uid").clone())
        .with("matter_uid", request.get("matter_uid").clone())
        .with("payment_request_uid", &request.id)
        .with("payment_requests", settled_requests(&request))
        .with("amount", amount)
        .with("currency", request.get("currency").clone())
        .with("title", request.get("sellable_name").clone())
        .with("payment_method", ctx.body_text("payment_method").unwrap_or("Other"))
        .with("state", "paid")
        .with("created_at", &now);
    let id = ctx.state.ids.uid();
    let payment = Record::new("payment", id.clone(), fields.clone());
    for (name, value) in details(ctx, &payment, Some(&now)) {
        fields.set(name, value);
    }
    let payment = ctx.insert("payment", id, fields);
    Ok(Reply::one("payment", view(&payment)))
}

/// Marks a payment as refunded when the refund covers its whole amount.
pub fn apply_refund(ctx: &mut Context<'_>, refund: &Arc<Record>) -> Arc<Record> {
    let payment_uid = payment_request::body_value(ctx, &refund.kind, "payment_uid").as_str();
    let Some(payment) = payment_uid.and_then(|id| ctx.owned_record("payment", id)) else { return Arc::clone(refund) };
    let sent = FieldValue::from(payment_request::body_value(ctx, &refund.kind, "amount")).as_decimal();
    let total = payment.get("amount").as_decimal().unwrap_or_default();
    let mut changed = Record::clone(refund);
    changed.fields.set("amount", sent.unwrap_or(total));
    changed.fields.set("currency", payment.get("currency").clone());
    if sent.is_none_or(|sent| sent >= total) {
        let mut payment = Record::clone(&payment);
        payment.fields.set("state", "refunded");
        ctx.state.store.put(payment);
    }
    ctx.state.store.put(changed)
}

/// The payment requests that a payment settles, as platform lists show them.
fn settled_requests(request: &Record) -> FieldValue {
    vec![Fields::new().with("id", &request.id).into()].into()
}

/// A payment with its id under the name that only these responses have. Source: catalogue-sales, row
/// pay-create-id-name.
fn view(payment: &Arc<Record>) -> RecordView {
    RecordView::of(payment).with("payment_id", &payment.id)
}
