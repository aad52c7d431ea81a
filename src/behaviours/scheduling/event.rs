//! Dates of events, who is registered for them, and who waits for a place.
//!
//! Facts: rows `sm-event-waitlist`, `val-waitlist-invalid-event` and `env-event-attendance-ids` of the catalogue of other
//! domains. Somebody can wait only where all places are taken.

use std::sync::Arc;

use compact_str::CompactString;
use serde_json::Value;

use crate::behaviours::clients::matter;
use crate::exchange::{Exchange, Payload, Refusal, View, World};
use crate::store::{Datum, Fields, Record};

/// `POST /v2/event_instances/{event_instance_id}/event_attendances`.
pub fn attend(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    exchange.business()?;
    let instance = exchange.own("event_instance", &exchange.path[0]);
    let instance = instance.ok_or_else(|| Refusal::not_found("Event instance").unknown())?;
    let client = exchange.own("client", exchange.sent_text("client_id").unwrap_or_default());
    let client = client.ok_or_else(|| Refusal::invalid("client_id", "Invalid client").unknown())?;
    let attendance = register(exchange, &instance, &client)?;
    Ok(Payload::empty().and("id", &attendance.id).and("uid", &attendance.id).and_fields(&attendance))
}

/// `POST /platform/v1/scheduling/waitlist`: a client waits for a place.
pub fn wait(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    exchange.business()?;
    let instance = full_instance(exchange, exchange.sent_text("event_instance_id").unwrap_or_default())?;
    let client = exchange.sent_text("client_id").map(CompactString::from).or_else(|| exchange.caller.client.clone());
    let client = client.and_then(|client| exchange.own("client", &client));
    let client = client.ok_or_else(|| Refusal::invalid("client_id", "Invalid client").unknown())?;
    let matter = match exchange.sent_text("matter_uid") {
        Some(matter) => exchange.own("matter", matter),
        None => matter::of_client(exchange.world, &client.id).next().cloned(),
    };
    let matter = matter.ok_or_else(|| Refusal::invalid("matter_uid", "Invalid matter").unknown())?;
    let entry = entry(exchange, &instance, &matter, "client");
    Ok(Payload::one("waitlist", View::of(&entry)))
}

/// `POST /business/scheduling/v1/waitlist/bulk_create`: staff let clients wait, by their matters.
pub fn wait_many(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    exchange.business()?;
    let instance = full_instance(exchange, exchange.sent_text("event_instance_uid").unwrap_or_default())?;
    let matters: Vec<&str> = match exchange.sent(&["matter_uids"]) {
        Value::String(matter) => vec![matter],
        Value::Array(matters) => matters.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let known = |matter: &&str| {
        exchange.own("matter", matter).ok_or_else(|| Refusal::invalid("matter_uids", "Invalid matter").unknown())
    };
    let matters = matters.iter().map(known).collect::<Result<Vec<_>, _>>()?;
    let entries: Vec<_> = matters.iter().map(|matter| entry(exchange, &instance, matter, "business")).collect();
    Ok(Payload::many("waitlists", entries.iter().map(View::of).collect()))
}

/// `PUT …/waitlist/cancel`: by the entry's uid, or by event and matter.
pub fn leave(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    exchange.business()?;
    let (uid, instance) = (exchange.sent_text("waitlist_uid"), exchange.sent_text("event_instance_uid"));
    let matter = exchange.sent_text("matter_uid");
    let waits = |entry: &&Arc<Record>| {
        exchange.is_own(entry)
            && entry.text("status") == "pending"
            && match uid {
                Some(uid) => entry.id == uid,
                None => Some(entry.text("event_instance_uid")) == instance && Some(entry.text("matter_uid")) == matter,
            }
    };
    let entry = exchange.world.store.all("waitlist").find(waits).cloned();
    let entry = entry.ok_or_else(|| Refusal::invalid("event_instance_uid", "Invalid event instance").unknown())?;
    let mut changed = Record::clone(&entry);
    changed.fields.set("status", "cancelled");
    changed.fields.set("state_summary", state("cancelled", "Cancelled"));
    let entry = exchange.world.store.put(changed);
    Ok(Payload::one("waitlist", View::of(&entry)))
}

/// A date of an event of the caller's business.
pub(super) fn instance(exchange: &Exchange<'_>, id: &str) -> Result<Arc<Record>, Refusal> {
    let instance = exchange.own("event_instance", id);
    instance.ok_or_else(|| Refusal::invalid("event_instance_id", "Invalid event instance").unknown())
}

/// Who is registered for a date, and has not cancelled.
pub(super) fn attendances<'w>(world: &'w World, instance: &str) -> impl Iterator<Item = &'w Arc<Record>> {
    let there =
        move |one: &&Arc<Record>| one.text("event_instance_uid") == instance && one.text("state") != "cancelled";
    world.store.all("event_attendance").filter(there)
}

/// Registers a client, once, as long as there is a place.
pub(super) fn register(
    exchange: &mut Exchange<'_>,
    instance: &Record,
    client: &Record,
) -> Result<Arc<Record>, Refusal> {
    if attendances(exchange.world, &instance.id).any(|one| one.text("client_id") == client.id) {
        return Err(Refusal::invalid("client_id", "Client is already registered"));
    }
    if is_full(exchange.world, instance) {
        return Err(Refusal::invalid("event_instance_id", "Event is full"));
    }
    let matter = matter::of_client(exchange.world, &client.id).next();
    let (matter, name) = (matter.map(|matter| matter.id.clone()), matter::full_name(client));
    let now = exchange.world.now_text();
    let shown = Fields::new()
        .with("uid", &client.id)
        .with("first_name", client.get("first_name").clone())
        .with("last_name", client.get("last_name").clone())
        .with("full_name", name)
        .with("email", client.get("email").clone());
    let fields = Fields::new()
        .with("business_uid", client.get("business_uid").clone())
        .with("event_instance_uid", &instance.id)
        .with("event_instance_id", &instance.id)
        .with("event_title", instance.get("title").clone())
        .with("title", instance.get("title").clone())
        .with("client_id", &client.id)
        .with("client", shown)
        .with("conversation_uid", matter)
        .with("start_time", instance.get("start_time").clone())
        .with("duration", instance.get("duration").clone())
        .with("staff_id", exchange.caller.staff.clone())
        .with("state", "confirmed")
        .with("state_summary", state("confirmed", "Registered"))
        .with("source", "initiated_by_staff")
        .with("type", "event")
        .with("created_at", &now)
        .with("updated_at", &now);
    let id = exchange.world.ids.uid();
    Ok(exchange.keep("event_attendance", id, fields))
}

fn is_full(world: &World, instance: &Record) -> bool {
    let places = instance.get("max_attendance").as_integer();
    places.is_some_and(|places| attendances(world, &instance.id).count() as i64 >= places)
}

fn full_instance(exchange: &Exchange<'_>, id: &str) -> Result<Arc<Record>, Refusal> {
    let instance = instance(exchange, id)?;
    match is_full(exchange.world, &instance) {
        true => Ok(instance),
        false => Err(Refusal::invalid("event_instance_uid", "Invalid event instance")),
    }
}

fn entry(exchange: &mut Exchange<'_>, instance: &Record, matter: &Record, initiator: &str) -> Arc<Record> {
    let waiting = exchange.world.store.all("waitlist");
    let waiting =
        waiting.filter(|one| one.text("event_instance_uid") == instance.id && one.text("status") == "pending");
    let spot = waiting.count() as i64 + 1;
    let shown = Fields::new().with("uid", &matter.id).with("display_name", matter.get("display_name").clone());
    let fields = Fields::new()
        .with("business_uid", matter.get("business_uid").clone())
        .with("event_instance_uid", &instance.id)
        .with("entity_type", "EventInstance")
        .with("title", instance.get("title").clone())
        .with("matter_uid", &matter.id)
        .with("matter", shown)
        .with("initiator", initiator)
        .with("spot", spot)
        .with("status", "pending")
        .with("state_summary", state("pending", "Pending"))
        .with("type", "waitlist")
        .with("created_at", exchange.world.now_text());
    let id = exchange.world.ids.uid();
    exchange.keep("waitlist", id, fields)
}

fn state(state: &str, words: &str) -> Datum {
    Fields::new().with("state", state).with("state_h", words).into()
}
