//! Ids of new records, written as the contract writes them.

use compact_str::{CompactString, ToCompactString};
use serde_json::Value;

use super::record::scalar;
use super::show;
use crate::openapi::Schema;
use crate::openapi::generate::fresh;
use crate::openapi::random::uuid;
use crate::request::{Context, State};

/// What the contract says of how an id is written.
pub(super) fn form(ctx: &Context<'_>, name: &str) -> Option<Schema> {
    let (media, _, record_path) = show::record_path(ctx)?;
    let field_path: Vec<&str> = record_path.field_path.iter().map(String::as_str).chain([name]).collect();
    media.schema.as_ref()?.part(&field_path)
}

/// A new id of the documented form: a number, a UUID, what a pattern says, letters behind a prefix; 16 letters and digits
/// where nothing is documented.
pub(super) fn new(state: &mut State, kind: &str, documented: Option<&Value>, form: Option<&Schema>) -> CompactString {
    let is_number = match documented {
        Some(Value::Number(_)) => true,
        Some(Value::String(text)) => {
            text.len() < 16 && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    };
    if is_number {
        return state.store.next_number(kind).to_compact_string();
    }
    let says = |form: &Schema, key: &str| form.raw().get(key).is_some();
    if let Some(form) = form.filter(|form| says(form, "pattern") || form.raw().get("format") == Some(&"uuid".into())) {
        let made = scalar(&fresh(form, "id", state.ids.random()));
        if let Some(id) = made.filter(|id| state.store.get(kind, id).is_none()) {
            return id;
        }
    }
    let text = documented.and_then(Value::as_str).unwrap_or_default();
    if text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4 {
        return uuid(state.ids.random()).into();
    }
    let uid = state.ids.uid();
    match text.rsplit_once('_') {
        Some((prefix, rest)) if rest.len() >= 8 && prefix.len() <= 8 => format!("{prefix}_{uid}").into(),
        _ => uid,
    }
}
