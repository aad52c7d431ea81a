//! Bookings, which are appointments, and what is owed for them.
//!
//! Facts: row `booking-ps-only-if-priced` of the sales and clients catalogue.

use std::sync::Arc;

use compact_str::CompactString;
use jiff::{SignedDuration, Timestamp};

use crate::apis::intandem::sales::payment_request::{self, Debtor, Due};
use crate::model::{Fields, Record};
use crate::request::{Context, time_text};

/// A booking that is moved, or takes longer, ends when it then does.
pub fn set_end_time(ctx: &mut Context<'_>, booking: &Arc<Record>) -> Arc<Record> {
    let start = booking.text("start_time").parse::<Timestamp>().ok();
    let minutes = booking.get("duration").as_integer();
    let end =
        start.zip(minutes).and_then(|(start, minutes)| start.checked_add(SignedDuration::from_mins(minutes)).ok());
    let Some(end) = end else { return Arc::clone(booking) };
    let mut changed = Record::clone(booking);
    changed.fields.set("end_time", time_text(end));
    // The answer calls the member of staff by another name than appointments do.
    changed.fields.set("staff_name", booking.get("staff_display_name").clone());
    ctx.state.store.put(changed)
}

/// What is owed for a booking of a service that is paid for, as appointments show it: `{uid}` of its payment request.
/// Nothing is owed for the others.
pub(super) fn owed(
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
        due: ctx.state.today(debtor.client.text("business_uid")),
    };
    let request = payment_request::create(ctx, due);
    Some(Fields::new().with("uid", &request.id))
}
