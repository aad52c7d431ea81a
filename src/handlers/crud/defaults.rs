//! Values of new records that the request does not set.

use serde_json::{Map, Value};

use super::field_names::{find_field, id_alias};
use super::object_schemas::ObjectSchemas;
use crate::model::{FieldValue, Record};
use crate::request::Context;

/// Replaces the example's value of every field that the body could have set and did not: with the default of the body's
/// schema, else with null. The state stays that of the example, the currency is that of the business, and a new record
/// is not deleted.
pub(super) fn apply_defaults(ctx: &Context<'_>, record: &mut Record, sent: &Map<String, Value>) {
    if record.fields.get("deleted_at").is_some() {
        record.fields.set("deleted_at", FieldValue::Null);
    }
    let Some(body) = &ctx.operation.body else { return };
    let root = ObjectSchemas::at(&body.schema, []);
    let has_envelope = root.part(&record.kind).is_some();
    let schemas = if has_envelope { ObjectSchemas::at(&body.schema, [record.kind.as_str()]) } else { root };
    let business = ctx.caller.business.as_deref().and_then(|id| ctx.state.store.get("business", id));
    let currency = business.map_or(FieldValue::Null, |business| business.get("currency").clone());
    // Fields of a resources file have their own defaults.
    let resource = ctx.resources.get(&record.kind);
    let is_described = |name: &str| resource.is_some_and(|resource| resource.field(name).is_some());
    for name in schemas.names().filter(|name| !matches!(*name, "status" | "state") && !is_described(name)) {
        let known = find_field(record, name);
        if known.as_deref().is_some_and(is_described) {
            continue;
        }
        if !sent.contains_key(name) && !id_alias(name).is_some_and(|alias| sent.contains_key(&alias)) {
            let empty = if name == "currency" { currency.clone() } else { FieldValue::Null };
            let default = schemas.part(name).and_then(|part| part.get("default")).map_or(empty, FieldValue::from);
            record.fields.set(known.as_deref().unwrap_or(name), default);
        }
    }
    assign_caller(ctx, record);
}

/// Assigns the record to the caller where the request names no other staff, client or directory.
fn assign_caller(ctx: &Context<'_>, record: &mut Record) {
    let caller = ctx.caller;
    for (names, id) in [
        (["staff_uid", "staff_id"], &caller.staff),
        (["client_uid", "client_id"], &caller.client),
        (["directory_uid", "directory_id"], &caller.directory),
    ] {
        for name in names {
            if let (Some(id), Some(FieldValue::Null)) = (id, record.fields.get(name)) {
                record.fields.set(name, id);
            }
        }
    }
}

/// Sets the parents of the path and the caller's business in a record.
pub(super) fn set_owner(ctx: &Context<'_>, record: &mut Record) {
    for parent in &ctx.operation.role.parents {
        if let Some(value) = ctx.path.get(parent.index) {
            let known = find_field(record, &parent.name);
            record.fields.set(known.as_deref().unwrap_or(&parent.name), value);
        }
    }
    let owner = ctx.resources.get(&record.kind).and_then(|resource| resource.owner());
    if let Some(business) = &ctx.caller.business {
        for name in ["business_uid", "business_id"] {
            if record.fields.get(name).is_some() || owner == Some(name) {
                record.fields.set(name, business);
            }
        }
    }
}
