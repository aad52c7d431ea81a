//! Invoices of all three families: the same record, and what is owed for it.
//!
//! Facts: rows `inv-three-apis`, `inv-ps-on-amount`, `inv-status-lowercase-ok`, `inv-platform-draft` and `due-on-receipt`
//! of the sales and clients catalogue.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;

use super::payment_request::{self, Due, said};
use crate::behaviours::money;
use crate::exchange::Exchange;
use crate::store::{Datum, Record};

/// A new invoice: its sum, and a payment request over it, due when the invoice is. A draft and an invoice over nothing
/// have none.
pub fn made(exchange: &mut Exchange<'_>, invoice: &Arc<Record>) -> Arc<Record> {
    let Some(debtor) = payment_request::debtor(exchange, &invoice.kind) else { return Arc::clone(invoice) };
    let items = ["items", "line_items"].iter().find_map(|name| said(exchange, &invoice.kind, name).as_array());
    let sums = items.into_iter().flatten().map(|item| sum(exchange, item));
    let (net, total) = sums.fold((Decimal::ZERO, Decimal::ZERO), |(net, total), sum| {
        (net.saturating_add(sum.0), total.saturating_add(sum.1))
    });
    let mut changed = Record::clone(invoice);
    for (names, value) in [(&["subtotal", "net_total"][..], net), (&["total", "amount", "payment_balance"], total)] {
        for name in names {
            if invoice.fields.get(name).is_some() {
                changed.fields.set(name, value);
            }
        }
    }
    if invoice.fields.get("total_tax").is_some() {
        changed.fields.set("total_tax", total.saturating_sub(net));
    }
    // Of what makes up its sum an invoice has what it was sent, and nothing of the contract's example.
    for name in ["items", "sections"] {
        if invoice.fields.get(name).is_some() && said(exchange, &invoice.kind, name).is_null() {
            changed.fields.set(name, Vec::<Datum>::new());
        }
    }
    // The business family writes states in capitals, however they are sent.
    if invoice.text("status") == "issued" && invoice.fields.get("issue_date").is_some() {
        changed.fields.set("status", "ISSUED");
    }
    let is_draft = changed.text("status").eq_ignore_ascii_case("draft");
    let request = (total > Decimal::ZERO && !is_draft).then(|| {
        let title = ["invoice_title", "title", "invoice_label"].iter().map(|name| invoice.get(name));
        let due = invoice.text("due_date").get(..10).and_then(|day| day.parse::<Date>().ok());
        let due = Due {
            payable_type: "Invoice",
            payable_uid: &invoice.id,
            sellable_name: title.into_iter().find(|title| !title.is_null()).cloned().unwrap_or_default(),
            client: &debtor.client,
            matter: debtor.matter.clone(),
            staff: exchange.caller.staff.clone(),
            net,
            amount: total,
            taxes: Vec::new().into(),
            currency: invoice.get("currency").clone(),
            due: due.unwrap_or_else(|| exchange.world.today(debtor.client.text("business_uid"))),
        };
        payment_request::create(exchange, due)
    });
    payment_request::note(&mut changed, &debtor, request.as_deref());
    // What is owed is known under this name, whatever a family shows.
    changed.fields.set("payment_status_uid", request.map(|request| request.id.clone()));
    exchange.world.store.put(changed)
}

/// A cancelled invoice is owed no longer.
pub fn cancelled(exchange: &mut Exchange<'_>, invoice: &Arc<Record>) -> Arc<Record> {
    payment_request::turn(exchange, invoice.text("payment_status_uid"), "cancelled");
    let mut changed = Record::clone(invoice);
    changed.fields.set("status", "CANCELLED");
    exchange.world.store.put(changed)
}

/// What an item comes to, without and with its taxes.
fn sum(exchange: &Exchange<'_>, item: &Value) -> (Decimal, Decimal) {
    let number = |name: &str| Datum::from(item.get(name).unwrap_or(&Value::Null)).as_decimal();
    let price = ["unit_amount", "amount", "unit_price"].into_iter().find_map(number).unwrap_or_default();
    let gross = price.saturating_mul(number("quantity").unwrap_or(Decimal::ONE));
    let discount = item.get("discount").unwrap_or(&Value::Null);
    let part = |name: &str| Datum::from(discount.get(name).unwrap_or(&Value::Null)).as_decimal();
    let off = match (part("percent"), part("amount").or_else(|| Datum::from(discount).as_decimal())) {
        (Some(percent), _) => gross.saturating_mul(percent) / Decimal::ONE_HUNDRED,
        (None, amount) => amount.unwrap_or_default(),
    };
    let net = gross.saturating_sub(off).max(Decimal::ZERO);
    let taxes = match item.get("tax_uids") {
        Some(uids) => money::taxes(exchange, uids).unwrap_or_default(),
        None => Datum::from(item.get("taxes").unwrap_or(&Value::Null)),
    };
    (net, money::with_taxes(net, &taxes))
}
