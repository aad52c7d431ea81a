//! Invoices: one record for the paths of platform, business and client, and its payment request.
//!
//! Source: catalogue-sales, rows inv-three-apis, inv-ps-on-amount, inv-status-lowercase-ok, inv-platform-draft and
//! due-on-receipt.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::bill;
use super::payment_request::{self, Due, body_value};
use crate::model::{FieldValue, Record};
use crate::request::{ApiError, Context, RecordView, Reply};

/// Completes a new invoice of the business paths, which write states in capitals.
pub fn issue(ctx: &mut Context<'_>, invoice: &Arc<Record>) -> Arc<Record> {
    issue_in(ctx, invoice, invoice.text("status").to_uppercase())
}

/// Completes a new invoice of the platform paths, which write states in small letters.
pub fn issue_for_platform(ctx: &mut Context<'_>, invoice: &Arc<Record>) -> Arc<Record> {
    issue_in(ctx, invoice, invoice.text("status").to_lowercase())
}

/// Sets addressee, items and totals of a new invoice, and creates its payment request, due with the invoice. A draft and
/// an invoice without amount have none.
fn issue_in(ctx: &mut Context<'_>, invoice: &Arc<Record>, state: String) -> Arc<Record> {
    let Some(debtor) = payment_request::debtor(ctx, &invoice.kind) else { return Arc::clone(invoice) };
    let items = bill::read_items(ctx, &invoice.kind);
    let mut changed = Record::clone(invoice);
    bill::set_addressee(ctx, &mut changed, &debtor);
    bill::set_totals(&mut changed, &items);
    changed.fields.set("invoice_number", bill::next_number(ctx, invoice, "invoice_number"));
    changed.fields.set("taxes", Vec::<FieldValue>::new());
    let label = ["title", "invoice_label", "invoice_title"].iter().map(|name| body_value(ctx, &invoice.kind, name));
    let label = label.map(FieldValue::from).find(|label| !label.is_null()).unwrap_or_else(|| "INVOICE".into());
    for name in ["title", "invoice_label"] {
        changed.fields.set(name, label.clone());
    }
    let is_draft = state.eq_ignore_ascii_case("draft");
    changed.fields.set("status", state);
    let request = (items.total > Decimal::ZERO && !is_draft).then(|| {
        let due = invoice.text("due_date").get(..10).and_then(|day| day.parse::<Date>().ok());
        let due = Due {
            payable_type: "Invoice",
            payable_uid: &invoice.id,
            sellable_name: label,
            client: &debtor.client,
            matter: debtor.matter.clone(),
            staff: ctx.caller.subject("staff").cloned(),
            net: items.net,
            amount: items.total,
            taxes: Vec::new().into(),
            currency: invoice.get("currency").clone(),
            redeemed_products: FieldValue::Null,
            due: due.unwrap_or_else(|| ctx.state.today(debtor.client.text("business_uid"))),
        };
        payment_request::create(ctx, due)
    });
    // Stored under this name for all paths; some show it under another.
    changed.fields.set("payment_status_uid", request.as_ref().map(|request| &request.id));
    changed.fields.set("payment_state", request.as_ref().map(|request| request.text("state")));
    ctx.state.store.put(changed)
}

/// Updates items and totals of a changed invoice if the request has items, and its payment request while that is pending.
pub fn update_bill(ctx: &mut Context<'_>, invoice: &Arc<Record>) -> Arc<Record> {
    let has_items = ["items", "line_items", "sections", "line_item_groups"]
        .iter()
        .any(|name| body_value(ctx, &invoice.kind, name).is_array());
    if !has_items {
        return Arc::clone(invoice);
    }
    let items = bill::read_items(ctx, &invoice.kind);
    let mut changed = Record::clone(invoice);
    bill::set_totals(&mut changed, &items);
    payment_request::set_amounts(ctx, invoice.text("payment_status_uid"), (items.net, items.total), Vec::new().into());
    ctx.state.store.put(changed)
}

/// `GET /platform/v1/invoices/{invoice_id}`.
pub fn read_for_platform(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let invoice = find(ctx, "invoice_id")?;
    Ok(Reply::one("invoice", platform_view(ctx, &invoice)))
}

/// `GET /business/payments/v1/invoices/{invoice_uid}`.
pub fn read_for_business(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let invoice = find(ctx, "invoice_uid")?;
    Ok(Reply::one("invoice", business_view(&invoice)))
}

/// `GET /platform/v1/invoices` and `/platform/v1/clients/{client_id}/invoices`.
pub fn list_for_platform(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let page = bill::page(ctx, "invoice", |invoice| platform_view(ctx, invoice))?;
    Ok(Reply::many("invoices", page))
}

/// `GET /client/payments/v1/invoices`.
pub fn list_for_client(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::many("invoices", bill::page(ctx, "invoice", business_view)?))
}

/// Cancels the payment request of a cancelled invoice.
pub fn cancel(ctx: &mut Context<'_>, invoice: &Arc<Record>) -> Arc<Record> {
    payment_request::cancel(ctx, invoice.text("payment_status_uid"));
    let mut changed = Record::clone(invoice);
    changed.fields.set("status", "CANCELLED");
    ctx.state.store.put(changed)
}

fn find(ctx: &Context<'_>, parameter: &str) -> Result<Arc<Record>, ApiError> {
    ctx.owner()?;
    let invoice = ctx.owned_record("invoice", &ctx.path[0]);
    let invoice = invoice.filter(|invoice| bill::is_for_caller(ctx, invoice));
    invoice.ok_or_else(|| ApiError::not_found("Invoice").field(parameter))
}

/// An invoice as platform paths show it, with the balance of its payment request.
fn platform_view(ctx: &Context<'_>, invoice: &Arc<Record>) -> RecordView {
    let view = bill::lowercase_state(invoice).with("issued_at", invoice.get("issue_date").clone());
    let Some(request) = ctx.state.store.get("payment_request", invoice.text("payment_status_uid")) else {
        return view;
    };
    view.with("payment_balance", payment_request::amount_left(request))
        .with("payment_state", request.get("state").clone())
}

fn business_view(invoice: &Arc<Record>) -> RecordView {
    RecordView::of(invoice).with("status", invoice.text("status").to_uppercase())
}
