//! Payment cards of clients, stored at a payment gateway.
//!
//! Source: catalogue-sales, rows card-sync-rules and card-last4-unchecked.

use std::sync::Arc;

use serde_json::Value;

use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, RecordView, Reply};

/// `POST /platform/v1/payment/cards/sync_card`: the first card of a client is its default; a client cannot have a card
/// twice.
pub fn sync(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = ctx.owner()?;
    let client = ctx.owned_record("client", ctx.body_text("client_id").unwrap_or_default());
    let client = client.ok_or_else(|| ApiError::invalid("client_id", "Client not found"))?;
    let of_client = |card: &&Arc<Record>| card.text("client_id") == client.id;
    let cards: Vec<_> = ctx.state.store.all("card").filter(of_client).cloned().collect();
    let numbers = ["exp_month", "exp_year", "last_4"];
    let detail = |name: &str| FieldValue::from(ctx.body_field(&["details", name]));
    let exists = cards.iter().any(|card| numbers.iter().all(|name| is_same(card.get(name), &detail(name))));
    if exists && !detail("last_4").is_null() {
        return Err(ApiError::invalid("details", "Card already exists"));
    }
    let default = ctx.body_field(&["default"]).as_bool().unwrap_or(false) || cards.is_empty();
    let staff = ctx.caller.subject("staff").cloned();
    let staff_name = staff.as_deref().and_then(|id| ctx.state.store.get("staff", id));
    let staff_name = staff_name.map_or("", |staff| staff.text("display_name")).to_owned();
    let mut fields = Fields::with_capacity(18)
        .with("business_id", business)
        .with("client_id", &client.id)
        .with("staff_id", staff)
        .with("staff_name", staff_name)
        .with("default", default)
        .with("active", true)
        .with("payment_provider", "stripe")
        .with("initiator", "staff")
        .with("usage_permission", "all")
        .with("created_at", ctx.state.now_text());
    for (name, value) in ctx.body_field(&["details"]).as_object().into_iter().flatten() {
        fields.set(name, value);
    }
    for name in ["customer_id", "external_card_id"] {
        fields.set(name, ctx.body_field(&[name]));
    }

    if default {
        for card in cards.iter().filter(|card| card.get("default").is_true()) {
            let mut changed = Record::clone(card);
            changed.fields.set("default", false);
            ctx.state.store.put(changed);
        }
    }
    let id = ctx.state.ids.uid();
    let card = ctx.insert("card", id, fields);
    Ok(Reply::one("card", RecordView::of(&card)))
}

/// Compares numbers of cards, which requests send as numbers or as text.
fn is_same(stored: &FieldValue, sent: &FieldValue) -> bool {
    let text = |value: &FieldValue| match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    };
    text(stored) == text(sent)
}
