//! Credits of client packages, which pay for bookings. In Rust with the client packages that have them.

use std::sync::{Arc, LazyLock};

use crate::model::{FieldNames, FieldValue, Fields, Record};
use crate::request::Context;

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
