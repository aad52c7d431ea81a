//! The fields that a business has for its clients and matters.
//!
//! Source: catalogue-sales, rows `fields-create` and `matter-create-name`.

use crate::behaviours::list;
use crate::exchange::{Exchange, Payload, Refusal, View};
use crate::store::{Datum, Fields};

/// What a field says besides its id.
const NAMES: [&str; 8] =
    ["type", "label", "object_type", "default_value", "forms", "keep_asking", "options", "required"];

/// `GET /platform/v1/fields`.
pub fn list(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let business = exchange.business()?;
    let all = exchange.world.store.all("field");
    let own = all.filter(|field| field.get("business_uid").as_text() == Some(business.as_str()));
    Ok(Payload::many("fields", list::select(own.map(View::of), exchange.query, &[])))
}

/// `POST /platform/v1/fields`: the answer has the field without an envelope.
pub fn create(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let business = exchange.business()?;
    let mut fields = Fields::with_room(10).with("business_uid", business).with("deleted", false);
    for name in NAMES {
        let known = match name {
            "object_type" => Datum::from("matter"),
            "default_value" => Datum::from(""),
            "required" | "keep_asking" => Datum::from(false),
            "forms" | "options" => Datum::from(Vec::new()),
            _ => Datum::Null,
        };
        let sent = exchange.sent(&[name]);
        fields.set(name, if sent.is_null() { known } else { sent.into() });
    }
    let id = exchange.world.ids.uid();
    let field = exchange.keep("field", id, fields);
    let shown = NAMES
        .iter()
        .fold(Payload::empty().and("id", &field.id), |shown, name| shown.and(name, field.get(name).clone()));
    Ok(shown.and("deleted", false))
}
