//! Creating bookings and changing their state: `/business/scheduling/v1/bookings`, and for clients
//! `/platform/v1/scheduling/bookings`.
//!
//! Source: catalogue-platform, rows booking-platform-create, appt-shape, sm-booking-states, sm-accept-single-vs-batch,
//! sm-batch-cancel-complete, sm-booking-status-names, tok-booking-staff-business-match, val-complete-missing and
//! val-cancel-missing; catalogue-sales, row booking-ps-only-if-priced.

use std::sync::Arc;

use compact_str::CompactString;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{booking, event};
use crate::apis::intandem::clients::matter;
use crate::apis::intandem::sales::payment_request::Debtor;
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, ErrorKind, RecordView, Reply, time_text};

/// A transition between states of bookings.
struct BookingTransition {
    from: &'static [&'static str],
    to: &'static str,
}

/// Maximum number of bookings in one request.
const MAX_BOOKINGS: usize = 50;

/// `POST …/bookings`: bookings by staff are scheduled at once, those by clients may need approval. With
/// `event_instance_id` the client is registered for that event date. The default staff member is the first of the
/// business.
pub fn create(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = ctx.owner()?;
    if let Some(requested) = ctx.body_text("business_id").filter(|requested| *requested != business) {
        let exists = ctx.state.store.get("business", requested).is_some();
        return Err(if exists { ApiError::unauthorized() } else { ApiError::unauthorized().unknown() });
    }
    let client = find_client(ctx)?;
    if let Some(instance) = ctx.body_text("event_instance_id") {
        let instance = event::find_instance(ctx, instance)?;
        let attendance = event::register(ctx, &instance, &client)?;
        return Ok(Reply::one("booking", view(&attendance)));
    }
    let reservation = read_reservation(ctx, client)?;
    let booking = store(ctx, business, reservation);
    Ok(Reply::one("booking", view(&booking)))
}

/// The client of a new booking: that of the body, else the caller.
fn find_client(ctx: &Context<'_>) -> Result<Arc<Record>, ApiError> {
    let id = ctx.body_text("client_id").map(CompactString::from).or_else(|| ctx.caller.subject("client").cloned());
    let id = id.ok_or_else(|| ApiError::invalid("client_id", "Validation failed: First name can't be blank"))?;
    let foreign = || ctx.state.store.get("client", &id).map(|_| ApiError::unauthorized());
    let unknown = || foreign().unwrap_or_else(|| ApiError::not_found("Client")).unknown();
    ctx.owned_record("client", &id).ok_or_else(unknown)
}

/// What a new booking is for.
struct Reservation {
    service: Arc<Record>,
    staff: Arc<Record>,
    start: Timestamp,
    debtor: Debtor,
}

fn read_reservation(ctx: &Context<'_>, client: Arc<Record>) -> Result<Reservation, ApiError> {
    let find = |name: &str, kind: &str| {
        let id = ctx.body_text(name).ok_or_else(|| ApiError::missing(name))?;
        ctx.owned_record(kind, id).ok_or_else(|| ApiError::invalid(name, format!("Invalid {kind}")).unknown())
    };
    let service = find("service_id", "service")?;
    let first = || {
        let staff =
            ctx.state.store.all("staff").find(|staff| staff.text("business_uid") == client.text("business_uid"));
        staff.cloned().ok_or_else(|| ApiError::missing("staff_id"))
    };
    let staff = ctx.body_text("staff_id").map_or_else(first, |_| find("staff_id", "staff"))?;
    let start = ctx.body_text("start_time").ok_or_else(|| ApiError::missing("start_time"))?;
    let start: Timestamp = start.parse().map_err(|_| ApiError::invalid("start_time", "Invalid start time"))?;
    let matter = matter::requested(ctx, &client).map(|matter| matter.id.clone());
    Ok(Reservation { service, staff, start, debtor: Debtor { client, matter } })
}

/// Stores a booking and the payment request for it.
fn store(ctx: &mut Context<'_>, business: CompactString, reservation: Reservation) -> Arc<Record> {
    let Reservation { service, staff, start, debtor } = reservation;
    let minutes = service.get("duration").as_integer().unwrap_or(60);
    let end = start.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(start);
    let needs_approval = ctx.caller.kind == "client" && !matches!(service.text("approval_mode"), "" | "immediate");
    let id = ctx.state.ids.uid();
    let payment_status = booking::create_payment_request(ctx, &service, &id, &debtor, Some(staff.id.clone()));
    let Debtor { client, matter } = debtor;
    let now = ctx.state.now_text();
    let source = Fields::new()
        .with("name", ctx.body_text("source_name"))
        .with("channel", ctx.body_text("channel"))
        .with("campaign", ctx.body_text("campaign"))
        .with("website_url", ctx.body_text("source_url"));
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
        .with("state", if needs_approval { "requested" } else { "scheduled" })
        .with("start_time", time_text(start))
        .with("end_time", time_text(end))
        .with("duration", minutes)
        .with("payment_status", payment_status)
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
    ctx.insert("booking", id, fields.with("source_data", source))
}

/// `POST …/bookings/accept`.
pub fn accept(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    apply_transition(ctx, &BookingTransition { from: &["requested", "reschedule"], to: "scheduled" })
}

/// `POST …/bookings/complete`: one booking, several, or all attendances of an event date.
pub fn complete(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    apply_transition(ctx, &BookingTransition { from: &["scheduled", "confirmed"], to: "completed" })
}

/// `PUT …/bookings/cancel`, and `POST …/bookings/cancel` for clients and other callers.
pub fn cancel(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    apply_transition(
        ctx,
        &BookingTransition { from: &["scheduled", "requested", "reschedule", "confirmed"], to: "cancelled" },
    )
}

/// `PUT …/{booking_uid}/update_rsvp_state`: whether the client attends, in the body or in the query. Source:
/// catalogue-platform, row val-rsvp.
pub fn set_rsvp_state(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let booking = find(ctx, &ctx.path[0])?;
    let state = ctx.body_text("new_rsvp_state").or_else(|| ctx.query.get("new_rsvp_state"));
    let state = CompactString::from(state.ok_or_else(|| ApiError::missing("new_rsvp_state"))?);
    let mut changed = Record::clone(&booking);
    changed.fields.set("rsvp_state", state);
    changed.fields.set("updated_at", ctx.state.now_text());
    let booking = ctx.state.store.put(changed);
    Ok(Reply::one("booking", view(&booking)))
}

/// Applies a transition to one booking, or to several. With several, each succeeds or fails by itself and the response
/// is always a success.
fn apply_transition(ctx: &mut Context<'_>, transition: &BookingTransition) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let ids: Vec<CompactString> = match ctx.body_field(&["booking_id"]) {
        Value::String(id) => {
            let booking = find(ctx, id)?;
            let booking = apply_to(ctx, &booking, transition)?;
            let reply = Reply::one("booking", view(&booking));
            let is_created = ctx.operation.responses.contains(201);
            return Ok(if is_created { reply.status(201) } else { reply });
        }
        Value::Array(ids) if ids.len() > MAX_BOOKINGS => {
            return Err(ApiError::invalid("booking_id", format!("At most {MAX_BOOKINGS} bookings")));
        }
        Value::Array(ids) => ids.iter().filter_map(Value::as_str).map(CompactString::from).collect(),
        _ => {
            let instance = ctx.body_text("event_instance_id").ok_or_else(|| ApiError::missing("booking_id"))?;
            let instance = event::find_instance(ctx, instance)?;
            event::attendances(ctx.state, &instance.id).map(|one| one.id.clone()).collect()
        }
    };
    let mut results = Vec::new();
    for id in ids {
        let applied = find(ctx, &id).and_then(|booking| apply_to(ctx, &booking, transition));
        let error = applied.err().map(|error| error.message);
        results
            .push(FieldValue::from(Fields::new().with("id", id).with("success", error.is_none()).with("error", error)));
    }
    Ok(Reply::empty().and("batch_response", results).status(200))
}

fn find(ctx: &Context<'_>, id: &str) -> Result<Arc<Record>, ApiError> {
    let booking = ctx.owned_record("booking", id).or_else(|| ctx.owned_record("event_attendance", id));
    booking.ok_or_else(|| ApiError::not_found("Booking").unknown())
}

fn apply_to(ctx: &mut Context<'_>, booking: &Record, transition: &BookingTransition) -> Result<Arc<Record>, ApiError> {
    if !transition.from.contains(&booking.text("state")) {
        return Err(ApiError::new(ErrorKind::Conflict, "Bad Transition"));
    }
    let mut changed = booking.clone();
    changed.fields.set("state", transition.to);
    if ctx.body_field(&["mark_as_no_show"]).as_bool() == Some(true) {
        changed.fields.set("no_show", true);
    }
    changed.fields.set("updated_at", ctx.state.now_text());
    let changed = ctx.state.store.put(changed);
    if changed.kind == "event_attendance" {
        event::update_attendance(ctx, &changed);
    }
    Ok(changed)
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
