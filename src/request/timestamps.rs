//! Timestamps of records, in the form that they have.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::{State, reformat_time, time_text};
use crate::model::{FieldValue, Record};
use crate::openapi::{Shape, snake};

/// Names of timestamps that every change sets, in snake case.
const UPDATED: [&str; 5] = ["updated_at", "modified_at", "last_updated_at", "updated", "date_updated"];

/// Sets the timestamps of a changed record that the change does not set.
pub fn set_updated(state: &State, record: &mut Record, is_sent: impl Fn(&str) -> bool) {
    let names: Vec<String> = record.fields.iter().map(|(name, _)| name.to_owned()).collect();
    for name in names.into_iter().filter(|name| !is_sent(name)) {
        if UPDATED.contains(&snake(&name).as_str()) {
            let before = serde_json::to_value(record.get(&name)).unwrap_or_default();
            record.fields.set(&name, format_timestamp(state.now(), &before));
        }
    }
}

/// A point in time in the form of an example: text with or without milliseconds, seconds or milliseconds since 1970.
pub fn format_timestamp(now: Timestamp, example: &Value) -> FieldValue {
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
