//! Bookings, which are appointments, and what is owed for them.
//!
//! Facts: rows `booking-platform-create`, `booking-ps-only-if-priced` and `appt-shape` of the sales and clients catalogue,
//! and its table of states.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::behaviours::sales::payment_request::{self, Due};
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
    let price = service.get("price").as_decimal().unwrap_or_default();
    let is_paid = service.text("charge_type") == "paid" && !price.is_zero();
    let staff = booking.get("staff_id").as_text().map(Into::into).or_else(|| exchange.caller.staff.clone());
    let request = is_paid.then(|| {
        let due = Due {
            payable_type: "Meeting",
            payable_uid: &booking.id,
            sellable_name: service.get("name").clone(),
            client: &debtor.client,
            matter: debtor.matter.clone(),
            staff: staff.clone(),
            net: price,
            amount: price,
            taxes: Vec::new().into(),
            currency: service.get("currency").clone(),
            due: exchange.world.today(debtor.client.text("business_uid")),
        };
        payment_request::create(exchange, due)
    });
    let mut changed = Record::clone(booking);
    changed.fields.set("client_id", &debtor.client.id);
    changed.fields.set("conversation_id", debtor.matter);
    changed.fields.set("business_uid", debtor.client.get("business_uid").clone());
    changed.fields.set("service_id", &service.id);
    changed.fields.set("staff_id", staff);
    changed.fields.set("title", service.get("name").clone());
    changed.fields.set("type", "appointment");
    changed.fields.set("event_instance_id", Datum::Null);
    changed.fields.set("status", state);
    changed.fields.set("state", state);
    changed.fields.set("duration", minutes);
    changed.fields.set("end_time", end.map(time_text));
    changed.fields.set("charge_type", service.get("charge_type").clone());
    changed.fields.set("price", price);
    changed.fields.set("currency", service.get("currency").clone());
    changed.fields.set("payment_status", request.map(|request| Fields::new().with("uid", &request.id)));
    exchange.world.store.put(changed)
}
