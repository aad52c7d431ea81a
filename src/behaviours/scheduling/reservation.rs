//! What becomes of bookings: `/business/scheduling/v1/bookings`, and what clients do under `/platform/v1/scheduling/bookings`.
//!
//! Source: catalogue-platform, rows `booking-platform-create`, `appt-shape`, `sm-booking-states`,
//! `sm-accept-single-vs-batch`, `sm-batch-cancel-complete`, `sm-booking-status-names`,
//! `tok-booking-staff-business-match`, `val-complete-missing` and `val-cancel-missing`.
//! Source: catalogue-sales, row `booking-ps-only-if-priced`.

use std::sync::Arc;

use compact_str::CompactString;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{booking, event};
use crate::behaviours::clients::matter;
use crate::behaviours::sales::payment_request::Debtor;
use crate::exchange::{Exchange, Payload, Refusal, RefusalKind, TokenKind, View, time_text};
use crate::store::{Datum, Fields, Record};

/// One way in which bookings go on.
struct Move {
    from: &'static [&'static str],
    to: &'static str,
}

/// More of them at once are not taken.
const MOST_AT_ONCE: usize = 50;

/// `POST …/bookings`: what staff book stands at once, what clients book may wait for approval. With `event_instance_id`
/// a client is registered for that date. Who says nothing of a member of staff meets the first there is.
pub fn create(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let business = exchange.business()?;
    if let Some(named) = exchange.sent_text("business_id").filter(|named| *named != business) {
        let is_there = exchange.world.store.get("business", named).is_some();
        return Err(if is_there { Refusal::unauthorized() } else { Refusal::unauthorized().unknown() });
    }
    let client = exchange.sent_text("client_id").map(CompactString::from).or_else(|| exchange.caller.client.clone());
    let client = client.ok_or_else(|| Refusal::invalid("client_id", "Validation failed: First name can't be blank"))?;
    let foreign = || exchange.world.store.get("client", &client).map(|_| Refusal::unauthorized());
    let unknown = || foreign().unwrap_or_else(|| Refusal::not_found("Client")).unknown();
    let client = exchange.own("client", &client).ok_or_else(unknown)?;
    if let Some(instance) = exchange.sent_text("event_instance_id") {
        let instance = event::instance(exchange, instance)?;
        let attendance = event::register(exchange, &instance, &client)?;
        return Ok(Payload::one("booking", view(&attendance)));
    }
    let known = |name: &str, kind: &str| {
        let id = exchange.sent_text(name).ok_or_else(|| Refusal::missing(name))?;
        exchange.own(kind, id).ok_or_else(|| Refusal::invalid(name, format!("Invalid {kind}")).unknown())
    };
    let service = known("service_id", "service")?;
    let first = || {
        let own = exchange.world.store.all("staff").find(|staff| staff.text("business_uid") == business);
        own.cloned().ok_or_else(|| Refusal::missing("staff_id"))
    };
    let staff = exchange.sent_text("staff_id").map_or_else(first, |_| known("staff_id", "staff"))?;
    let start = exchange.sent_text("start_time").ok_or_else(|| Refusal::missing("start_time"))?;
    let start: Timestamp = start.parse().map_err(|_| Refusal::invalid("start_time", "Invalid start time"))?;
    let minutes = service.get("duration").as_integer().unwrap_or(60);
    let end = start.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(start);
    let waits = exchange.caller.kind == TokenKind::Client && !matches!(service.text("approval_mode"), "" | "immediate");
    let matter = exchange.sent_text("matter_uid").and_then(|id| exchange.own("matter", id));
    let matter = matter.filter(|matter| matter.text("client_uid") == client.id);
    let matter = matter.or_else(|| matter::of_client(exchange.world, &client.id).next().cloned());
    let matter = matter.map(|matter| matter.id.clone());
    let debtor = Debtor { client, matter };
    let id = exchange.world.ids.uid();
    let owed = booking::owed(exchange, &service, &id, &debtor, Some(staff.id.clone()));
    let Debtor { client, matter } = debtor;
    let now = exchange.world.now_text();
    let mut fields = Fields::new()
        .with("business_uid", business)
        .with("client_id", &client.id)
        .with("client_first_name", client.get("first_name").clone())
        .with("client_last_name", client.get("last_name").clone())
        .with("conversation_id", matter)
        .with("service_id", &service.id)
        .with("staff_id", &staff.id)
        .with("staff_display_name", staff.get("display_name").clone())
        .with("title", service.get("name").clone())
        .with("state", if waits { "requested" } else { "scheduled" })
        .with("start_time", time_text(start))
        .with("end_time", time_text(end))
        .with("duration", minutes)
        .with("payment_status", owed)
        .with("created_at", &now)
        .with("updated_at", &now);
    for name in ["price", "charge_type", "currency", "approval_mode", "interaction_type"] {
        fields.set(name, service.get(name).clone());
    }
    for name in ["time_zone", "interaction_details"] {
        if let Some(value) = exchange.sent_text(name) {
            fields.set(name, value);
        }
    }
    if let Some(notes) = exchange.sent(&["form_data", "others", "notes"]).as_str() {
        fields.set("notes", notes);
    }
    let source = Fields::new()
        .with("name", exchange.sent_text("source_name"))
        .with("channel", exchange.sent_text("channel"))
        .with("campaign", exchange.sent_text("campaign"))
        .with("website_url", exchange.sent_text("source_url"));
    let booking = exchange.keep("booking", id, fields.with("source_data", source));
    Ok(Payload::one("booking", view(&booking)))
}

/// `POST …/bookings/accept`.
pub fn accept(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    go(exchange, &Move { from: &["requested", "reschedule"], to: "scheduled" })
}

/// `POST …/bookings/complete`: one, several, or everybody who is registered for a date of an event.
pub fn complete(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    go(exchange, &Move { from: &["scheduled", "confirmed"], to: "completed" })
}

/// `PUT …/bookings/cancel`, and `POST` of the same name for clients and other callers.
pub fn cancel(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    go(exchange, &Move { from: &["scheduled", "requested", "reschedule", "confirmed"], to: "cancelled" })
}

/// `PUT …/{booking_uid}/update_rsvp_state`: whether the client comes, said in the body or in the query (row `val-rsvp`).
pub fn answer(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    exchange.business()?;
    let booking = of_id(exchange, &exchange.path[0])?;
    let state = exchange.sent_text("new_rsvp_state").or_else(|| exchange.query.get("new_rsvp_state"));
    let state = CompactString::from(state.ok_or_else(|| Refusal::missing("new_rsvp_state"))?);
    let mut changed = Record::clone(&booking);
    changed.fields.set("rsvp_state", state);
    changed.fields.set("updated_at", exchange.world.now_text());
    let booking = exchange.world.store.put(changed);
    Ok(Payload::one("booking", view(&booking)))
}

/// One booking goes on or is refused; of several each for itself, and the answer is always a success.
fn go(exchange: &mut Exchange<'_>, way: &Move) -> Result<Payload, Refusal> {
    exchange.business()?;
    let ids: Vec<CompactString> = match exchange.sent(&["booking_id"]) {
        Value::String(id) => {
            let booking = of_id(exchange, id)?;
            let booking = step(exchange, &booking, way)?;
            let payload = Payload::one("booking", view(&booking));
            let created = exchange.operation.responses.contains_key(&201);
            return Ok(if created { payload.status(201) } else { payload });
        }
        Value::Array(ids) if ids.len() > MOST_AT_ONCE => {
            return Err(Refusal::invalid("booking_id", format!("At most {MOST_AT_ONCE} bookings")));
        }
        Value::Array(ids) => ids.iter().filter_map(Value::as_str).map(CompactString::from).collect(),
        _ => {
            let instance = exchange.sent_text("event_instance_id").ok_or_else(|| Refusal::missing("booking_id"))?;
            let instance = event::instance(exchange, instance)?;
            event::attendances(exchange.world, &instance.id).map(|one| one.id.clone()).collect()
        }
    };
    let mut done = Vec::new();
    for id in ids {
        let went = of_id(exchange, &id).and_then(|booking| step(exchange, &booking, way));
        let error = went.err().map(|refusal| refusal.message);
        done.push(Datum::from(Fields::new().with("id", id).with("success", error.is_none()).with("error", error)));
    }
    Ok(Payload::empty().and("batch_response", done).status(200))
}

fn of_id(exchange: &Exchange<'_>, id: &str) -> Result<Arc<Record>, Refusal> {
    let booking = exchange.own("booking", id).or_else(|| exchange.own("event_attendance", id));
    booking.ok_or_else(|| Refusal::not_found("Booking").unknown())
}

fn step(exchange: &mut Exchange<'_>, booking: &Record, way: &Move) -> Result<Arc<Record>, Refusal> {
    if !way.from.contains(&booking.text("state")) {
        return Err(Refusal::new(RefusalKind::Conflict, "Bad Transition"));
    }
    let mut changed = booking.clone();
    changed.fields.set("state", way.to);
    if exchange.sent(&["mark_as_no_show"]).as_bool() == Some(true) {
        changed.fields.set("no_show", true);
    }
    changed.fields.set("updated_at", exchange.world.now_text());
    let went = exchange.world.store.put(changed);
    if went.kind == "event_attendance" {
        event::went_on(exchange, &went);
    }
    Ok(went)
}

fn view(booking: &Arc<Record>) -> View {
    let business = booking.get("business_uid").clone();
    View::of(booking)
        .with("id", &booking.id)
        .with("uid", &booking.id)
        .with("status", booking.get("state").clone())
        .with("business_id", business)
        .with("start_time_utc", booking.get("start_time").clone())
}
