//! Ids of new records, in the form that the contract documents.

use compact_str::{CompactString, ToCompactString};
use rand::RngExt;
use serde_json::Value;

use super::State;
use crate::model::exact_number::digits_of;
use crate::openapi::Schema;
use crate::openapi::generate::fresh;
use crate::openapi::random::uuid;

/// How many ids are generated until one has the prefix of the example.
const MAX_TRIES: usize = 16;
/// The highest number of an id that is not counted; it fits into 32 bits.
const MAX_NUMBER: u32 = 999_999_999;
/// Length of the prefix that tells kinds of ids apart: `SM` of `SM0a…`.
const PREFIX_LENGTH: usize = 2;

/// A scalar as an id.
pub fn scalar_id(value: &Value) -> Option<CompactString> {
    match value {
        Value::String(text) if !text.is_empty() => Some(digits_of(text).unwrap_or(text).into()),
        Value::Number(number) => Some(number.to_string().into()),
        _ => None,
    }
}

/// Whether a schema restricts the form of an id.
pub fn has_id_form(schema: &Schema) -> bool {
    let raw = schema.follow(schema.raw());
    raw.get("pattern").is_some() || raw.get("format") == Some(&"uuid".into())
}

/// Whether ids like an example are numbers.
fn is_number(example: Option<&Value>) -> bool {
    match example {
        Some(Value::Number(_)) => true,
        Some(Value::String(text)) => {
            text.len() < 16 && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    }
}

/// Generates an id in the documented form for something that the store does not count: a part of a record.
pub fn generate_uncounted_id(state: &mut State, example: &Value, schema: Option<&Schema>) -> CompactString {
    match is_number(Some(example)) {
        true => state.ids.random().random_range(1..=MAX_NUMBER).to_compact_string(),
        false => generate_id(state, "", Some(example), schema),
    }
}

/// Generates an id in the documented form: a number, a UUID, text for a pattern, 16 letters and digits behind the prefix
/// of the example; without a documented form 16 letters and digits.
pub fn generate_id(state: &mut State, kind: &str, example: Option<&Value>, schema: Option<&Schema>) -> CompactString {
    if is_number(example) {
        let number = state.store.next_number(kind);
        let restrictive = schema.filter(|schema| !schema.is_valid(&number.into()));
        let generated = restrictive.and_then(|schema| scalar_id(&fresh(schema, "id", state.ids.random())));
        return generated
            .filter(|id| state.store.get(kind, id).is_none())
            .unwrap_or_else(|| number.to_compact_string());
    }
    if let Some(schema) = schema.filter(|schema| has_id_form(schema)) {
        let mut generated = (0..MAX_TRIES).filter_map(|_| scalar_id(&fresh(schema, "id", state.ids.random())));
        // Of the prefixes that a pattern allows, the example shows the usual one.
        let prefix = example.and_then(Value::as_str).and_then(|text| text.get(..PREFIX_LENGTH));
        let first = generated.next();
        let is_usual = |id: &CompactString| prefix.is_none_or(|prefix| id.starts_with(prefix));
        let usual = first.clone().filter(is_usual).or_else(|| generated.find(is_usual));
        if let Some(id) = usual.or(first).filter(|id| state.store.get(kind, id).is_none()) {
            return id;
        }
    }
    let text = example.and_then(Value::as_str).unwrap_or_default();
    if text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4 {
        return uuid(state.ids.random()).into();
    }
    let uid = state.ids.uid();
    match text.rsplit_once('_') {
        Some((prefix, rest)) if rest.len() >= 8 && prefix.len() <= 8 => format!("{prefix}_{uid}").into(),
        _ => uid,
    }
}
