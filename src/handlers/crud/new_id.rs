//! Ids of new records, in the form that the contract documents.

use compact_str::{CompactString, ToCompactString};
use serde_json::Value;

use super::body::scalar;
use super::example;
use crate::openapi::Schema;
use crate::openapi::generate::fresh;
use crate::openapi::random::uuid;
use crate::request::{Context, State};

/// The schema of an id in the response.
pub(super) fn schema(ctx: &Context<'_>, name: &str) -> Option<Schema> {
    let (media, _, path) = example::record_path(ctx)?;
    let path: Vec<&str> = path.field_path.iter().map(String::as_str).chain([name]).collect();
    media.schema.as_ref()?.part(&path)
}

/// Generates an id in the documented form: a number, a UUID, text for a pattern, 16 letters and digits behind the prefix
/// of the example; without a documented form 16 letters and digits.
pub(super) fn generate(
    state: &mut State,
    kind: &str,
    example: Option<&Value>,
    schema: Option<&Schema>,
) -> CompactString {
    let is_number = match example {
        Some(Value::Number(_)) => true,
        Some(Value::String(text)) => {
            text.len() < 16 && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    };
    if is_number {
        return state.store.next_number(kind).to_compact_string();
    }
    let has_form =
        |schema: &&Schema| schema.raw().get("pattern").is_some() || schema.raw().get("format") == Some(&"uuid".into());
    if let Some(schema) = schema.filter(has_form) {
        let generated = scalar(&fresh(schema, "id", state.ids.random()));
        if let Some(id) = generated.filter(|id| state.store.get(kind, id).is_none()) {
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
