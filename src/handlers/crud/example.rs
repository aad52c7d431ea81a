//! Records in the contract's examples of responses.

use compact_str::CompactString;
use serde_json::Value;

use crate::model::{FieldValue, Fields};
use crate::openapi::template::parameter_names;
use crate::openapi::{MediaSpec, Operation, RecordPath, RoleKind};
use crate::request::Context;

/// The name of the path parameter that addresses the record.
pub(super) fn item_parameter<'e>(ctx: &Context<'e>) -> &'e str {
    let mut names = parameter_names(&ctx.operation.path);
    ctx.operation.role.item.and_then(|item| names.nth(item)).unwrap_or_default()
}

/// The path parameter by which one of the operations reads records of a kind; empty without one.
pub(super) fn read_parameter<'o>(operations: impl IntoIterator<Item = &'o Operation>, kind: &str) -> &'o str {
    let reads = operations
        .into_iter()
        .find(|operation| operation.role.resource.as_deref() == Some(kind) && operation.role.kind == RoleKind::Read);
    reads.and_then(|operation| parameter_names(&operation.path).next_back()).unwrap_or_default()
}

/// The same for a request: its operations of the kind are known.
pub(super) fn read_parameter_of<'e>(ctx: &Context<'e>, kind: &str) -> &'e str {
    read_parameter(ctx.operations_of(kind).map(|(_, operation)| operation), kind)
}

/// Where the example of this operation's response has its record, and the example.
pub(super) fn record_path<'e>(ctx: &Context<'e>) -> Option<(&'e MediaSpec, &'e Value, &'e RecordPath)> {
    let media = ctx.operation.success_response()?.first()?;
    let path = ctx.documented_record(ctx.operation_index?)?.path_by_plural.as_ref()?;
    Some((media, media.sample()?, path))
}

/// The best example of a record of that kind: the one of this operation, else that of another operation on the kind.
pub(super) fn find<'e>(ctx: &Context<'e>, kind: &str) -> Option<&'e Value> {
    if let Some((_, example, path)) = record_path(ctx)
        && is_record(path.of(example))
    {
        return Some(path.of(example));
    }
    let shows = |role: RoleKind| matches!(role, RoleKind::Read | RoleKind::List | RoleKind::Update | RoleKind::Create);
    let mut others = ctx.operations_of(kind).filter(|(_, operation)| shows(operation.role.kind));
    others.find_map(|(index, _)| of_index(ctx, index))
}

/// The example records in the responses of all operations on a kind.
pub(super) fn of_kind<'c, 'e>(ctx: &'c Context<'e>, kind: &str) -> impl Iterator<Item = &'e Value> + use<'c, 'e> {
    ctx.operations_of(kind).filter_map(|(index, _)| of_index(ctx, index))
}

/// The example record in the response of an operation, given by its index.
pub(super) fn of_index<'e>(ctx: &Context<'e>, index: usize) -> Option<&'e Value> {
    let example = ctx.operations[index].success_response()?.first()?.sample()?;
    let path = ctx.documented_record(index)?.path.as_ref()?;
    Some(path.of(example)).filter(|record| is_record(record))
}

fn is_record(value: &Value) -> bool {
    value.as_object().is_some_and(|map| !map.is_empty())
}

/// The example record in the response of an operation.
pub(super) fn of_operation(operation: &Operation) -> Option<&Value> {
    let example = operation.success_response()?.first()?.sample()?;
    let path = operation.record_path(example, &[])?;
    Some(path.of(example)).filter(|record| is_record(record))
}

/// An example record as fields.
pub(super) fn fields(example: &Value) -> Fields {
    let members = example.as_object().into_iter().flatten();
    members.map(|(name, value)| (CompactString::from(name), FieldValue::from(value))).collect()
}
