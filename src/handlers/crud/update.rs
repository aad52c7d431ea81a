//! Changing and deleting records.

use std::sync::Arc;

use http::Method;
use serde_json::{Map, Value};

use super::defaults::set_parents_inside;
use super::embedded::complete_elements;
use super::field_names::{self, find_field, is_display_name, title};
use super::object_schemas::ObjectSchemas;
use super::query_fields::change_by_query;
use super::{body, example, json_patch as patch, lookup};
use crate::model::{FieldValue, Record};
use crate::openapi::record_path::id_name;
use crate::openapi::{Operation, is_id, snake};
use crate::request::{ApiError, Context, ErrorKind, set_updated};

/// Stores the record with the fields of the body. PATCH merges objects; PUT replaces the record where PATCH is documented
/// beside it.
///
/// # Errors
/// Conflict, if the body has the key of another record. Conflict or invalid, if a JSON Patch cannot be applied.
pub(super) fn update(ctx: &mut Context<'_>, record: &Record, body: &Value) -> Result<Arc<Record>, ApiError> {
    let sent = body::fields(ctx.operation, body, &record.kind);
    let example = example::find(ctx, &record.kind);
    let id_name = example.and_then(|example| id_name(example, example::item_parameter(ctx), &record.kind));
    let mut changed = match patch::is_sent(ctx) {
        true => patch::apply(record, body)?,
        false => record.clone(),
    };
    if replaces(ctx) {
        remove_unsent(ctx, &mut changed, sent, id_name);
    }
    let merge = Merge::of(ctx);
    let new_key = new_key(ctx, record, sent, id_name)?;
    apply_body(&mut changed, sent, id_name.filter(|_| !new_key), merge);
    complete_elements(ctx, &mut changed, sent);
    set_parents_inside(ctx, &mut changed, example);
    if sent.is_empty() {
        change_by_query(ctx, &mut changed, id_name);
    }
    for (name, key) in ctx.resources.get(&record.kind).into_iter().flat_map(|resource| &resource.merge_by) {
        if sent.contains_key(name) {
            changed.fields.set(name, merge_lists(record.get(name), changed.get(name), key));
        }
    }
    set_updated(ctx.state, &mut changed, |name| sent.contains_key(name));
    Ok(ctx.state.store.put(changed))
}

/// Whether a body changes the key of a record: a name or code that paths address it by. Its id stays, and leads to the
/// record as long as no other has this key.
fn new_key(
    ctx: &Context<'_>,
    record: &Record,
    sent: &Map<String, Value>,
    id_name: Option<&str>,
) -> Result<bool, ApiError> {
    let may_change = |name: &&str| !ctx.resources.documented_behaviour_only && !is_id(&snake(name));
    let Some(name) = id_name.filter(may_change) else { return Ok(false) };
    let Some(key) = sent.get(name).and_then(body::scalar) else { return Ok(false) };
    if key == field_names::key(record, name).unwrap_or_else(|| record.id.clone()) {
        return Ok(false);
    }
    match lookup::find_inferred(ctx, &record.kind, &key, name) {
        Some(other) if other.id != record.id => {
            let message = format!("{} {key} already exists", title(&record.kind));
            Err(ApiError::new(ErrorKind::Conflict, message).field(name))
        }
        _ => Ok(true),
    }
}

/// Stores the record with those fields of the body that it has: other fields of an action's body are about the action.
///
/// # Errors
/// Conflict or invalid, if a JSON Patch cannot be applied.
pub(super) fn update_known(ctx: &mut Context<'_>, record: &Record, body: &Value) -> Result<Arc<Record>, ApiError> {
    let sent = body::fields(ctx.operation, body, &record.kind);
    let known = sent.iter().filter(|(name, _)| record.fields.get(name).is_some());
    let known: Map<String, Value> = known.map(|(name, value)| (name.clone(), value.clone())).collect();
    update(ctx, record, &Value::Object(known))
}

/// Whether the request replaces the record: PUT, where PATCH of the same path changes parts of it.
fn replaces(ctx: &Context<'_>) -> bool {
    let operation = ctx.operation;
    let is_beside = |other: &Operation| other.method == Method::PATCH && other.path == operation.path;
    operation.method == Method::PUT && !ctx.resources.documented_behaviour_only && ctx.operations.iter().any(is_beside)
}

/// Removes the fields that the body could have set and did not.
fn remove_unsent(ctx: &Context<'_>, record: &mut Record, sent: &Map<String, Value>, id_name: Option<&str>) {
    let Some(body) = &ctx.operation.body else { return };
    let is_parent = |name: &str| ctx.operation.role.parents.iter().any(|parent| parent.name == name);
    for name in ObjectSchemas::at(&body.schema, []).names() {
        let stays = sent.contains_key(name) || Some(name) == id_name || is_parent(name);
        if !stays && record.fields.get(name).is_some() {
            record.fields.set(name, FieldValue::Null);
        }
    }
}

/// How a body changes objects inside a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Merge {
    /// They are replaced.
    Replace,
    /// Their members are merged, and `null` removes a member (RFC 7396).
    Members,
}

impl Merge {
    fn of(ctx: &Context<'_>) -> Self {
        let merges = ctx.operation.method == Method::PATCH && !ctx.resources.documented_behaviour_only;
        if merges { Self::Members } else { Self::Replace }
    }
}

/// Sets the fields of a body, except the id, under the names that the record has for them.
pub(super) fn apply_body(record: &mut Record, sent: &Map<String, Value>, id_name: Option<&str>, merge: Merge) {
    let id_name = id_name.filter(|name| !is_display_name(record, name));
    for (name, value) in sent.iter().filter(|(name, _)| Some(name.as_str()) != id_name) {
        let known = find_field(record, name);
        let name = known.as_deref().unwrap_or(name);
        match (record.get(name), value) {
            (FieldValue::Object(_), Value::Object(_)) if merge == Merge::Members => {
                let mut merged = serde_json::to_value(record.get(name)).unwrap_or_default();
                json_patch::merge(&mut merged, value);
                record.fields.set(name, &merged);
            }
            _ => record.fields.set(name, value),
        }
    }
}

/// A list with the elements of another, which replace those with the same key.
fn merge_lists(before: &FieldValue, sent: &FieldValue, key: &str) -> Vec<FieldValue> {
    let mut merged = before.as_list().to_vec();
    for element in sent.as_list() {
        match merged.iter_mut().find(|known| known.get(key) == element.get(key)) {
            Some(known) => *known = element.clone(),
            None => merged.push(element.clone()),
        }
    }
    merged
}
