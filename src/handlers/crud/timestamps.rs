//! Timestamps of records, in the form of the contract's example.

use serde_json::{Map, Value};

use super::example;
use crate::model::Record;
use crate::openapi::snake;
use crate::request::{Context, format_timestamp};

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

/// Sets the timestamps of a new record that the body does not set.
pub(super) fn set_created(ctx: &Context<'_>, record: &mut Record, sent: &Map<String, Value>, example: Option<&Value>) {
    let now = ctx.state.now();
    // This response may lack timestamps that others have: a created message is only a reference, the list has its time.
    let examples = example.into_iter().chain(example::of_kind(ctx, &record.kind));
    for (name, value) in examples.filter_map(Value::as_object).flatten() {
        let is_set = || example.is_none_or(|example| example.get(name).is_none()) && !record.get(name).is_null();
        if is_time_of_change(name) && !sent.contains_key(name) && !is_set() {
            record.fields.set(name, format_timestamp(now, value));
        }
    }
}

fn is_time_of_change(name: &str) -> bool {
    // Most names are of another length, or of none of these words.
    let may_be = (7..=14).contains(&name.len()) && ["reate", "pdate", "odifi"].iter().any(|part| contains(name, part));
    may_be && CREATED.contains(&snake(name).as_str())
}

/// Whether a name has a part, in any case.
fn contains(name: &str, part: &str) -> bool {
    name.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}
