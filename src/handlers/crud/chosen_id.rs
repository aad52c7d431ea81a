//! The id of a new record that the request chooses.

use compact_str::CompactString;
use serde_json::{Map, Value};

use super::body::{envelope_name, scalar};
use super::field_names::PATH_NAME_FIELD;
use super::{example, lookup};
use crate::openapi::template::parameter_names;
use crate::openapi::{Operation, is_plain_id};
use crate::request::Context;

/// The UUID that stands for none (RFC 9562, section 5.9): clients send it for records that have no id yet.
const NIL_UUID: &str = "00000000-0000-0000-0000-000000000000";

/// What a request chooses.
pub(super) enum Chosen {
    /// Nothing: the id is generated.
    Nothing,
    /// An id.
    Id(CompactString),
    /// The value of a field that has to be unique only beside the records with the same parents, and is the id of another
    /// record: the record gets a generated id, and paths address it by this field. A record without a field for it has the
    /// field [`PATH_NAME_FIELD`].
    Key(String, CompactString),
}

/// What the path or the body chooses, where the contract's schema of the body has an id. `id_name` is the field of the id.
pub(super) fn find(ctx: &Context<'_>, kind: &str, sent: &Map<String, Value>, id_name: Option<&str>) -> Chosen {
    let is_inferred = !ctx.resources.documented_behaviour_only;
    let (name, id) = match ctx.operation.role.item {
        Some(item) => (id_name, ctx.path[item].clone()),
        None => match in_body(ctx, kind, sent, id_name) {
            Some(found) => found,
            None => return Chosen::Nothing,
        },
    };
    let is_plain = is_plain_id(name.unwrap_or(example::item_parameter(ctx)));
    let name = name.unwrap_or(PATH_NAME_FIELD);
    let existing = ctx.state.store.get(kind, &id);
    let is_elsewhere = existing.is_some_and(|existing| !lookup::is_addressed_by_id(ctx, existing, name));
    match is_inferred && is_elsewhere && !is_plain {
        true => Chosen::Key(name.to_owned(), id),
        false => Chosen::Id(id),
    }
}

/// The name and the value of the id in a body; no name if it is inside `metadata`.
fn in_body<'n>(
    ctx: &Context<'n>,
    kind: &str,
    sent: &Map<String, Value>,
    id_name: Option<&'n str>,
) -> Option<(Option<&'n str>, CompactString)> {
    if let Some(id) = id_in_metadata(ctx, kind, sent).filter(|_| id_name.is_none()) {
        return Some((None, id));
    }
    // The path may call the id as the body does, and the response otherwise: `tag_name` for the `name` of a tag.
    let parameters = [item_parameter(ctx), example::read_parameter_of(ctx, kind)];
    let parameters = parameters.into_iter().filter(|_| !ctx.resources.documented_behaviour_only);
    let mut names = id_name.into_iter().chain(parameters).filter(|name| !name.is_empty());
    names.find_map(|name| Some((Some(name), sent_id(ctx, kind, sent, name)?)))
}

/// The id that a body has under a name which its schema declares.
fn sent_id(ctx: &Context<'_>, kind: &str, sent: &Map<String, Value>, name: &str) -> Option<CompactString> {
    let documented = &ctx.operation.body.as_ref()?.schema;
    let is_inferred = !ctx.resources.documented_behaviour_only;
    let id = sent.get(name).and_then(scalar).filter(|id| !is_inferred || id != NIL_UUID)?;
    if documented.part(&[name]).or_else(|| documented.part(&[kind, name])).is_some() {
        return Some(id);
    }
    // In the envelope of a response a UUID is the server's, unless it names a record.
    let schema = documented.part(&[envelope_name(ctx.operation, ctx.body, kind)?, name])?;
    let is_assigned = schema.follow(schema.raw()).get("format").is_some_and(|format| format == "uuid");
    (!is_assigned || ctx.state.store.get(kind, &id).is_some()).then_some(id)
}

/// The id of a record that has none beside its other fields, but inside `metadata`.
fn id_in_metadata(ctx: &Context<'_>, kind: &str, sent: &Map<String, Value>) -> Option<CompactString> {
    let id = sent.get("metadata")?.get(example::read_parameter_of(ctx, kind)).and_then(scalar);
    id.filter(|_| !ctx.resources.documented_behaviour_only)
}

/// The path parameter that addresses a record below the path of the request; empty without one.
fn item_parameter<'e>(ctx: &Context<'e>) -> &'e str {
    let collection = ctx.operation.path.trim_end_matches('/');
    let parameter =
        |operation: &'e Operation| parameter_names(operation.path.strip_prefix(collection)?.strip_prefix('/')?).next();
    ctx.operations_below().find_map(parameter).unwrap_or_default()
}
