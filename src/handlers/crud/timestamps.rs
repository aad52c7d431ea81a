//! Timestamps of records, in the form of the contract's example.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::example;
use crate::model::{FieldValue, Record};
use crate::openapi::Shape;
use crate::openapi::snake;
use crate::request::{Context, reformat_time, time_text};

/// Names of timestamps that a new record gets, in snake case.
const CREATED: [&str; 9] = [
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

/// Names of timestamps that every change sets, in snake case.
const UPDATED: [&str; 5] = ["updated_at", "modified_at", "last_updated_at", "updated", "date_updated"];

/// Sets the timestamps of a new record that the body does not set.
pub(super) fn set_created(ctx: &Context<'_>, record: &mut Record, sent: &Map<String, Value>, example: Option<&Value>) {
    let now = ctx.state.now();
    // This response may lack timestamps that others have: a created message is only a reference, the list has its time.
    let kind = record.kind.clone();
    let others = ctx.operations.iter().filter(|other| other.role.resource.as_deref() == Some(kind.as_str()));
    let examples = example.into_iter().chain(others.filter_map(|other| example::of_operation(other)));
    for (name, value) in examples.filter_map(Value::as_object).flatten() {
        let is_set = || example.is_none_or(|example| example.get(name).is_none()) && !record.get(name).is_null();
        if CREATED.contains(&snake(name).as_str()) && !sent.contains_key(name) && !is_set() {
            record.fields.set(name, format_timestamp(now, value));
        }
    }
}

/// Sets the timestamps of a changed record that the body does not set.
pub(super) fn set_updated(ctx: &Context<'_>, record: &mut Record, sent: &Map<String, Value>) {
    let names: Vec<String> = record.fields.iter().map(|(name, _)| name.to_owned()).collect();
    for name in names.into_iter().filter(|name| !sent.contains_key(name)) {
        if UPDATED.contains(&snake(&name).as_str()) {
            let before = serde_json::to_value(record.get(&name)).unwrap_or_default();
            record.fields.set(&name, format_timestamp(ctx.state.now(), &before));
        }
    }
}

/// A point in time in the form of an example: text with or without milliseconds, seconds or milliseconds since 1970.
fn format_timestamp(now: Timestamp, example: &Value) -> FieldValue {
    match example {
        Value::Number(number) if number.as_f64().is_some_and(|number| number > 1e11) => now.as_millisecond().into(),
        Value::Number(_) => now.as_second().into(),
        example => {
            let text = time_text(now);
            let shape = Shape::of(example);
            reformat_time(&text, &shape, &TimeZone::UTC).map_or(FieldValue::Text(text), FieldValue::from)
        }
    }
}
