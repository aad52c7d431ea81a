//! Values of new records that the request does not set.

use serde_json::{Map, Value};

use super::body::envelope_name;
use super::field_names::{find_field, id_alias};
use super::object_schemas::ObjectSchemas;
use crate::model::{FieldValue, Fields, Record};
use crate::openapi::is_plain_id;
use crate::openapi::snake;
use crate::request::Context;

/// Replaces the example's value of every field that the body could have set and did not: with the default of the body's
/// schema, else with null. The state stays that of the example, inherited fields are those of the owner, and a new record
/// is not deleted.
pub(super) fn apply_defaults(ctx: &Context<'_>, record: &mut Record, sent: &Map<String, Value>) {
    if record.fields.get("deleted_at").is_some() {
        record.fields.set("deleted_at", FieldValue::Null);
    }
    let Some(body) = &ctx.operation.body else { return };
    let root = ObjectSchemas::at(&body.schema, []);
    let kind = Some(record.kind.as_str()).filter(|kind| root.part(kind).is_some());
    let envelope = kind.or_else(|| envelope_name(ctx.operation, ctx.body, &record.kind));
    let schemas = match envelope.filter(|name| root.part(name).is_some()) {
        Some(envelope) => root.below(envelope),
        None => root,
    };
    let ownership = &ctx.state.ownership;
    let owner = ctx.caller.owner.as_deref().and_then(|id| ownership.owner(&ctx.state.store, id));
    let inherited = |name: &str| {
        let field = ownership.inherited.iter().find(|(field, _)| field == name).map(|(_, of_owner)| of_owner);
        field.and_then(|field| Some(owner?.get(field).clone())).unwrap_or_default()
    };
    // Fields of a resources file have their own defaults.
    let resource = ctx.resources.get(&record.kind);
    let is_described = |name: &str| resource.is_some_and(|resource| resource.field(name).is_some());
    let is_state = |name: &str| matches!(snake(name).as_str(), "status" | "state");
    for name in schemas.names().filter(|name| !is_state(name) && !is_described(name)) {
        let known = find_field(record, name);
        if known.as_deref().is_some_and(is_described) {
            continue;
        }
        if !sent.contains_key(name) && !id_alias(name).is_some_and(|alias| sent.contains_key(&alias)) {
            let empty = inherited(name);
            let default = schemas.part(name).and_then(|part| part.get("default")).map_or(empty, FieldValue::from);
            record.fields.set(known.as_deref().unwrap_or(name), default);
        }
    }
    assign_caller(ctx, record);
}

/// Assigns the record to the caller's subjects where the request names no others.
fn assign_caller(ctx: &Context<'_>, record: &mut Record) {
    for subject in &ctx.state.ownership.subjects {
        let Some(id) = ctx.caller.subject(&subject.kind) else { continue };
        for name in &subject.fields {
            if let Some(FieldValue::Null) = record.fields.get(name) {
                record.fields.set(name, id);
            }
        }
    }
}

/// Sets the parents of the path and the caller's owner in a record.
pub(super) fn set_owner(ctx: &Context<'_>, record: &mut Record) {
    for parent in &ctx.operation.role.parents {
        if let Some(value) = ctx.path.get(parent.index) {
            if !ctx.resources.documented_behaviour_only {
                record.fields.set(&parent.field(), value);
                if is_like_own_key(&parent.name) {
                    continue;
                }
            }
            let known = find_field(record, &parent.name);
            record.fields.set(known.as_deref().unwrap_or(&parent.name), value);
        }
    }
    let owner = ctx.resources.get(&record.kind).and_then(|resource| resource.owner());
    if let Some(id) = &ctx.caller.owner {
        for name in &ctx.state.ownership.fields {
            if record.fields.get(name).is_some() || owner == Some(name) {
                record.fields.set(name, id);
            }
        }
    }
}

/// Whether a path parameter of a parent has the name that a record's own id or key has.
fn is_like_own_key(name: &str) -> bool {
    is_plain_id(name) || matches!(snake(name).as_str(), "key" | "name")
}

/// Sets the parents of the path inside the only object of a record in which the contract shows them: `metadata.namespace`.
pub(super) fn set_parents_inside(ctx: &Context<'_>, record: &mut Record, example: Option<&Value>) {
    let members = example.and_then(Value::as_object).filter(|_| !ctx.resources.documented_behaviour_only);
    let Some(members) = members else { return };
    let parents = ctx.operation.role.parents.iter().filter(|parent| !is_like_own_key(&parent.name));
    for parent in parents.filter(|parent| !members.contains_key(&parent.name)) {
        let mut holders = members.iter().filter(|(_, value)| value.get(&parent.name).is_some());
        let (Some((holder, _)), None) = (holders.next(), holders.next()) else { continue };
        let (FieldValue::Object(inside), Some(id)) = (record.get(holder), ctx.path.get(parent.index)) else { continue };
        if inside.get(&parent.name).is_none_or(FieldValue::is_null) {
            let mut inside = Fields::clone(inside);
            inside.set(&parent.name, id);
            record.fields.set(holder, inside);
        }
    }
}
