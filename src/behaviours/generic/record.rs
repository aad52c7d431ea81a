//! A record from a request and the documented answer.

use std::sync::Arc;

use compact_str::CompactString;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::holders::Holders;
use super::{id, show};
use crate::contract::entity::id_name;
use crate::contract::generate::snake;
use crate::contract::role::singular;
use crate::contract::{Entity, Operation, RoleKind, Shape};
use crate::exchange::{Exchange, Refusal, RefusalKind, respelled, time_text};
use crate::store::{Datum, Fields, Record};

/// `client_uid` for `client_id` and the other way round: one value has either name.
pub(super) fn twin(name: &str) -> Option<String> {
    let ends = [("_uid", "_id"), ("_id", "_uid"), ("Uid", "Id"), ("Id", "Uid")];
    ends.iter().find_map(|(end, other)| name.strip_suffix(end).map(|stem| format!("{stem}{other}")))
}

/// What a record says of what a parameter names, in whichever way it is written there.
pub(super) fn reference<'r>(record: &'r Record, parameter: &str) -> Option<&'r str> {
    record.get(&known_as(record, parameter)?).as_text()
}

/// A scalar as an id.
pub(super) fn scalar(value: &Value) -> Option<CompactString> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.into()),
        Value::Number(number) => Some(number.to_string().into()),
        _ => None,
    }
}

/// The fields that a body says, without an envelope of the record's name, or of the name that its path or its answer has for
/// it: a matter is a `conversation` under `/v2/conversations`.
pub(super) fn fields_of<'b>(operation: &Operation, body: &'b Value, kind: &str) -> &'b Map<String, Value> {
    static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    let Some(map) = body.as_object() else { return &NOTHING };
    let segments = || operation.path.rsplit('/').filter(|part| !part.is_empty() && !part.starts_with('{'));
    let is_envelope = |name: &str| {
        let name = snake(name);
        let is_of_path = || segments().next().is_some_and(|last| singular(last) == name);
        let is_of_answer = || {
            let sample = operation.success_response().and_then(|response| response.sample());
            let entity = sample.and_then(|sample| Entity::find(sample, &[kind, segments().next().unwrap_or_default()]));
            entity.is_some_and(|entity| entity.way.last().is_some_and(|last| snake(last) == name))
        };
        name == kind || map.len() == 1 && (name == "data" || is_of_path() || is_of_answer())
    };
    let wrapped = map.iter().find(|(name, value)| value.is_object() && is_envelope(name));
    match wrapped.and_then(|(_, inner)| inner.as_object()) {
        Some(inner) => inner,
        None => map,
    }
}

/// The id of its record that a body says.
pub(super) fn body_id(operation: &Operation, body: &Value, kind: &str) -> Option<CompactString> {
    let fields = fields_of(operation, body, kind);
    let names = ["uid".to_owned(), "id".to_owned(), format!("{kind}_uid"), format!("{kind}_id")];
    names.iter().find_map(|name| fields.get(name).and_then(scalar))
}

/// What documents such records best: this operation's answer, else that of another operation on the resource.
fn documented<'e>(exchange: &Exchange<'e>, kind: &str) -> Option<&'e Value> {
    if let Some((_, sample, entity)) = show::entity(exchange)
        && entity.of(sample).as_object().is_some_and(|map| !map.is_empty())
    {
        return Some(entity.of(sample));
    }
    let shows = |role: RoleKind| matches!(role, RoleKind::Read | RoleKind::List | RoleKind::Update | RoleKind::Create);
    let mut others = exchange
        .operations
        .iter()
        .filter(|operation| operation.role.resource.as_deref() == Some(kind) && shows(operation.role.kind));
    others.find_map(|operation| sample_record(operation, kind))
}

fn sample_record<'o>(operation: &'o Operation, kind: &str) -> Option<&'o Value> {
    let sample = operation.success_response()?.first()?.sample()?;
    let last = operation.path.rsplit('/').find(|part| !part.is_empty() && !part.starts_with('{'));
    let entity = Entity::find(sample, &[kind, last.unwrap_or_default()])?;
    Some(entity.of(sample)).filter(|record| record.as_object().is_some_and(|map| !map.is_empty()))
}

/// A record as the contract documents it, under that id.
pub(super) fn of_sample(exchange: &Exchange<'_>, kind: &str, id: CompactString) -> Record {
    let fields = documented(exchange, kind).map_or_else(Fields::new, fields_from);
    let mut record = Record { kind: kind.into(), id, fields };
    belong(exchange, &mut record);
    record
}

fn fields_from(sample: &Value) -> Fields {
    let named = sample.as_object().into_iter().flatten();
    named.map(|(name, value)| (CompactString::from(name), Datum::from(value))).collect()
}

/// A new record: what the body says, on top of what is documented, with an id, times and owners of its own.
pub(super) fn create(exchange: &mut Exchange<'_>, kind: &str, body: &Value) -> Result<Arc<Record>, Refusal> {
    let sent = fields_of(exchange.operation, body, kind);
    let sample = documented(exchange, kind);
    let parameter = exchange
        .operations
        .iter()
        .find(|operation| operation.role.resource.as_deref() == Some(kind) && operation.role.kind == RoleKind::Read);
    let parameter =
        parameter.and_then(|operation| operation.path.rsplit('/').find_map(crate::contract::operation::parameter_name));
    let id_name = sample.and_then(|sample| id_name(sample, parameter.unwrap_or_default(), kind));
    // A contract that lets a client choose the id says so in the body's schema.
    let chosen = id_name.and_then(|name| {
        let body = exchange.operation.body.as_ref()?;
        body.schema.part(&[name]).or_else(|| body.schema.part(&[kind, name]))?;
        sent.get(name).and_then(scalar)
    });
    let known = chosen.as_ref().and_then(|id| exchange.world.store.get(kind, id)).cloned();
    if let (Some(known), Some(name)) = (&known, id_name) {
        // A record that goes by the id of something else, such as the settings of a business, is there once for each.
        if !matches!(snake(name).as_str(), "id" | "uid" | "uuid" | "sid") {
            return Ok(update(exchange, known, body));
        }
    }
    if let Some(id) = &chosen
        && known.is_some()
    {
        let message = format!("{} {id} already exists", super::words(kind));
        return Err(Refusal::new(RefusalKind::Conflict, message).field(id_name.unwrap_or("id")));
    }
    let documented_id = id_name.and_then(|name| sample?.get(name));
    let form = id_name.and_then(|name| id::form(exchange, name));
    let id = chosen.unwrap_or_else(|| id::new(exchange.world, kind, documented_id, form.as_ref()));
    let mut record = match exchange.resources.get(kind).filter(|resource| !resource.fields.is_empty()) {
        Some(resource) => {
            let given = sent.iter().map(|(name, value)| {
                let value = resource.field(name).map_or_else(|| value.into(), |field| field.kind.keep(value));
                (CompactString::from(name), value)
            });
            resource.record(id, given)
        }
        None => Record { kind: kind.into(), id, fields: sample.map_or_else(Fields::new, fields_from) },
    };
    leave_unsaid(exchange, &mut record, sent);
    say(&mut record, sent, id_name);
    // One value, sometimes under two names.
    let same: Vec<&String> = sample
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(_, value)| documented_id == Some(value))
        .map(|(name, _)| name)
        .collect();
    for name in same.into_iter().filter(|name| Some(name.as_str()) == id_name || matches!(name.as_str(), "id" | "uid"))
    {
        let id = record.id.clone();
        record.fields.set(name, id);
    }
    let now = exchange.world.now();
    // The answer may say less than others do: a new message says only where it is, a list of them when it was sent.
    let others = exchange.operations.iter().filter(|other| other.role.resource.as_deref() == Some(kind));
    let shown = sample.into_iter().chain(others.filter_map(|other| sample_record(other, kind)));
    for (name, value) in shown.filter_map(Value::as_object).flatten() {
        let is_known = || sample.is_none_or(|sample| sample.get(name).is_none()) && !record.get(name).is_null();
        if is_stamp(name) && !sent.contains_key(name) && !is_known() {
            record.fields.set(name, stamp(now, value));
        }
    }
    belong(exchange, &mut record);
    Ok(exchange.world.store.put(record))
}

/// The record with what the body says.
pub(super) fn update(exchange: &mut Exchange<'_>, record: &Record, body: &Value) -> Arc<Record> {
    let sent = fields_of(exchange.operation, body, &record.kind);
    let id_name =
        documented(exchange, &record.kind).and_then(|sample| id_name(sample, show::parameter(exchange), &record.kind));
    let mut changed = record.clone();
    say(&mut changed, sent, id_name);
    for (name, key) in exchange.resources.get(&record.kind).into_iter().flat_map(|resource| &resource.merges) {
        if sent.contains_key(name) {
            changed.fields.set(name, merged(record.get(name), changed.get(name), key));
        }
    }
    touch(exchange, &mut changed, sent);
    exchange.world.store.put(changed)
}

/// Forgets a record, and what it owns with it.
pub(super) fn remove(exchange: &mut Exchange<'_>, kind: &str, id: &str) {
    exchange.world.store.remove(kind, id);
    let resources = exchange.resources;
    for (kind, field) in resources.get(kind).into_iter().flat_map(|resource| &resource.owns) {
        let owned = exchange.world.store.all(kind).filter(|record| record.text(field) == id);
        for id in owned.map(|record| record.id.clone()).collect::<Vec<_>>() {
            remove(exchange, kind, &id);
        }
    }
}

/// The record with what the body says under names that it has: what else is sent to an action is about the action.
pub(super) fn update_known(exchange: &mut Exchange<'_>, record: &Record, body: &Value) -> Arc<Record> {
    let sent = fields_of(exchange.operation, body, &record.kind);
    let known = sent.iter().filter(|(name, _)| record.fields.get(name).is_some());
    let known: Map<String, Value> = known.map(|(name, value)| (name.clone(), value.clone())).collect();
    update(exchange, record, &Value::Object(known))
}

/// A list with the elements of another, which replace those with the same key.
fn merged(before: &Datum, said: &Datum, key: &str) -> Vec<Datum> {
    let mut merged = before.as_list().to_vec();
    for element in said.as_list() {
        match merged.iter_mut().find(|known| known.get(key) == element.get(key)) {
            Some(known) => *known = element.clone(),
            None => merged.push(element.clone()),
        }
    }
    merged
}

/// What could have been said of a new record and was not is what the body's schema has for that, else nothing: the
/// documented value belongs to the documented record. It is in the state in which a new one is shown, costs money of its
/// business, and is not deleted yet.
fn leave_unsaid(exchange: &Exchange<'_>, record: &mut Record, sent: &Map<String, Value>) {
    if record.fields.get("deleted_at").is_some() {
        record.fields.set("deleted_at", Datum::Null);
    }
    let Some(body) = &exchange.operation.body else { return };
    let whole = Holders::at(&body.schema, []);
    let is_wrapped = whole.part(&record.kind).is_some();
    let said = if is_wrapped { Holders::at(&body.schema, [record.kind.as_str()]) } else { whole };
    let business = exchange.caller.business.as_deref().and_then(|id| exchange.world.store.get("business", id));
    let currency = business.map_or(Datum::Null, |business| business.get("currency").clone());
    // What is described has defaults of its own.
    let resource = exchange.resources.get(&record.kind);
    let is_described = |name: &str| resource.is_some_and(|resource| resource.field(name).is_some());
    for name in said.names().filter(|name| !matches!(*name, "status" | "state") && !is_described(name)) {
        let known = known_as(record, name);
        if known.as_deref().is_some_and(is_described) {
            continue;
        }
        if !sent.contains_key(name) && !twin(name).is_some_and(|twin| sent.contains_key(&twin)) {
            let nothing = if name == "currency" { currency.clone() } else { Datum::Null };
            let default = said.part(name).and_then(|part| part.get("default")).map_or(nothing, Datum::from);
            record.fields.set(known.as_deref().unwrap_or(name), default);
        }
    }
    let caller = exchange.caller;
    for (names, own) in [
        (["staff_uid", "staff_id"], &caller.staff),
        (["client_uid", "client_id"], &caller.client),
        (["directory_uid", "directory_id"], &caller.directory),
    ] {
        for name in names {
            // Whoever makes something and says of nobody that it is theirs makes it for themselves.
            if let (Some(own), Some(Datum::Null)) = (own, record.fields.get(name)) {
                record.fields.set(name, own);
            }
        }
    }
}

/// Whether a record is called so and goes by something else: an app has a name, and is found by its code name.
pub(super) fn is_only_called(record: &Record, name: &str) -> bool {
    let may_be_both = matches!(name, "name" | "key" | "code" | "slug" | "number");
    may_be_both && record.fields.get(name).and_then(Datum::as_text).is_some_and(|known| record.id != known)
}

fn say(record: &mut Record, sent: &Map<String, Value>, id_name: Option<&str>) {
    let id_name = id_name.filter(|name| !is_only_called(record, name));
    for (name, value) in sent.iter().filter(|(name, _)| Some(name.as_str()) != id_name) {
        match known_as(record, name) {
            Some(known) => record.fields.set(&known, value),
            None => record.fields.set(name, value),
        }
    }
}

/// The name under which a record has what is called so in another way of writing: `To` is `to`, `AccountSid` is
/// `account_sid`, `client_uid` is `client_id`.
fn known_as(record: &Record, name: &str) -> Option<String> {
    if record.fields.get(name).is_some() {
        return Some(name.to_owned());
    }
    let wanted = snake(name);
    let other = twin(&wanted);
    let mut names = record.fields.iter().map(|(known, _)| known);
    names.find(|known| snake(known) == wanted || Some(snake(known)) == other).map(str::to_owned)
}

fn touch(exchange: &Exchange<'_>, record: &mut Record, sent: &Map<String, Value>) {
    let names: Vec<String> = record.fields.iter().map(|(name, _)| name.to_owned()).collect();
    for name in names.into_iter().filter(|name| !sent.contains_key(name)) {
        if matches!(
            snake(&name).as_str(),
            "updated_at" | "modified_at" | "last_updated_at" | "updated" | "date_updated"
        ) {
            let before = serde_json::to_value(record.get(&name)).unwrap_or_default();
            record.fields.set(&name, stamp(exchange.world.now(), &before));
        }
    }
}

/// Says in the record whose it is: the business of the caller, and what the path names.
fn belong(exchange: &Exchange<'_>, record: &mut Record) {
    for parent in &exchange.operation.role.parents {
        if let Some(value) = exchange.path.get(parent.place) {
            let known = known_as(record, &parent.name);
            record.fields.set(known.as_deref().unwrap_or(&parent.name), value);
        }
    }
    let owner = exchange.resources.get(&record.kind).and_then(|resource| resource.owner());
    if let Some(business) = &exchange.caller.business {
        for name in ["business_uid", "business_id"] {
            if record.fields.get(name).is_some() || owner == Some(name) {
                record.fields.set(name, business);
            }
        }
    }
}

fn is_stamp(name: &str) -> bool {
    let name = snake(name);
    let known = [
        "created_at",
        "updated_at",
        "created",
        "updated",
        "modified_at",
        "date_created",
        "date_updated",
        "created_on",
        "updated_on",
    ];
    known.contains(&name.as_str())
}

/// A moment in the form of a documented one: text with or without milliseconds, seconds or milliseconds since 1970.
fn stamp(now: Timestamp, documented: &Value) -> Datum {
    match documented {
        Value::Number(number) if number.as_f64().is_some_and(|number| number > 1e11) => now.as_millisecond().into(),
        Value::Number(_) => now.as_second().into(),
        documented => {
            let text = time_text(now);
            let shape = Shape::of(documented);
            respelled(&text, &shape, &jiff::tz::TimeZone::UTC).map_or(Datum::Text(text), Datum::from)
        }
    }
}
