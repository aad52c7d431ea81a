//! Bookings, which are appointments, and what is owed for them.
//!
//! Facts: rows `booking-platform-create`, `booking-ps-only-if-priced` and `appt-shape` of the sales and clients catalogue,
//! and its table of states.

use std::sync::Arc;

use compact_str::CompactString;
use jiff::{SignedDuration, Timestamp};

use crate::behaviours::sales::payment_request::{self, Debtor, Due};
use crate::exchange::{Exchange, TokenKind, time_text};
use crate::store::{Datum, Fields, Record};

/// A new booking: what it is, how long it takes and what it costs is as the service has it. One that is paid for owes a
/// payment request; one that a client makes of a service with manual approval is only requested.
pub fn made(exchange: &mut Exchange<'_>, booking: &Arc<Record>) -> Arc<Record> {
    let Some(debtor) = payment_request::debtor(exchange, &booking.kind) else { return Arc::clone(booking) };
    let service = exchange.sent_text("service_id").and_then(|id| exchange.own("service", id));
    let Some(service) = service else { return Arc::clone(booking) };
    let asks = exchange.caller.kind == TokenKind::Client && service.text("approval_mode") == "manual";
    let state = if asks { "requested" } else { "scheduled" };
    let minutes = service.get("duration").as_integer().unwrap_or(60);
    let start = booking.text("start_time").parse::<Timestamp>().ok();
    let end = start.and_then(|start| start.checked_add(SignedDuration::from_mins(minutes)).ok());
    let staff = booking.get("staff_id").as_text().map(Into::into).or_else(|| exchange.caller.staff.clone());
    let request = owed(exchange, &service, &booking.id, &debtor, staff.clone());
    let member = staff.as_deref().and_then(|id| exchange.own("staff", id));
    let mut changed = Record::clone(booking);
    changed.fields.set("client_id", &debtor.client.id);
    changed.fields.set("client_first_name", debtor.client.get("first_name").clone());
    changed.fields.set("client_last_name", debtor.client.get("last_name").clone());
    changed.fields.set("conversation_id", debtor.matter);
    changed.fields.set("business_uid", debtor.client.get("business_uid").clone());
    changed.fields.set("service_id", &service.id);
    changed.fields.set("staff_id", staff);
    changed
        .fields
        .set("staff_display_name", member.map(|member| member.get("display_name").clone()).unwrap_or_default());
    changed.fields.set("title", service.get("name").clone());
    changed.fields.set("type", "appointment");
    changed.fields.set("event_instance_id", Datum::Null);
    changed.fields.set("status", state);
    changed.fields.set("state", state);
    changed.fields.set("duration", minutes);
    changed.fields.set("end_time", end.map(time_text));
    changed.fields.set("charge_type", service.get("charge_type").clone());
    changed.fields.set("price", service.get("price").as_decimal().unwrap_or_default());
    changed.fields.set("currency", service.get("currency").clone());
    changed.fields.set("payment_status", request);
    changed.fields.set("updated_at", exchange.world.now_text());
    exchange.world.store.put(changed)
}

/// What is owed for a booking of a service that is paid for, as appointments show it: `{uid}` of its payment request.
/// Nothing is owed for the others.
pub(super) fn owed(
    exchange: &mut Exchange<'_>,
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
        due: exchange.world.today(debtor.client.text("business_uid")),
    };
    let request = payment_request::create(exchange, due);
    Some(Fields::new().with("uid", &request.id))
}
