//! Changing and deleting records.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::field_names::{find_field, is_display_name};
use super::{body, example, timestamps};
use crate::model::{FieldValue, Record};
use crate::openapi::record_path::id_name;
use crate::request::Context;

/// Stores the record with the fields of the body.
pub(super) fn update(ctx: &mut Context<'_>, record: &Record, body: &Value) -> Arc<Record> {
    let sent = body::fields(ctx.operation, body, &record.kind);
    let example = example::find(ctx, &record.kind);
    let id_name = example.and_then(|example| id_name(example, example::item_parameter(ctx), &record.kind));
    let mut changed = record.clone();
    apply_body(&mut changed, sent, id_name);
    for (name, key) in ctx.resources.get(&record.kind).into_iter().flat_map(|resource| &resource.merge_by) {
        if sent.contains_key(name) {
            changed.fields.set(name, merge_lists(record.get(name), changed.get(name), key));
        }
    }
    timestamps::set_updated(ctx, &mut changed, sent);
    ctx.state.store.put(changed)
}

/// Stores the record with those fields of the body that it has: other fields of an action's body are about the action.
pub(super) fn update_known(ctx: &mut Context<'_>, record: &Record, body: &Value) -> Arc<Record> {
    let sent = body::fields(ctx.operation, body, &record.kind);
    let known = sent.iter().filter(|(name, _)| record.fields.get(name).is_some());
    let known: Map<String, Value> = known.map(|(name, value)| (name.clone(), value.clone())).collect();
    update(ctx, record, &Value::Object(known))
}

/// Deletes a record, and the records that its resource cascades to.
pub(super) fn delete(ctx: &mut Context<'_>, kind: &str, id: &str) {
    ctx.state.store.remove(kind, id);
    let resources = ctx.resources;
    for (kind, field) in resources.get(kind).into_iter().flat_map(|resource| &resource.cascade) {
        let owned = ctx.state.store.all(kind).filter(|record| record.text(field) == id);
        for id in owned.map(|record| record.id.clone()).collect::<Vec<_>>() {
            delete(ctx, kind, &id);
        }
    }
}

/// Sets the fields of a body, except the id, under the names that the record has for them.
pub(super) fn apply_body(record: &mut Record, sent: &Map<String, Value>, id_name: Option<&str>) {
    let id_name = id_name.filter(|name| !is_display_name(record, name));
    for (name, value) in sent.iter().filter(|(name, _)| Some(name.as_str()) != id_name) {
        match find_field(record, name) {
            Some(known) => record.fields.set(&known, value),
            None => record.fields.set(name, value),
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
