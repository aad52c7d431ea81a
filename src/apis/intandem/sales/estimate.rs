//! Estimates: one record for the paths of platform and business.
//!
//! Source: catalogue-sales, rows est-status-set and est-number.

use std::sync::Arc;

use super::{bill, payment_request};
use crate::model::Record;
use crate::request::{ApiError, Context, Reply};

/// Completes a new estimate: addressee, items, totals and number come from the request, none from the contract's
/// example.
pub fn complete(ctx: &mut Context<'_>, estimate: &Arc<Record>) -> Arc<Record> {
    let Some(debtor) = payment_request::debtor(ctx, &estimate.kind) else { return Arc::clone(estimate) };
    let items = bill::read_items(ctx, &estimate.kind);
    let mut changed = Record::clone(estimate);
    bill::set_addressee(ctx, &mut changed, &debtor);
    bill::set_totals(&mut changed, &items);
    changed.fields.set("estimate_number", bill::next_number(ctx, estimate, "estimate_number"));
    changed.fields.set("last_action", ctx.state.now_text());
    changed.fields.set("status", estimate.text("status").to_uppercase());
    ctx.state.store.put(changed)
}

/// `GET /platform/v1/estimates` and `/platform/v1/clients/{client_id}/estimates`.
pub fn list(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::many("estimates", bill::page(ctx, "estimate", bill::lowercase_state)?))
}
