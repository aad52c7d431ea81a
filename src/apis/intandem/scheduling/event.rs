//! Event dates, their attendances and their waitlist. Clients can join the waitlist only of a full date.
//!
//! Source: catalogue-platform, rows sm-event-waitlist, val-waitlist-invalid-event, env-event-attendance-ids and
//! env-event-path-singular.

use std::sync::Arc;

use compact_str::CompactString;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::apis::intandem::clients::matter;
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, RecordView, Reply, State, time_text};

/// Copies title, duration and price of the service into a new event date, where the request has no values.
pub fn copy_service(ctx: &mut Context<'_>, instance: &Arc<Record>) -> Arc<Record> {
    let mut changed = Record::clone(instance);
    let service = instance.get("service_id").as_text().and_then(|id| ctx.owned_record("service", id));
    let mut fill = |name: &str, value: FieldValue| {
        if changed.get(name).is_null() {
            changed.fields.set(name, value);
        }
    };
    let of_service = |name: &str| service.as_ref().map_or(FieldValue::Null, |service| service.get(name).clone());
    fill("title", of_service("name"));
    for name in ["duration", "charge_type", "price", "currency", "interaction_type", "max_attendance", "padding"] {
        fill(name, of_service(name));
    }
    fill("staff_id", ctx.caller.subject("staff").cloned().into());
    let minutes = changed.get("duration").as_integer();
    let start = instance.text("start_time").parse::<Timestamp>().ok();
    let end =
        start.zip(minutes).and_then(|(start, minutes)| start.checked_add(SignedDuration::from_mins(minutes)).ok());
    if changed.get("end_time").is_null() {
        changed.fields.set("end_time", end.map(time_text));
    }
    changed.fields.set("state", "scheduled");
    changed.fields.set("attendance_count", 0);
    ctx.state.store.put(changed)
}

/// `POST /v2/event_instances/{event_instance_id}/event_attendances`.
pub fn attend(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let instance = ctx.owned_record("event_instance", &ctx.path[0]);
    let instance = instance.ok_or_else(|| ApiError::not_found("Event instance").unknown())?;
    let client = ctx.owned_record("client", ctx.body_text("client_id").unwrap_or_default());
    let client = client.ok_or_else(|| ApiError::invalid("client_id", "Invalid client").unknown())?;
    let attendance = register(ctx, &instance, &client)?;
    Ok(Reply::empty().and("id", &attendance.id).and("uid", &attendance.id).and_fields(&attendance))
}

/// `POST /platform/v1/scheduling/waitlist`: a client joins the waitlist.
pub fn join_waitlist(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let instance = find_full_instance(ctx, ctx.body_text("event_instance_id").unwrap_or_default())?;
    let client = ctx.body_text("client_id").map(CompactString::from).or_else(|| ctx.caller.subject("client").cloned());
    let client = client.and_then(|client| ctx.owned_record("client", &client));
    let client = client.ok_or_else(|| ApiError::invalid("client_id", "Invalid client").unknown())?;
    let matter = match ctx.body_text("matter_uid") {
        Some(matter) => ctx.owned_record("matter", matter),
        None => matter::of_client(ctx.state, &client.id).next().cloned(),
    };
    let matter = matter.ok_or_else(|| ApiError::invalid("matter_uid", "Invalid matter").unknown())?;
    let entry = create_entry(ctx, &instance, &matter, "client");
    Ok(Reply::one("waitlist", RecordView::of(&entry)))
}

/// `POST /business/scheduling/v1/waitlist/bulk_create`: staff add clients to the waitlist, by matters.
pub fn add_to_waitlist(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let instance = find_full_instance(ctx, ctx.body_text("event_instance_uid").unwrap_or_default())?;
    let matters: Vec<&str> = match ctx.body_field(&["matter_uids"]) {
        Value::String(matter) => vec![matter],
        Value::Array(matters) => matters.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let find = |matter: &&str| {
        ctx.owned_record("matter", matter).ok_or_else(|| ApiError::invalid("matter_uids", "Invalid matter").unknown())
    };
    let matters = matters.iter().map(find).collect::<Result<Vec<_>, _>>()?;
    let entries: Vec<_> = matters.iter().map(|matter| create_entry(ctx, &instance, matter, "business")).collect();
    Ok(Reply::many("waitlists", entries.iter().map(RecordView::of).collect()))
}

/// `PUT …/waitlist/cancel`: by the UID of the entry, or by event date and matter.
pub fn leave_waitlist(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let (uid, instance) = (ctx.body_text("waitlist_uid"), ctx.body_text("event_instance_uid"));
    let matter = ctx.body_text("matter_uid");
    let matches = |entry: &&Arc<Record>| {
        ctx.is_own(entry)
            && entry.text("status") == "pending"
            && match uid {
                Some(uid) => entry.id == uid,
                None => Some(entry.text("event_instance_uid")) == instance && Some(entry.text("matter_uid")) == matter,
            }
    };
    let entry = ctx.state.store.all("waitlist").find(matches).cloned();
    let entry = entry.ok_or_else(|| ApiError::invalid("event_instance_uid", "Invalid event instance").unknown())?;
    let mut changed = Record::clone(&entry);
    changed.fields.set("status", "cancelled");
    changed.fields.set("state_summary", state_summary("cancelled", "Cancelled"));
    let entry = ctx.state.store.put(changed);
    Ok(Reply::one("waitlist", RecordView::of(&entry)))
}

/// An event date of the caller's business.
pub(super) fn find_instance(ctx: &Context<'_>, id: &str) -> Result<Arc<Record>, ApiError> {
    let instance = ctx.owned_record("event_instance", id);
    instance.ok_or_else(|| ApiError::invalid("event_instance_id", "Invalid event instance").unknown())
}

/// The attendances of an event date that are not cancelled.
pub(super) fn attendances<'w>(state: &'w State, instance: &str) -> impl Iterator<Item = &'w Arc<Record>> {
    let is_active =
        move |one: &&Arc<Record>| one.text("event_instance_uid") == instance && one.text("state") != "cancelled";
    state.store.all("event_attendance").filter(is_active)
}

/// Fields of an attendance that are copied from its event date, and their names there.
const FROM_INSTANCE: [(&str, &str); 9] = [
    ("service_id", "service_id"),
    ("event_service_uid", "service_id"),
    ("event_instance_duration", "duration"),
    ("event_instance_staff_uid", "staff_id"),
    ("event_instance_state", "state"),
    ("charge_type", "charge_type"),
    ("price", "price"),
    ("net_price", "price"),
    ("currency", "currency"),
];

/// Registers a client for an event date. Fails if the client is registered already or the date is full.
pub(super) fn register(ctx: &mut Context<'_>, instance: &Record, client: &Record) -> Result<Arc<Record>, ApiError> {
    if attendances(ctx.state, &instance.id).any(|one| one.text("client_id") == client.id) {
        return Err(ApiError::invalid("client_id", "Client is already registered"));
    }
    if is_full(ctx.state, instance) {
        return Err(ApiError::invalid("event_instance_id", "Event is full"));
    }
    let matter = matter::requested(ctx, client);
    let shown_matter = matter.as_deref().map(shown_matter);
    let matter = matter.map(|matter| matter.id.clone());
    let now = ctx.state.now_text();
    let zone = ctx.state.zone(client.text("business_uid"));
    let format_time = |time: &str, form: &str| {
        let time = time.parse::<Timestamp>().ok()?.to_zoned(zone.clone());
        Some(CompactString::from(time.strftime(form).to_string()))
    };
    let start = format_time(instance.text("start_time"), "%a, %B %-d at %-I:%M%P");
    let source = if ctx.caller.subject("client").is_some() { "initiated_by_client" } else { "initiated_by_staff" };
    let fields = Fields::new()
        .with("business_uid", client.get("business_uid").clone())
        .with("event_instance_uid", &instance.id)
        .with("event_instance_id", &instance.id)
        .with("event_title", instance.get("title").clone())
        .with("title", instance.get("title").clone())
        .with("client_id", &client.id)
        .with("client", shown_client(client))
        .with("conversation_uid", matter.clone())
        .with("conversation_id", matter)
        .with("matter", shown_matter);
    let copied = FROM_INSTANCE.iter();
    let fields = copied.fold(fields, |fields, (name, source)| fields.with(name, instance.get(source).clone()));
    let fields = fields
        .with("start_time_h", start)
        .with("created_at_h", format_time(&now, "%-I:%M %P"))
        .with("start_time", instance.get("start_time").clone())
        .with("duration", instance.get("duration").clone())
        .with("staff_id", instance.get("staff_id").clone())
        .with("state", "confirmed")
        .with("state_summary", state_summary("confirmed", "Registered"))
        .with("source", source)
        .with("type", "event")
        .with("created_at", &now)
        .with("updated_at", &now);
    let id = ctx.state.ids.uid();
    let attendance = ctx.insert("event_attendance", id, fields);
    store_attendance_count(ctx, &instance.id);
    Ok(attendance)
}

fn shown_client(client: &Record) -> Fields {
    Fields::new()
        .with("uid", &client.id)
        .with("first_name", client.get("first_name").clone())
        .with("last_name", client.get("last_name").clone())
        .with("full_name", matter::full_name(client))
        .with("email", client.get("email").clone())
}

fn shown_matter(matter: &Record) -> Fields {
    Fields::new().with("uid", &matter.id).with("display_name", matter.get("display_name").clone())
}

/// Sets the label of an attendance whose state changed, and counts the attendances of its date.
pub(super) fn update_attendance(ctx: &mut Context<'_>, attendance: &Record) {
    let label = match attendance.text("state") {
        "cancelled" => "Cancelled",
        "completed" => "Completed",
        _ => "Registered",
    };
    let mut changed = attendance.clone();
    changed.fields.set("state_summary", state_summary(attendance.text("state"), label));
    ctx.state.store.put(changed);
    store_attendance_count(ctx, attendance.text("event_instance_uid"));
}

/// Stores the number of attendances of an event date.
fn store_attendance_count(ctx: &mut Context<'_>, instance: &str) {
    let registered = attendances(ctx.state, instance).count() as i64;
    if let Some(instance) = ctx.state.store.get("event_instance", instance) {
        let mut changed = Record::clone(instance);
        changed.fields.set("attendance_count", registered);
        ctx.state.store.put(changed);
    }
}

fn is_full(state: &State, instance: &Record) -> bool {
    let maximum = instance.get("max_attendance").as_integer();
    maximum.is_some_and(|maximum| attendances(state, &instance.id).count() as i64 >= maximum)
}

fn find_full_instance(ctx: &Context<'_>, id: &str) -> Result<Arc<Record>, ApiError> {
    let instance = find_instance(ctx, id)?;
    match is_full(ctx.state, &instance) {
        true => Ok(instance),
        false => Err(ApiError::invalid("event_instance_uid", "Invalid event instance")),
    }
}

fn create_entry(ctx: &mut Context<'_>, instance: &Record, matter: &Record, initiator: &str) -> Arc<Record> {
    let entries = ctx.state.store.all("waitlist");
    let waiting =
        entries.filter(|one| one.text("event_instance_uid") == instance.id && one.text("status") == "pending");
    let spot = waiting.count() as i64 + 1;
    let fields = Fields::new()
        .with("business_uid", matter.get("business_uid").clone())
        .with("event_instance_uid", &instance.id)
        .with("entity_type", "EventInstance")
        .with("entity_id", &instance.id)
        .with("client_id", matter.get("client_uid").clone())
        .with("staff_uid", instance.get("staff_id").clone())
        .with("title", instance.get("title").clone())
        .with("matter_uid", &matter.id)
        .with("matter", shown_matter(matter))
        .with("initiator", initiator)
        .with("spot", spot)
        .with("status", "pending")
        .with("state_summary", state_summary("pending", "Pending"))
        .with("type", "waitlist")
        .with("created_at", ctx.state.now_text());
    let id = ctx.state.ids.uid();
    ctx.insert("waitlist", id, fields)
}

fn state_summary(state: &str, label: &str) -> FieldValue {
    Fields::new().with("state", state).with("state_h", label).into()
}
