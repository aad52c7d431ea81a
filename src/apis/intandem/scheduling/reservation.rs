//! What becomes of bookings: `/business/scheduling/v1/bookings`, and what clients do under `/platform/v1/scheduling/bookings`.
//!
//! Facts: rows `booking-platform-create`, `appt-shape`, `sm-booking-states`, `sm-accept-single-vs-batch`, `sm-batch-cancel-complete`, `sm-booking-status-names`,
//! `tok-booking-staff-business-match`, `val-complete-missing` and `val-cancel-missing` of the catalogue of other domains,
//! and `booking-ps-only-if-priced` of the sales and clients catalogue.

use std::sync::Arc;

use compact_str::CompactString;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{booking, event};
use crate::apis::intandem::clients::matter;
use crate::apis::intandem::sales::payment_request::Debtor;
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, ErrorKind, RecordView, Reply, TokenKind, time_text};

/// One way in which bookings go on.
struct Move {
    from: &'static [&'static str],
    to: &'static str,
}

/// More of them at once are not taken.
const MOST_AT_ONCE: usize = 50;

/// `POST …/bookings`: what staff book stands at once, what clients book may wait for approval. With `event_instance_id`
/// a client is registered for that date. Who says nothing of a member of staff meets the first there is.
pub fn create(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = ctx.business()?;
    if let Some(named) = ctx.body_text("business_id").filter(|named| *named != business) {
        let is_there = ctx.state.store.get("business", named).is_some();
        return Err(if is_there { ApiError::unauthorized() } else { ApiError::unauthorized().unknown() });
    }
    let client = ctx.body_text("client_id").map(CompactString::from).or_else(|| ctx.caller.client.clone());
    let client =
        client.ok_or_else(|| ApiError::invalid("client_id", "Validation failed: First name can't be blank"))?;
    let foreign = || ctx.state.store.get("client", &client).map(|_| ApiError::unauthorized());
    let unknown = || foreign().unwrap_or_else(|| ApiError::not_found("Client")).unknown();
    let client = ctx.owned_record("client", &client).ok_or_else(unknown)?;
    if let Some(instance) = ctx.body_text("event_instance_id") {
        let instance = event::instance(ctx, instance)?;
        let attendance = event::register(ctx, &instance, &client)?;
        return Ok(Reply::one("booking", view(&attendance)));
    }
    let known = |name: &str, kind: &str| {
        let id = ctx.body_text(name).ok_or_else(|| ApiError::missing(name))?;
        ctx.owned_record(kind, id).ok_or_else(|| ApiError::invalid(name, format!("Invalid {kind}")).unknown())
    };
    let service = known("service_id", "service")?;
    let first = || {
        let own = ctx.state.store.all("staff").find(|staff| staff.text("business_uid") == business);
        own.cloned().ok_or_else(|| ApiError::missing("staff_id"))
    };
    let staff = ctx.body_text("staff_id").map_or_else(first, |_| known("staff_id", "staff"))?;
    let start = ctx.body_text("start_time").ok_or_else(|| ApiError::missing("start_time"))?;
    let start: Timestamp = start.parse().map_err(|_| ApiError::invalid("start_time", "Invalid start time"))?;
    let minutes = service.get("duration").as_integer().unwrap_or(60);
    let end = start.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(start);
    let waits = ctx.caller.kind == TokenKind::Client && !matches!(service.text("approval_mode"), "" | "immediate");
    let matter = ctx.body_text("matter_uid").and_then(|id| ctx.owned_record("matter", id));
    let matter = matter.filter(|matter| matter.text("client_uid") == client.id);
    let matter = matter.or_else(|| matter::of_client(ctx.state, &client.id).next().cloned());
    let matter = matter.map(|matter| matter.id.clone());
    let debtor = Debtor { client, matter };
    let id = ctx.state.ids.uid();
    let owed = booking::owed(ctx, &service, &id, &debtor, Some(staff.id.clone()));
    let Debtor { client, matter } = debtor;
    let now = ctx.state.now_text();
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
        if let Some(value) = ctx.body_text(name) {
            fields.set(name, value);
        }
    }
    if let Some(notes) = ctx.body_field(&["form_data", "others", "notes"]).as_str() {
        fields.set("notes", notes);
    }
    let source = Fields::new()
        .with("name", ctx.body_text("source_name"))
        .with("channel", ctx.body_text("channel"))
        .with("campaign", ctx.body_text("campaign"))
        .with("website_url", ctx.body_text("source_url"));
    let booking = ctx.insert("booking", id, fields.with("source_data", source));
    Ok(Reply::one("booking", view(&booking)))
}

/// `POST …/bookings/accept`.
pub fn accept(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    go(ctx, &Move { from: &["requested", "reschedule"], to: "scheduled" })
}

/// `POST …/bookings/complete`: one, several, or everybody who is registered for a date of an event.
pub fn complete(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    go(ctx, &Move { from: &["scheduled", "confirmed"], to: "completed" })
}

/// `PUT …/bookings/cancel`, and `POST` of the same name for clients and other callers.
pub fn cancel(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    go(ctx, &Move { from: &["scheduled", "requested", "reschedule", "confirmed"], to: "cancelled" })
}

/// `PUT …/{booking_uid}/update_rsvp_state`: whether the client comes, said in the body or in the query (row `val-rsvp`).
pub fn set_rsvp_state(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.business()?;
    let booking = of_id(ctx, &ctx.path[0])?;
    let state = ctx.body_text("new_rsvp_state").or_else(|| ctx.query.get("new_rsvp_state"));
    let state = CompactString::from(state.ok_or_else(|| ApiError::missing("new_rsvp_state"))?);
    let mut changed = Record::clone(&booking);
    changed.fields.set("rsvp_state", state);
    changed.fields.set("updated_at", ctx.state.now_text());
    let booking = ctx.state.store.put(changed);
    Ok(Reply::one("booking", view(&booking)))
}

/// One booking goes on or is refused; of several each for itself, and the answer is always a success.
fn go(ctx: &mut Context<'_>, field_path: &Move) -> Result<Reply, ApiError> {
    ctx.business()?;
    let ids: Vec<CompactString> = match ctx.body_field(&["booking_id"]) {
        Value::String(id) => {
            let booking = of_id(ctx, id)?;
            let booking = step(ctx, &booking, field_path)?;
            let payload = Reply::one("booking", view(&booking));
            let created = ctx.operation.responses.contains_key(&201);
            return Ok(if created { payload.status(201) } else { payload });
        }
        Value::Array(ids) if ids.len() > MOST_AT_ONCE => {
            return Err(ApiError::invalid("booking_id", format!("At most {MOST_AT_ONCE} bookings")));
        }
        Value::Array(ids) => ids.iter().filter_map(Value::as_str).map(CompactString::from).collect(),
        _ => {
            let instance = ctx.body_text("event_instance_id").ok_or_else(|| ApiError::missing("booking_id"))?;
            let instance = event::instance(ctx, instance)?;
            event::attendances(ctx.state, &instance.id).map(|one| one.id.clone()).collect()
        }
    };
    let mut done = Vec::new();
    for id in ids {
        let went = of_id(ctx, &id).and_then(|booking| step(ctx, &booking, field_path));
        let error = went.err().map(|error| error.message);
        done.push(FieldValue::from(Fields::new().with("id", id).with("success", error.is_none()).with("error", error)));
    }
    Ok(Reply::empty().and("batch_response", done).status(200))
}

fn of_id(ctx: &Context<'_>, id: &str) -> Result<Arc<Record>, ApiError> {
    let booking = ctx.owned_record("booking", id).or_else(|| ctx.owned_record("event_attendance", id));
    booking.ok_or_else(|| ApiError::not_found("Booking").unknown())
}

fn step(ctx: &mut Context<'_>, booking: &Record, field_path: &Move) -> Result<Arc<Record>, ApiError> {
    if !field_path.from.contains(&booking.text("state")) {
        return Err(ApiError::new(ErrorKind::Conflict, "Bad Transition"));
    }
    let mut changed = booking.clone();
    changed.fields.set("state", field_path.to);
    if ctx.body_field(&["mark_as_no_show"]).as_bool() == Some(true) {
        changed.fields.set("no_show", true);
    }
    changed.fields.set("updated_at", ctx.state.now_text());
    let went = ctx.state.store.put(changed);
    if went.kind == "event_attendance" {
        event::went_on(ctx, &went);
    }
    Ok(went)
}

fn view(booking: &Arc<Record>) -> RecordView {
    let business = booking.get("business_uid").clone();
    RecordView::of(booking)
        .with("id", &booking.id)
        .with("uid", &booking.id)
        .with("status", booking.get("state").clone())
        .with("business_id", business)
        .with("start_time_utc", booking.get("start_time").clone())
}
