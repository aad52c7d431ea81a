//! Carts, also called sales: several items for one matter, and their payment request.
//!
//! Source: catalogue-sales, section A7, rows cart-is-sale, cart-amount-optional and cart-cancel.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::Value;

use super::payment_request::{self, Due, body_value};
use crate::model::{FieldValue, Record};
use crate::request::Context;

/// Sets the totals of a new cart and creates its payment request. An item without an amount has the price of the
/// product or service that it names.
pub fn bill(ctx: &mut Context<'_>, cart: &Arc<Record>) -> Arc<Record> {
    let Some(debtor) = payment_request::debtor(ctx, &cart.kind) else { return Arc::clone(cart) };
    let items = body_value(ctx, &cart.kind, "items").as_array().map(Vec::as_slice).unwrap_or_default();
    let prices = items.iter().map(|item| price(ctx, item));
    let total = prices.fold(Decimal::ZERO, Decimal::saturating_add);
    let name = items.first().and_then(|item| item.get("entity_name")).unwrap_or(&Value::Null);
    let due = Due {
        payable_type: "Cart",
        payable_uid: &cart.id,
        sellable_name: name.into(),
        client: &debtor.client,
        matter: debtor.matter.clone(),
        staff: ctx.caller.subject("staff").cloned(),
        net: total,
        amount: total,
        taxes: Vec::new().into(),
        currency: cart.get("currency").clone(),
        redeemed_products: FieldValue::Null,
        due: ctx.state.today(debtor.client.text("business_uid")),
    };
    let request = payment_request::create(ctx, due);
    let mut changed = Record::clone(cart);
    payment_request::set_debtor(&mut changed, &debtor, Some(&request));
    changed.fields.set("payment_request_uid", &request.id);
    changed.fields.set("is_sale", ctx.body.get("is_sale").unwrap_or(&Value::Null));
    changed.fields.set("sub_total", total);
    changed.fields.set("total_price", total);
    ctx.state.store.put(changed)
}

/// Removes payment request, currency and total of a cancelled cart, and cancels the payment request if the body says
/// so.
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
    let stored = || ctx.owned_record(&kind, text("entity_uid"))?.get("price").as_decimal();
    FieldValue::from(item.get("amount").unwrap_or(&Value::Null)).as_decimal().or_else(stored).unwrap_or_default()
}
