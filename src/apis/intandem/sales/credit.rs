//! Credits of client packages, which pay for bookings.

use std::sync::{Arc, LazyLock};

use serde_json::Value;

use crate::model::{FieldNames, FieldValue, Fields, Record};
use crate::request::{ApiError, Context};

/// Whether a credit has uses left.
pub(super) fn has_uses_left(credit: &FieldValue) -> bool {
    credit.get("total_bookings").as_integer() > credit.get("bookings_usage").as_integer()
}

/// Names of the members of a credit and of the services it pays for, shared by all client packages.
static CREDIT: LazyLock<Arc<FieldNames>> =
    LazyLock::new(|| FieldNames::new(["id", "total_bookings", "bookings_usage", "credit_items"].map(without_default)));
static CREDIT_ITEM: LazyLock<Arc<FieldNames>> =
    LazyLock::new(|| FieldNames::new(["item_id", "item_type", "bookings_usage"].map(without_default)));

fn without_default(name: &str) -> (&str, FieldValue) {
    (name, FieldValue::Null)
}

/// One credit for each item of the package. Source: seed-002, section Notes.
pub(super) fn create_credits(ctx: &mut Context<'_>, package: &Record) -> FieldValue {
    let items = package.get("items").as_list();
    if items.is_empty() || !ctx.state.apply_quirk("client-package-credits-from-items") {
        return Vec::new().into();
    }
    let credits = items.iter().map(|item| {
        let services = item.get("services").as_list().iter().map(|service| {
            let values = vec![service.get("id").clone(), "SERVICE".into(), 0.into()];
            FieldValue::from(Fields::shared(&CREDIT_ITEM, values))
        });
        let services = FieldValue::List(services.collect());
        let values = vec![ctx.state.ids.uid().into(), item.get("total_bookings").clone(), 0.into(), services];
        FieldValue::from(Fields::shared(&CREDIT, values))
    });
    FieldValue::List(credits.collect())
}

/// The credits with the totals of the request. A total may not be lower than the uses so far.
pub(super) fn update_credits(ctx: &Context<'_>, record: &Record) -> Result<FieldValue, ApiError> {
    let mut credits: Vec<Fields> =
        record.get("booking_credits").as_list().iter().filter_map(FieldValue::as_object).cloned().collect();
    let sent = ctx.body_field(&["client_package", "booking_credits"]);
    for sent in sent.as_array().into_iter().flatten() {
        let id = sent.get("id").and_then(Value::as_str).unwrap_or_default();
        let known = credits.iter_mut().find(|credit| credit.get("id").and_then(FieldValue::as_text) == Some(id));
        let credit = known.ok_or_else(|| ApiError::invalid("booking_credits", "Booking credit not found"))?;
        let total = FieldValue::from(sent.get("total_bookings").unwrap_or(&Value::Null)).as_integer();
        let total = total.ok_or_else(|| ApiError::invalid("total_bookings", "Total bookings is not a number"))?;
        let used = credit.get("bookings_usage").and_then(FieldValue::as_integer).unwrap_or(0);
        if total < used && ctx.state.apply_quirk("client-package-total-below-usage") {
            let message = "Total bookings must be equal to or greater than the current usage";
            return Err(ApiError::invalid("total_bookings", message));
        }
        credit.set("total_bookings", total);
    }
    Ok(credits.into_iter().map(FieldValue::from).collect::<Vec<_>>().into())
}
