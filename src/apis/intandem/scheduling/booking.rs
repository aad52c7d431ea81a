//! Bookings, also called appointments, and their payment requests.
//!
//! Source: catalogue-sales, row booking-ps-only-if-priced.

use std::sync::Arc;

use compact_str::CompactString;
use jiff::{SignedDuration, Timestamp};

use crate::apis::intandem::sales::payment_request::{self, Debtor, Due};
use crate::model::{FieldValue, Fields, Record};
use crate::request::{Context, time_text};

/// Sets the end of a booking whose start or duration changed.
pub fn set_end_time(ctx: &mut Context<'_>, booking: &Arc<Record>) -> Arc<Record> {
    let start = booking.text("start_time").parse::<Timestamp>().ok();
    let minutes = booking.get("duration").as_integer();
    let end =
        start.zip(minutes).and_then(|(start, minutes)| start.checked_add(SignedDuration::from_mins(minutes)).ok());
    let Some(end) = end else { return Arc::clone(booking) };
    let mut changed = Record::clone(booking);
    changed.fields.set("end_time", time_text(end));
    // This response has another name for the staff member than appointments have.
    changed.fields.set("staff_name", booking.get("staff_display_name").clone());
    ctx.state.store.put(changed)
}

/// Creates the payment request of a booking of a paid service, and returns it in the form that appointments embed:
/// `{uid}`. `None` for other services.
pub(super) fn create_payment_request(
    ctx: &mut Context<'_>,
    service: &Record,
    booking: &CompactString,
    debtor: &Debtor,
    staff: Option<CompactString>,
) -> Option<Fields> {
    let price = service.get("price").as_decimal().unwrap_or_default();
    if service.text("charge_type") != "paid" || price.is_zero() {
        return None;
    }
    let due = Due {
        payable_type: "Meeting",
        payable_uid: booking,
        sellable_name: service.get("name").clone(),
        client: &debtor.client,
        matter: debtor.matter.clone(),
        staff,
        net: price,
        amount: price,
        taxes: Vec::new().into(),
        currency: service.get("currency").clone(),
        redeemed_products: FieldValue::Null,
        due: ctx.state.today(debtor.client.text("business_uid")),
    };
    let request = payment_request::create(ctx, due);
    Some(Fields::new().with("uid", &request.id))
}
