//! Invoices of all three families: the same record, and what is owed for it.
//!
//! Source: catalogue-sales, rows `inv-three-apis`, `inv-ps-on-amount`, `inv-status-lowercase-ok`, `inv-platform-draft`
//! and `due-on-receipt`.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::bill;
use super::payment_request::{self, Due, said};
use crate::exchange::{Exchange, Payload, Refusal, View};
use crate::store::{Datum, Record};

/// A new invoice: its sum, and a payment request over it, due when the invoice is. A draft and an invoice over nothing
/// have none.
pub fn made(exchange: &mut Exchange<'_>, invoice: &Arc<Record>) -> Arc<Record> {
    let Some(debtor) = payment_request::debtor(exchange, &invoice.kind) else { return Arc::clone(invoice) };
    let items = bill::items(exchange, &invoice.kind);
    let mut changed = Record::clone(invoice);
    bill::address(exchange, &mut changed, &debtor);
    bill::sum_up(&mut changed, &items);
    changed.fields.set("invoice_number", bill::number(exchange, invoice, "invoice_number"));
    changed.fields.set("taxes", Vec::<Datum>::new());
    let label = ["title", "invoice_label", "invoice_title"].iter().map(|name| said(exchange, &invoice.kind, name));
    let label = label.map(Datum::from).find(|label| !label.is_null()).unwrap_or_else(|| "INVOICE".into());
    for name in ["title", "invoice_label"] {
        changed.fields.set(name, label.clone());
    }
    // The business family writes states in capitals, however they are sent, the platform's in small letters.
    let state = match exchange.operation.path.starts_with("/platform/") {
        true => invoice.text("status").to_lowercase(),
        false => invoice.text("status").to_uppercase(),
    };
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
            staff: exchange.caller.staff.clone(),
            net: items.net,
            amount: items.total,
            taxes: Vec::new().into(),
            currency: invoice.get("currency").clone(),
            due: due.unwrap_or_else(|| exchange.world.today(debtor.client.text("business_uid"))),
        };
        payment_request::create(exchange, due)
    });
    // What is owed is known under this name, whatever a family shows.
    changed.fields.set("payment_status_uid", request.as_ref().map(|request| &request.id));
    changed.fields.set("payment_state", request.as_ref().map(|request| request.text("state")));
    exchange.world.store.put(changed)
}

/// `GET /platform/v1/invoices/{invoice_id}`.
pub fn read_of_platform(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let invoice = own(exchange, "invoice_id")?;
    Ok(Payload::one("invoice", of_platform(exchange, &invoice)))
}

/// `GET /business/payments/v1/invoices/{invoice_uid}`.
pub fn read_of_business(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let invoice = own(exchange, "invoice_uid")?;
    Ok(Payload::one("invoice", of_business(&invoice)))
}

/// The lists of the platform's family.
pub fn list_of_platform(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let page = bill::page(exchange, "invoice", |invoice| of_platform(exchange, invoice))?;
    Ok(Payload::many("invoices", page))
}

/// `GET /client/payments/v1/invoices`.
pub fn list_of_client(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    Ok(Payload::many("invoices", bill::page(exchange, "invoice", of_business)?))
}

/// A cancelled invoice is owed no longer.
pub fn cancelled(exchange: &mut Exchange<'_>, invoice: &Arc<Record>) -> Arc<Record> {
    payment_request::turn(exchange, invoice.text("payment_status_uid"), "cancelled");
    let mut changed = Record::clone(invoice);
    changed.fields.set("status", "CANCELLED");
    exchange.world.store.put(changed)
}

fn own(exchange: &Exchange<'_>, parameter: &str) -> Result<Arc<Record>, Refusal> {
    exchange.business()?;
    let invoice = exchange.own("invoice", &exchange.path[0]);
    let invoice = invoice.filter(|invoice| bill::is_for_caller(exchange, invoice));
    invoice.ok_or_else(|| Refusal::not_found("Invoice").field(parameter))
}

/// What is left to pay is known by the payment request.
fn of_platform(exchange: &Exchange<'_>, invoice: &Arc<Record>) -> View {
    let view = bill::in_small(invoice).with("issued_at", invoice.get("issue_date").clone());
    let Some(request) = exchange.world.store.get("payment_request", invoice.text("payment_status_uid")) else {
        return view;
    };
    let number = |name: &str| request.get(name).as_decimal().unwrap_or_default();
    let left = number("amount").saturating_sub(number("amount_paid")).max(Decimal::ZERO);
    view.with("payment_balance", left).with("payment_state", request.get("state").clone())
}

fn of_business(invoice: &Arc<Record>) -> View {
    View::of(invoice).with("status", invoice.text("status").to_uppercase())
}
