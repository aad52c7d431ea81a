//! Writes the key `snapshot`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::VERSION;
use super::layout::{Part, filled};
use super::records::object;
use crate::faults::FaultUsage;
use crate::model::{FieldValue, Fields, Record, Store};
use crate::pipeline::Engine;
use crate::request::{Clock, Response, State};

/// What records of a scenario cannot say.
#[derive(Default)]
pub(super) struct OtherRecords {
    /// Records with the number of records of their kind before them, one a line.
    pub(super) records: Vec<String>,
    /// Fields of records that are in the scenario, a record a line.
    pub(super) fields: Vec<String>,
    /// By kind the ids of the records that do not have their id as a field.
    pub(super) hidden_ids: Vec<(String, Vec<FieldValue>)>,
}

/// The value of `snapshot`, at a time by the clock of requests.
pub(super) fn write(engine: &Engine, state: &State, at: Timestamp, others: OtherRecords) -> Part {
    let keys = state.idempotency.iter().map(|(key, body, response)| line(&known_response(engine, key, body, response)));
    let hidden = others.hidden_ids.into_iter().map(|(kind, ids)| (kind, written(&FieldValue::from(ids))));
    let position = u64::try_from(state.ids.position()).unwrap_or(u64::MAX);
    Part::Map(filled(vec![
        ("version".to_owned(), Part::Line(VERSION.to_string())),
        ("clock".to_owned(), Part::Line(line(&clock(&state.clock(), at)))),
        ("random".to_owned(), Part::Line(position.to_string())),
        ("faults".to_owned(), faults(state)),
        ("idempotency".to_owned(), Part::Lines(keys.collect())),
        ("records".to_owned(), Part::Lines(others.records)),
        ("fields".to_owned(), Part::Lines(others.fields)),
        ("deleted".to_owned(), Part::Lines(deleted(&state.store))),
        ("hidden_ids".to_owned(), Part::Map(hidden.collect())),
        ("numbers".to_owned(), Part::Map(numbers(&state.store))),
    ]))
}

/// A record with all its fields, and the number of records of its kind before it.
pub(super) fn other_record(place: usize, record: &Record) -> String {
    let place = FieldValue::Integer(i64::try_from(place).unwrap_or(i64::MAX));
    let (kind, id) = (FieldValue::from(&record.kind), FieldValue::from(&record.id));
    let fields = FieldValue::from(record.fields.clone());
    object([("kind", &kind), ("place", &place), ("id", &id), ("fields", &fields)].into_iter())
}

/// Further fields of a record.
pub(super) fn other_fields(record: &Record, more: &[(&str, &FieldValue)]) -> String {
    let (kind, id) = (FieldValue::from(&record.kind), FieldValue::from(&record.id));
    let fields = more.iter().map(|(name, value)| ((*name).into(), (*value).clone()));
    let fields = FieldValue::from(fields.collect::<Fields>());
    object([("kind", &kind), ("id", &id), ("fields", &fields)].into_iter())
}

fn written(value: &FieldValue) -> Part {
    let mut out = String::new();
    value.write_exact(&mut out);
    Part::Line(out)
}

/// A value in one line.
pub(super) fn line(value: &Value) -> String {
    let mut out = String::new();
    FieldValue::from(value).write_exact(&mut out);
    out
}

fn clock(clock: &Clock, at: Timestamp) -> Value {
    let is_set = matches!(clock, Clock::Set { .. });
    json!({"now": clock.time_at(at).to_string(), "frozen": clock.is_frozen(), "speed": clock.speed(), "set": is_set})
}

fn faults(state: &State) -> Part {
    let (last_number, random) = state.faults.progress();
    let random = random.map(|random| u64::try_from(random.get_word_pos()).unwrap_or(u64::MAX));
    let used = state.faults.usages().filter(|(_, usage)| **usage != FaultUsage::default());
    let usage: Map<String, Value> = used.map(|(id, usage)| (id.to_string(), usage_json(usage))).collect();
    if last_number == 0 && random.is_none() && usage.is_empty() {
        return Part::Map(Vec::new());
    }
    let mut progress = json!({"last_number": last_number, "usage": usage});
    if let Some(random) = random {
        progress["random"] = random.into();
    }
    Part::Line(line(&progress))
}

fn usage_json(usage: &FaultUsage) -> Value {
    let mut json = json!({"matched": usage.matched, "applied": usage.applied});
    if let Some((begun, requests)) = usage.window {
        json["window"] = json!({"begun": begun.to_string(), "requests": requests});
    }
    json
}

fn known_response(engine: &Engine, key: &[u8], body: &[u8], response: &Response) -> Value {
    let header = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers: Vec<Value> =
        response.headers.iter().map(|(name, value)| json!([name.as_str(), header(value.as_bytes())])).collect();
    let meta = &response.meta;
    let mut known = json!({
        "status": response.status.as_u16(), "headers": headers, "body": bytes(&response.body),
        "caller": meta.caller.as_str(),
    });
    if let Some(operation) = meta.operation.and_then(|index| engine.contract().operations.get(index)) {
        known["operation"] = Value::from(&*operation.key);
    }
    let quirk = |index: &usize| engine.quirks().iter().nth(*index).map(|quirk| quirk.id.as_str());
    let quirks: Vec<&str> = meta.quirks.iter().filter_map(quirk).collect();
    known["quirks"] = quirks.into();
    json!({"key": bytes(key), "body": bytes(body), "response": known})
}

/// `{text}`, or `{base64}` if the bytes are no text.
fn bytes(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!({"text": text}),
        Err(_) => json!({"base64": BASE64_STANDARD.encode(bytes)}),
    }
}

fn deleted(store: &Store) -> Vec<String> {
    let of_kind = |(kind, _)| store.deleted(kind).into_iter().map(|(place, record)| other_record(place, record));
    store.kinds().flat_map(of_kind).collect()
}

/// The highest numeric id of each kind where no record has it.
fn numbers(store: &Store) -> Vec<(String, Part)> {
    let numbers = store.kinds().filter_map(|(kind, _)| Some((kind.to_owned(), store.lost_number(kind)?)));
    numbers.map(|(kind, highest)| (kind, Part::Line(highest.to_string()))).collect()
}
