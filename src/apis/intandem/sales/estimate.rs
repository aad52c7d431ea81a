//! Estimates, of both families: the same record.
//!
//! Facts: rows `est-status-set` and `est-number` of the sales and clients catalogue.

use std::sync::Arc;

use super::{bill, payment_request};
use crate::model::Record;
use crate::request::{ApiError, Context, Reply};

/// A new estimate: what its items come to, and nothing of the contract's example.
pub fn complete(ctx: &mut Context<'_>, estimate: &Arc<Record>) -> Arc<Record> {
    let Some(debtor) = payment_request::debtor(ctx, &estimate.kind) else { return Arc::clone(estimate) };
    let items = bill::items(ctx, &estimate.kind);
    let mut changed = Record::clone(estimate);
    bill::address(ctx, &mut changed, &debtor);
    bill::sum_up(&mut changed, &items);
    changed.fields.set("estimate_number", bill::number(ctx, estimate, "estimate_number"));
    changed.fields.set("last_action", ctx.state.now_text());
    changed.fields.set("status", estimate.text("status").to_uppercase());
    ctx.state.store.put(changed)
}

/// The lists of the platform's family.
pub fn list(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::many("estimates", bill::page(ctx, "estimate", bill::lowercase_state)?))
}
