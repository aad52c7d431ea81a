//! Ids of new records, in the form that the contract documents.

use std::sync::Arc;

use compact_str::CompactString;
use serde_json::Value;

use super::example;
use crate::openapi::record_path::id_name;
use crate::openapi::{IdForm, Operation, RoleKind, Schema};
use crate::request::{Context, State, has_id_form};

/// The schema of an id in the response; if it does not restrict the form, one in another response with such records that
/// does.
pub(super) fn schema(ctx: &Context<'_>, kind: &str, name: &str) -> Option<Schema> {
    let documented = ctx.documented_record(ctx.operation_index?)?;
    documented.id_schemas.get_or_find(kind, name, || find_schema(ctx, kind, name))
}

fn find_schema(ctx: &Context<'_>, kind: &str, name: &str) -> Option<Schema> {
    let own = schema_of(ctx.operation, name);
    if ctx.resources.documented_behaviour_only || own.as_ref().is_some_and(has_id_form) {
        return own;
    }
    let shows = |operation: &Operation| matches!(operation.role.kind, RoleKind::Read | RoleKind::List);
    let others = ctx.operations_of(kind).filter(|(_, operation)| shows(operation));
    let others = others.filter_map(|(_, operation)| schema_of(operation, name));
    others.into_iter().find(has_id_form).or(own)
}

fn schema_of(operation: &Operation, name: &str) -> Option<Schema> {
    let media = operation.success_response()?.first()?;
    let path = operation.record_path(media.sample()?, &[])?;
    let path: Vec<&str> = path.names().chain([name]).collect();
    media.schema.as_ref()?.part(&path)
}

/// An id that requests do not show, of a record whose key is the id of another record.
pub(super) fn unrelated(state: &mut State) -> CompactString {
    state.ids.uid()
}

/// The form of the ids of a kind, as the operations on such records document it.
pub fn id_form(operations: &[Operation], kind: &str) -> IdForm {
    let of_kind = || operations.iter().filter(|operation| operation.role.resource.as_deref() == Some(kind));
    let found: Option<(&Value, &str)> = of_kind().find_map(|operation| {
        let example = example::of_operation(operation)?;
        Some((example, id_name(example, example::read_parameter(operations, kind), kind)?))
    });
    let Some((example, name)) = found else { return IdForm::default() };
    let schema = of_kind().filter_map(|operation| schema_of(operation, name)).find(has_id_form);
    IdForm { example: example.get(name).cloned(), schema: schema.map(Arc::new) }
}
