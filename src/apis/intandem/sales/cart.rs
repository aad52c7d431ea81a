//! Carts, which are sales: several things for one matter, and what is owed for them.
//!
//! Facts: section A7 of the sales and clients catalogue (`cart-is-sale`, `cart-amount-optional`, `cart-cancel`).

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::Value;

use super::payment_request::{self, Due, said};
use crate::model::{FieldValue, Record};
use crate::request::Context;

/// A new cart: an item without an amount has the price of what it names.
pub fn bill(ctx: &mut Context<'_>, cart: &Arc<Record>) -> Arc<Record> {
    let Some(debtor) = payment_request::debtor(ctx, &cart.kind) else { return Arc::clone(cart) };
    let items = said(ctx, &cart.kind, "items").as_array().map(Vec::as_slice).unwrap_or_default();
    let prices = items.iter().map(|item| price(ctx, item));
    let total = prices.fold(Decimal::ZERO, Decimal::saturating_add);
    let name = items.first().and_then(|item| item.get("entity_name")).unwrap_or(&Value::Null);
    let due = Due {
        payable_type: "Cart",
        payable_uid: &cart.id,
        sellable_name: name.into(),
        client: &debtor.client,
        matter: debtor.matter.clone(),
        staff: ctx.caller.staff.clone(),
        net: total,
        amount: total,
        taxes: Vec::new().into(),
        currency: cart.get("currency").clone(),
        due: ctx.state.today(debtor.client.text("business_uid")),
    };
    let request = payment_request::create(ctx, due);
    let mut changed = Record::clone(cart);
    payment_request::note(&mut changed, &debtor, Some(&request));
    changed.fields.set("payment_request_uid", &request.id);
    changed.fields.set("is_sale", ctx.body.get("is_sale").unwrap_or(&Value::Null));
    changed.fields.set("sub_total", total);
    changed.fields.set("total_price", total);
    ctx.state.store.put(changed)
}

/// A cancelled cart has no payment request, currency or sum any more; what was owed is owed no longer where the call
/// says so.
pub fn cancel(ctx: &mut Context<'_>, cart: &Arc<Record>) -> Arc<Record> {
    if ctx.body_field(&["cancel_payment_statuses_items"]).as_bool() == Some(true) {
        payment_request::cancel(ctx, cart.text("payment_request_uid"));
    }
    let mut changed = Record::clone(cart);
    for name in ["payment_request_uid", "currency", "total_price"] {
        changed.fields.set(name, FieldValue::Null);
    }
    ctx.state.store.put(changed)
}

fn price(ctx: &Context<'_>, item: &Value) -> Decimal {
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    let kind = text("entity_type").to_lowercase();
    let known = || ctx.owned_record(&kind, text("entity_uid"))?.get("price").as_decimal();
    FieldValue::from(item.get("amount").unwrap_or(&Value::Null)).as_decimal().or_else(known).unwrap_or_default()
}
