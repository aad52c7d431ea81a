//! Products: what is sold beside services, with its taxes.
//!
//! Facts: rows `prod-taxids-hash` and `prod-numbers-strings` of the sales and clients catalogue.

use std::sync::Arc;

use super::payment_request::said;
use crate::apis::intandem::money;
use crate::model::Record;
use crate::request::Context;

/// A product that is made or changed: the taxes that it names, and its price with them. Taxes that are not there are
/// refused before, or nothing is known of them.
pub fn set_totals(ctx: &mut Context<'_>, product: &Arc<Record>) -> Arc<Record> {
    let mut changed = Record::clone(product);
    if let Some(taxes) = money::named_taxes(ctx, said(ctx, &product.kind, "tax_ids")) {
        changed.fields.set("taxes", taxes);
    }
    for name in ["price", "cost"] {
        if let Some(number) = product.get(name).as_decimal() {
            changed.fields.set(name, number);
        }
    }
    let price = product.get("price").as_decimal().unwrap_or_default();
    changed.fields.set("total_price", money::with_taxes(price, changed.get("taxes")));
    ctx.state.store.put(changed)
}
