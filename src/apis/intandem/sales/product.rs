//! Products and their taxes.
//!
//! Source: catalogue-sales, rows prod-taxids-hash and prod-numbers-strings.

use std::sync::Arc;

use super::payment_request::body_value;
use crate::apis::intandem::money;
use crate::model::Record;
use crate::request::Context;

/// Sets taxes and total price of a created or changed product. Unknown taxes were rejected before, or are ignored.
pub fn set_totals(ctx: &mut Context<'_>, product: &Arc<Record>) -> Arc<Record> {
    let mut changed = Record::clone(product);
    if let Some(taxes) = money::named_taxes(ctx, body_value(ctx, &product.kind, "tax_ids")) {
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
