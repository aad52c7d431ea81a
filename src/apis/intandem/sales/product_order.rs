//! Product orders: a product sold to a client, and its payment request.
//!
//! Source: catalogue-sales, rows po-fields, due-on-receipt and ps-equals-pr.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::payment_request::{self, Due, body_value};
use crate::apis::intandem::money;
use crate::model::{FieldValue, Record};
use crate::request::Context;

/// Completes a new order with the values of its product, and creates its payment request, due today.
pub fn bill(ctx: &mut Context<'_>, order: &Arc<Record>) -> Arc<Record> {
    let Some(debtor) = payment_request::debtor(ctx, &order.kind) else { return Arc::clone(order) };
    let product = body_value(ctx, &order.kind, "product_id").as_str().and_then(|id| ctx.owned_record("product", id));
    let of_product = |name: &str| product.as_ref().map_or(FieldValue::Null, |product| product.get(name).clone());
    let price = FieldValue::from(body_value(ctx, &order.kind, "price")).as_decimal();
    let price = price.or_else(|| of_product("price").as_decimal()).unwrap_or(Decimal::ZERO);
    let taxes = money::named_taxes(ctx, body_value(ctx, &order.kind, "tax_ids"));
    let taxes = taxes.filter(|taxes| !taxes.as_list().is_empty()).unwrap_or_else(|| of_product("taxes"));
    let total = money::with_taxes(price, &taxes);
    let mut changed = Record::clone(order);
    for name in ["name", "description", "currency", "cost"] {
        changed.fields.set(name, of_product(name));
    }
    let (business, staff) = (debtor.client.text("business_uid").to_owned(), ctx.caller.subject("staff").cloned());
    let due = Due {
        payable_type: "ProductOrder",
        payable_uid: &order.id,
        sellable_name: of_product("name"),
        client: &debtor.client,
        matter: debtor.matter.clone(),
        staff: staff.clone(),
        net: price,
        amount: total,
        taxes: taxes.clone(),
        currency: of_product("currency"),
        redeemed_products: FieldValue::Null,
        due: ctx.state.today(&business),
    };
    let request = payment_request::create(ctx, due);
    payment_request::set_debtor(&mut changed, &debtor, Some(&request));
    changed.fields.set("payment_request_state", "pending");
    changed.fields.set("staff_id", staff);
    changed.fields.set("price", price);
    changed.fields.set("total_price", total);
    changed.fields.set("taxes", money::with_totals(&taxes, price));
    ctx.state.store.put(changed)
}

/// Updates the totals of a changed order, and its payment request while it is pending.
pub fn update_bill(ctx: &mut Context<'_>, order: &Arc<Record>) -> Arc<Record> {
    let price = order.get("price").as_decimal().unwrap_or_default();
    let taxes = money::named_taxes(ctx, body_value(ctx, &order.kind, "tax_ids"));
    let taxes = taxes.unwrap_or_else(|| order.get("taxes").clone());
    let total = money::with_taxes(price, &taxes);
    let mut changed = Record::clone(order);
    changed.fields.set("price", price);
    changed.fields.set("total_price", total);
    changed.fields.set("taxes", money::with_totals(&taxes, price));
    payment_request::set_amounts(ctx, order.text("payment_request_id"), (price, total), taxes);
    ctx.state.store.put(changed)
}
