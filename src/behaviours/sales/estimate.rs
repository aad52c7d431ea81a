//! Estimates, of both families: the same record.
//!
//! Source: catalogue-sales, rows `est-status-set` and `est-number`.

use std::sync::Arc;

use super::{bill, payment_request};
use crate::exchange::{Exchange, Payload, Refusal};
use crate::store::Record;

/// A new estimate: what its items come to, and nothing of the contract's example.
pub fn made(exchange: &mut Exchange<'_>, estimate: &Arc<Record>) -> Arc<Record> {
    let Some(debtor) = payment_request::debtor(exchange, &estimate.kind) else { return Arc::clone(estimate) };
    let items = bill::items(exchange, &estimate.kind);
    let mut changed = Record::clone(estimate);
    bill::address(exchange, &mut changed, &debtor);
    bill::sum_up(&mut changed, &items);
    changed.fields.set("estimate_number", bill::number(exchange, estimate, "estimate_number"));
    changed.fields.set("last_action", exchange.world.now_text());
    changed.fields.set("status", estimate.text("status").to_uppercase());
    exchange.world.store.put(changed)
}

/// The lists of the platform's family.
pub fn list(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    Ok(Payload::many("estimates", bill::page(exchange, "estimate", bill::in_small)?))
}
