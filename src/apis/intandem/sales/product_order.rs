//! Product orders: a product sold to a client, and what is owed for it.
//!
//! Facts: rows `po-fields`, `due-on-receipt` and `ps-equals-pr` of the sales and clients catalogue.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::payment_request::{self, Due, said};
use crate::apis::intandem::money;
use crate::model::{FieldValue, Record};
use crate::request::Context;

/// A new order: what is not said is as the product has it, and it is due at once.
pub fn bill(ctx: &mut Context<'_>, order: &Arc<Record>) -> Arc<Record> {
    let Some(debtor) = payment_request::debtor(ctx, &order.kind) else { return Arc::clone(order) };
    let product = said(ctx, &order.kind, "product_id").as_str().and_then(|id| ctx.owned_record("product", id));
    let known = |name: &str| product.as_ref().map_or(FieldValue::Null, |product| product.get(name).clone());
    let price = FieldValue::from(said(ctx, &order.kind, "price")).as_decimal();
    let price = price.or_else(|| known("price").as_decimal()).unwrap_or(Decimal::ZERO);
    let taxes = money::named_taxes(ctx, said(ctx, &order.kind, "tax_ids"));
    let taxes = taxes.filter(|taxes| !taxes.as_list().is_empty()).unwrap_or_else(|| known("taxes"));
    let total = money::with_taxes(price, &taxes);
    let mut changed = Record::clone(order);
    for name in ["name", "description", "currency", "cost"] {
        changed.fields.set(name, known(name));
    }
    let (business, staff) = (debtor.client.text("business_uid").to_owned(), ctx.caller.staff.clone());
    let due = Due {
        payable_type: "ProductOrder",
        payable_uid: &order.id,
        sellable_name: known("name"),
        client: &debtor.client,
        matter: debtor.matter.clone(),
        staff: staff.clone(),
        net: price,
        amount: total,
        taxes: taxes.clone(),
        currency: known("currency"),
        due: ctx.state.today(&business),
    };
    let request = payment_request::create(ctx, due);
    payment_request::note(&mut changed, &debtor, Some(&request));
    changed.fields.set("payment_request_state", "pending");
    changed.fields.set("staff_id", staff);
    changed.fields.set("price", price);
    changed.fields.set("total_price", total);
    changed.fields.set("taxes", money::with_totals(&taxes, price));
    ctx.state.store.put(changed)
}

/// An order that is changed: what it comes to, which is what is owed as long as it is not paid.
pub fn update_bill(ctx: &mut Context<'_>, order: &Arc<Record>) -> Arc<Record> {
    let price = order.get("price").as_decimal().unwrap_or_default();
    let taxes = money::named_taxes(ctx, said(ctx, &order.kind, "tax_ids"));
    let taxes = taxes.unwrap_or_else(|| order.get("taxes").clone());
    let total = money::with_taxes(price, &taxes);
    let mut changed = Record::clone(order);
    changed.fields.set("price", price);
    changed.fields.set("total_price", total);
    changed.fields.set("taxes", money::with_totals(&taxes, price));
    let request = ctx.owned_record("payment_request", order.text("payment_request_id"));
    if let Some(request) = request.filter(|request| request.text("state") == "pending") {
        let mut owed = Record::clone(&request);
        owed.fields.set("amount", total);
        owed.fields.set("net_amount", price);
        owed.fields.set("taxes", taxes);
        owed.fields.set("updated_at", ctx.state.now_text());
        ctx.state.store.put(owed);
    }
    ctx.state.store.put(changed)
}
