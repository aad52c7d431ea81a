//! A record from a request and the documented answer.

use std::sync::Arc;

use compact_str::CompactString;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::object_schemas::ObjectSchemas;
use super::{id, show};
use crate::model::exact_number::digits_of;
use crate::model::{FieldValue, Fields, Record};
use crate::openapi::record_path::id_name;
use crate::openapi::template::parameter_names;
use crate::openapi::{Operation, RecordPath, RoleKind, Shape};
use crate::openapi::{singular, snake};
use crate::request::{ApiError, Context, ErrorKind, reformat_time, time_text};

/// `client_uid` for `client_id` and the other way round: one value has either name.
pub(super) fn id_alias(name: &str) -> Option<String> {
    let ends = [("_uid", "_id"), ("_id", "_uid"), ("Uid", "Id"), ("Id", "Uid")];
    ends.iter().find_map(|(end, other)| name.strip_suffix(end).map(|stem| format!("{stem}{other}")))
}

/// What a record says of what a parameter names, in whichever way it is written there.
pub(super) fn reference<'r>(record: &'r Record, parameter: &str) -> Option<&'r str> {
    record.get(&find_field(record, parameter)?).as_text()
}

/// A scalar as an id.
pub(super) fn scalar(value: &Value) -> Option<CompactString> {
    match value {
        Value::String(text) if !text.is_empty() => Some(digits_of(text).unwrap_or(text).into()),
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
            let record_path =
                sample.and_then(|sample| RecordPath::find(sample, &[kind, segments().next().unwrap_or_default()]));
            record_path.is_some_and(|record_path| record_path.field_path.last().is_some_and(|last| snake(last) == name))
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
fn documented<'e>(ctx: &Context<'e>, kind: &str) -> Option<&'e Value> {
    if let Some((_, sample, record_path)) = show::record_path(ctx)
        && record_path.of(sample).as_object().is_some_and(|map| !map.is_empty())
    {
        return Some(record_path.of(sample));
    }
    let shows = |role: RoleKind| matches!(role, RoleKind::Read | RoleKind::List | RoleKind::Update | RoleKind::Create);
    let mut others = ctx
        .operations
        .iter()
        .filter(|operation| operation.role.resource.as_deref() == Some(kind) && shows(operation.role.kind));
    others.find_map(|operation| sample_record(operation, kind))
}

fn sample_record<'o>(operation: &'o Operation, kind: &str) -> Option<&'o Value> {
    let sample = operation.success_response()?.first()?.sample()?;
    let last = operation.path.rsplit('/').find(|part| !part.is_empty() && !part.starts_with('{'));
    let record_path = RecordPath::find(sample, &[kind, last.unwrap_or_default()])?;
    Some(record_path.of(sample)).filter(|record| record.as_object().is_some_and(|map| !map.is_empty()))
}

/// A record as the contract documents it, under that id.
pub(super) fn of_sample(ctx: &Context<'_>, kind: &str, id: CompactString) -> Record {
    let fields = documented(ctx, kind).map_or_else(Fields::new, fields_from);
    let mut record = Record { kind: kind.into(), id, fields };
    set_owner(ctx, &mut record);
    record
}

fn fields_from(sample: &Value) -> Fields {
    let named = sample.as_object().into_iter().flatten();
    named.map(|(name, value)| (CompactString::from(name), FieldValue::from(value))).collect()
}

/// A new record: what the body says, on top of what is documented, with an id, times and owners of its own.
pub(super) fn create(ctx: &mut Context<'_>, kind: &str, body: &Value) -> Result<Arc<Record>, ApiError> {
    let sent = fields_of(ctx.operation, body, kind);
    let sample = documented(ctx, kind);
    let parameter = ctx
        .operations
        .iter()
        .find(|operation| operation.role.resource.as_deref() == Some(kind) && operation.role.kind == RoleKind::Read);
    let parameter = parameter.and_then(|operation| parameter_names(&operation.path).next_back());
    let id_name = sample.and_then(|sample| id_name(sample, parameter.unwrap_or_default(), kind));
    // A contract that lets a client choose the id says so in the body's schema.
    let chosen = id_name.and_then(|name| {
        let body = ctx.operation.body.as_ref()?;
        body.schema.part(&[name]).or_else(|| body.schema.part(&[kind, name]))?;
        sent.get(name).and_then(scalar)
    });
    let known = chosen.as_ref().and_then(|id| ctx.state.store.get(kind, id)).cloned();
    if let (Some(known), Some(name)) = (&known, id_name) {
        // A record that goes by the id of something else, such as the settings of a business, is there once for each.
        if !matches!(snake(name).as_str(), "id" | "uid" | "uuid" | "sid") {
            return Ok(update(ctx, known, body));
        }
    }
    if let Some(id) = &chosen
        && known.is_some()
    {
        let message = format!("{} {id} already exists", super::words(kind));
        return Err(ApiError::new(ErrorKind::Conflict, message).field(id_name.unwrap_or("id")));
    }
    let documented_id = id_name.and_then(|name| sample?.get(name));
    let form = id_name.and_then(|name| id::form(ctx, name));
    let id = chosen.unwrap_or_else(|| id::new(ctx.state, kind, documented_id, form.as_ref()));
    let mut record = match ctx.resources.get(kind).filter(|resource| !resource.fields.is_empty()) {
        Some(resource) => {
            let given = sent.iter().map(|(name, value)| {
                let value = resource.field(name).map_or_else(|| value.into(), |field| field.kind.keep(value));
                (CompactString::from(name), value)
            });
            resource.record(id, given)
        }
        None => Record { kind: kind.into(), id, fields: sample.map_or_else(Fields::new, fields_from) },
    };
    apply_defaults(ctx, &mut record, sent);
    apply_body(&mut record, sent, id_name);
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
    let now = ctx.state.now();
    // The answer may say less than others do: a new message says only where it is, a list of them when it was sent.
    let others = ctx.operations.iter().filter(|other| other.role.resource.as_deref() == Some(kind));
    let shown = sample.into_iter().chain(others.filter_map(|other| sample_record(other, kind)));
    for (name, value) in shown.filter_map(Value::as_object).flatten() {
        let is_known = || sample.is_none_or(|sample| sample.get(name).is_none()) && !record.get(name).is_null();
        if is_timestamp(name) && !sent.contains_key(name) && !is_known() {
            record.fields.set(name, format_timestamp(now, value));
        }
    }
    set_owner(ctx, &mut record);
    Ok(ctx.state.store.put(record))
}

/// The record with what the body says.
pub(super) fn update(ctx: &mut Context<'_>, record: &Record, body: &Value) -> Arc<Record> {
    let sent = fields_of(ctx.operation, body, &record.kind);
    let id_name = documented(ctx, &record.kind).and_then(|sample| id_name(sample, show::parameter(ctx), &record.kind));
    let mut changed = record.clone();
    apply_body(&mut changed, sent, id_name);
    for (name, key) in ctx.resources.get(&record.kind).into_iter().flat_map(|resource| &resource.merges) {
        if sent.contains_key(name) {
            changed.fields.set(name, merged(record.get(name), changed.get(name), key));
        }
    }
    update_timestamps(ctx, &mut changed, sent);
    ctx.state.store.put(changed)
}

/// Forgets a record, and what it owns with it.
pub(super) fn remove(ctx: &mut Context<'_>, kind: &str, id: &str) {
    ctx.state.store.remove(kind, id);
    let resources = ctx.resources;
    for (kind, field) in resources.get(kind).into_iter().flat_map(|resource| &resource.owns) {
        let owned = ctx.state.store.all(kind).filter(|record| record.text(field) == id);
        for id in owned.map(|record| record.id.clone()).collect::<Vec<_>>() {
            remove(ctx, kind, &id);
        }
    }
}

/// The record with what the body says under names that it has: what else is sent to an action is about the action.
pub(super) fn update_known(ctx: &mut Context<'_>, record: &Record, body: &Value) -> Arc<Record> {
    let sent = fields_of(ctx.operation, body, &record.kind);
    let known = sent.iter().filter(|(name, _)| record.fields.get(name).is_some());
    let known: Map<String, Value> = known.map(|(name, value)| (name.clone(), value.clone())).collect();
    update(ctx, record, &Value::Object(known))
}

/// A list with the elements of another, which replace those with the same key.
fn merged(before: &FieldValue, said: &FieldValue, key: &str) -> Vec<FieldValue> {
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
fn apply_defaults(ctx: &Context<'_>, record: &mut Record, sent: &Map<String, Value>) {
    if record.fields.get("deleted_at").is_some() {
        record.fields.set("deleted_at", FieldValue::Null);
    }
    let Some(body) = &ctx.operation.body else { return };
    let whole = ObjectSchemas::at(&body.schema, []);
    let is_wrapped = whole.part(&record.kind).is_some();
    let said = if is_wrapped { ObjectSchemas::at(&body.schema, [record.kind.as_str()]) } else { whole };
    let business = ctx.caller.business.as_deref().and_then(|id| ctx.state.store.get("business", id));
    let currency = business.map_or(FieldValue::Null, |business| business.get("currency").clone());
    // What is described has defaults of its own.
    let resource = ctx.resources.get(&record.kind);
    let is_described = |name: &str| resource.is_some_and(|resource| resource.field(name).is_some());
    for name in said.names().filter(|name| !matches!(*name, "status" | "state") && !is_described(name)) {
        let known = find_field(record, name);
        if known.as_deref().is_some_and(is_described) {
            continue;
        }
        if !sent.contains_key(name) && !id_alias(name).is_some_and(|id_alias| sent.contains_key(&id_alias)) {
            let nothing = if name == "currency" { currency.clone() } else { FieldValue::Null };
            let default = said.part(name).and_then(|part| part.get("default")).map_or(nothing, FieldValue::from);
            record.fields.set(known.as_deref().unwrap_or(name), default);
        }
    }
    let caller = ctx.caller;
    for (names, own) in [
        (["staff_uid", "staff_id"], &caller.staff),
        (["client_uid", "client_id"], &caller.client),
        (["directory_uid", "directory_id"], &caller.directory),
    ] {
        for name in names {
            // Whoever makes something and says of nobody that it is theirs makes it for themselves.
            if let (Some(own), Some(FieldValue::Null)) = (own, record.fields.get(name)) {
                record.fields.set(name, own);
            }
        }
    }
}

/// Whether a record is called so and goes by something else: an app has a name, and is found by its code name.
pub(super) fn is_display_name(record: &Record, name: &str) -> bool {
    let may_be_both = matches!(name, "name" | "key" | "code" | "slug" | "number");
    may_be_both && record.fields.get(name).and_then(FieldValue::as_text).is_some_and(|known| record.id != known)
}

fn apply_body(record: &mut Record, sent: &Map<String, Value>, id_name: Option<&str>) {
    let id_name = id_name.filter(|name| !is_display_name(record, name));
    for (name, value) in sent.iter().filter(|(name, _)| Some(name.as_str()) != id_name) {
        match find_field(record, name) {
            Some(known) => record.fields.set(&known, value),
            None => record.fields.set(name, value),
        }
    }
}

/// The name under which a record has what is called so in another way of writing: `To` is `to`, `AccountSid` is
/// `account_sid`, `client_uid` is `client_id`.
fn find_field(record: &Record, name: &str) -> Option<String> {
    if record.fields.get(name).is_some() {
        return Some(name.to_owned());
    }
    let wanted = snake(name);
    let other = id_alias(&wanted);
    let mut names = record.fields.iter().map(|(known, _)| known);
    names.find(|known| snake(known) == wanted || Some(snake(known)) == other).map(str::to_owned)
}

fn update_timestamps(ctx: &Context<'_>, record: &mut Record, sent: &Map<String, Value>) {
    let names: Vec<String> = record.fields.iter().map(|(name, _)| name.to_owned()).collect();
    for name in names.into_iter().filter(|name| !sent.contains_key(name)) {
        if matches!(
            snake(&name).as_str(),
            "updated_at" | "modified_at" | "last_updated_at" | "updated" | "date_updated"
        ) {
            let before = serde_json::to_value(record.get(&name)).unwrap_or_default();
            record.fields.set(&name, format_timestamp(ctx.state.now(), &before));
        }
    }
}

/// Says in the record whose it is: the business of the caller, and what the path names.
fn set_owner(ctx: &Context<'_>, record: &mut Record) {
    for parent in &ctx.operation.role.parents {
        if let Some(value) = ctx.path.get(parent.index) {
            let known = find_field(record, &parent.name);
            record.fields.set(known.as_deref().unwrap_or(&parent.name), value);
        }
    }
    let owner = ctx.resources.get(&record.kind).and_then(|resource| resource.owner());
    if let Some(business) = &ctx.caller.business {
        for name in ["business_uid", "business_id"] {
            if record.fields.get(name).is_some() || owner == Some(name) {
                record.fields.set(name, business);
            }
        }
    }
}

fn is_timestamp(name: &str) -> bool {
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
fn format_timestamp(now: Timestamp, documented: &Value) -> FieldValue {
    match documented {
        Value::Number(number) if number.as_f64().is_some_and(|number| number > 1e11) => now.as_millisecond().into(),
        Value::Number(_) => now.as_second().into(),
        documented => {
            let text = time_text(now);
            let shape = Shape::of(documented);
            reformat_time(&text, &shape, &jiff::tz::TimeZone::UTC).map_or(FieldValue::Text(text), FieldValue::from)
        }
    }
}
