//! The record that a request addresses, and which records a caller may see.

use std::sync::Arc;

use http::Method;

use super::create::from_example;
use super::field_names::{PATH_NAME_FIELD, is_display_name};
use super::keys::{named_parent, parent_key};
use super::{body, example, field_names};
use crate::model::{Record, Subject};
use crate::openapi::record_path::id_name;
use crate::openapi::{Parent, Resource, RoleKind};
use crate::request::{ApiError, Context, UnknownIds};

/// The record addressed by the path, or by the body where the path addresses none.
///
/// # Errors
/// Not found, unless unknown ids are answered with the example.
pub(super) fn find_record(ctx: &Context<'_>, kind: &str) -> Result<Arc<Record>, ApiError> {
    let role = &ctx.operation.role;
    let (id, name) = match role.item {
        Some(item) => (ctx.path[item].clone(), example::item_parameter(ctx).to_owned()),
        None => (body::id(ctx.operation, ctx.body, kind).unwrap_or_default(), "id".to_owned()),
    };
    let found = match ctx.resources.documented_behaviour_only {
        true => find_documented(ctx, kind, &id, &name),
        false => find_inferred(ctx, kind, &id, &name),
    };
    match (found, ctx.state.settings.unknown_ids) {
        (Some(found), _) => Ok(Arc::clone(found)),
        (None, _) if exists_for_owner(ctx, kind, &name, &id) => Ok(Arc::new(from_example(ctx, kind, id))),
        (None, UnknownIds::Example) => Ok(Arc::new(from_example(ctx, kind, id))),
        (None, UnknownIds::Refuse) => Err(not_found(kind, &name)),
    }
}

/// The record with that id, else with that value in the field of the parameter's name.
fn find_documented<'c>(ctx: &'c Context<'_>, kind: &str, id: &str, name: &str) -> Option<&'c Arc<Record>> {
    // A path may address a record by another field: a payout by the id that its provider gave it.
    let by_field = || {
        let mut with_key = ctx.state.store.with_key(kind, &[name], id);
        with_key.find(|record| !id.is_empty() && record.text(name) == id)
    };
    ctx.state.store.get(kind, id).or_else(by_field).filter(|record| is_visible(ctx, record))
}

/// The record whose id is shown as `id`; else the one with that value in the field of the id, or of the parameter's name; else
/// the one that had that id until its key was changed; else the one of that name.
pub(super) fn find_inferred<'c>(ctx: &'c Context<'_>, kind: &str, id: &str, name: &str) -> Option<&'c Arc<Record>> {
    if id.is_empty() {
        return None;
    }
    let id_name = example::find(ctx, kind).and_then(|example| id_name(example, name, kind)).unwrap_or(name);
    let store = &ctx.state.store;
    let has = |record: &Record, name: &str| field_names::key(record, name).is_some_and(|known| known == id);
    let by_id = || store.get(kind, id).filter(|record| is_visible(ctx, record));
    let names = [id_name, name, PATH_NAME_FIELD];
    let has_any = |record: &&Arc<Record>| names.iter().any(|name| has(record, name));
    let by_key = || store.with_key(kind, &names, id).find(|record| has_any(record) && is_visible(ctx, record));
    // A path may say `{owner}/{repo}` where a repo has a `name`. Each owner may have one of that name.
    let by_name = || {
        let parameter = ctx.operation.role.item.and_then(|item| ctx.operation.path_parameter(item));
        let is_text = parameter.is_none_or(|parameter| !parameter.is_number());
        let mut named = store.with_key(kind, &["name"], id).filter(|_| is_text && is_found_by_name(ctx, kind));
        named.find(|record| has(record, "name") && is_visible(ctx, record))
    };
    let is_shown = |record: &&Arc<Record>| !is_display_name(record, id_name);
    by_id().filter(is_shown).or_else(by_key).or_else(by_id).or_else(by_name)
}

/// The record with a key in the field of that name, below the same parents.
pub(super) fn find_by_key<'c>(ctx: &'c Context<'_>, kind: &str, key: &str, name: &str) -> Option<&'c Arc<Record>> {
    let has_key = |record: &&Arc<Record>| field_names::key(record, name).is_some_and(|known| known == key);
    ctx.state.store.with_key(kind, &[name], key).find(|record| has_key(record) && is_visible(ctx, record))
}

/// Whether a path of the request's collection addresses the record with an id by that id, which is the value of the field
/// `name`: it has the same parents, and its key was not changed.
pub(super) fn is_addressed_by_id(ctx: &Context<'_>, record: &Record, name: &str) -> bool {
    is_visible(ctx, record) && !is_display_name(record, name)
}

/// Whether paths may address records of a kind by their name: nothing else describes them.
fn is_found_by_name(ctx: &Context<'_>, kind: &str) -> bool {
    !ctx.resources.documented_behaviour_only && ctx.resources.get(kind).is_none()
}

/// Checks that the parents in the path exist, where requests can create such records.
///
/// # Errors
/// Not found.
pub(super) fn check_parents(ctx: &Context<'_>) -> Result<(), ApiError> {
    if ctx.state.settings.unknown_ids == UnknownIds::Example {
        return Ok(());
    }
    for parent in &ctx.operation.role.parents {
        let id = &ctx.path[parent.index];
        let is_described = || ctx.resources.get(&parent.resource).is_some() && can_create(ctx, &parent.resource);
        if (parent.can_be_created || is_described()) && find_parent(ctx, parent, id).is_none() {
            return Err(not_found(&parent.resource, &parent.name));
        }
    }
    Ok(())
}

/// The record that a parameter of the path names as a parent: by its id, else by the field of the parameter's name, else by
/// its name.
fn find_parent(ctx: &Context<'_>, parent: &Parent, id: &str) -> Option<Arc<Record>> {
    let by_field = || {
        let mut with_key = ctx.state.store.with_key(&parent.resource, &[&parent.name], id);
        with_key.find(|record| field_names::reference(record, &parent.name) == Some(id) && ctx.is_own(record)).cloned()
    };
    let by_name = || {
        let is_inferred = is_found_by_name(ctx, &parent.resource);
        let mut named = ctx.state.store.with_key(&parent.resource, &["name"], id).filter(|_| is_inferred);
        named.find(|record| field_names::reference(record, "name") == Some(id) && ctx.is_own(record)).cloned()
    };
    ctx.owned_record(&parent.resource, id).or_else(by_field).or_else(by_name)
}

/// Whether the request creates the record that the path names and that does not exist: PUT and POST where 201 is documented,
/// PUT also where no operation creates such records otherwise.
pub(super) fn is_created_at_path(ctx: &Context<'_>, kind: &str) -> bool {
    let operation = ctx.operation;
    let may_create = match operation.method {
        Method::PUT => operation.responses.contains(201) || !operation.role.has_create,
        Method::POST => operation.responses.contains(201),
        _ => false,
    };
    may_create
        && operation.role.item.is_some()
        && !ctx.resources.documented_behaviour_only
        && find_record(ctx, kind).is_err()
}

/// Whether a list shows all records of a kind to any caller: they have no owners, and the path has no parents.
pub(super) fn lists_all(ctx: &Context<'_>, kind: &str) -> bool {
    let has_owner = ctx.state.ownership.is_declared() || ctx.resources.get(kind).and_then(Resource::owner).is_some();
    !has_owner && ctx.operation.role.parents.is_empty() && private_subject(ctx).is_none()
}

/// The records of a kind that a list can show, oldest first, with a deleted record in its place: of a list below parents, those
/// below the last one, and others.
pub(super) fn candidates<'c>(
    ctx: &'c Context<'_>,
    kind: &'c str,
    removed: Option<&'c (u64, Arc<Record>)>,
) -> Box<dyn Iterator<Item = &'c Arc<Record>> + 'c> {
    match ctx.operation.role.parents.last() {
        Some(parent) => ctx.state.store.below(kind, (&parent_key(parent), &ctx.path[parent.index]), removed),
        None => Box::new(ctx.state.store.all_and(kind, removed)),
    }
}

/// Whether a list shows a record to the caller.
pub(super) fn is_listed(ctx: &Context<'_>, record: &Record) -> bool {
    is_visible(ctx, record) && !is_unlisted(ctx, record)
}

/// Whether a record belongs to the caller and to the parents in the path.
fn is_visible(ctx: &Context<'_>, record: &Record) -> bool {
    let belongs = |parent: &Parent| {
        named_parent(record, &parent_key(parent)).is_none_or(|known| known == ctx.path[parent.index].as_str())
    };
    ctx.is_own(record) && !is_of_other_subject(ctx, record) && ctx.operation.role.parents.iter().all(belongs)
}

/// Whether the caller's kind is private and the record names another subject of that kind. A record that names an unknown
/// subject, as the contract's examples do, belongs to none.
fn is_of_other_subject(ctx: &Context<'_>, record: &Record) -> bool {
    private_subject(ctx).is_some_and(|(subject, own)| {
        let exists = |named: &str| ctx.state.store.get(&subject.kind, named).is_some();
        subject.of(record).is_some_and(|named| named != own && exists(named))
    })
}

/// Whether a record is left out of the lists of a caller whose kind is private: it names another subject, or it names a
/// record of which the caller is not the subject. An example of the contract can be read by its id, but is not listed.
///
/// Source: catalogue-sales, row client-lists-lenient-matter.
fn is_unlisted(ctx: &Context<'_>, record: &Record) -> bool {
    let Some((subject, own)) = private_subject(ctx) else { return false };
    if let Some(named) = subject.of(record) {
        return named != own;
    }
    let through = subject.through.iter().find_map(|through| {
        let named = through.fields.iter().find_map(|field| record.get(field).as_text())?;
        Some((&through.kind, named))
    });
    through.is_some_and(|(kind, named)| {
        ctx.state.store.get(kind, named).is_none_or(|record| subject.of(record) != Some(own))
    })
}

/// The subject of the caller and its id, if callers of its kind see only their own records.
fn private_subject<'c>(ctx: &'c Context<'_>) -> Option<(&'c Subject, &'c str)> {
    let mut private = ctx.state.ownership.subjects.iter().filter(|subject| subject.private);
    private.find_map(|subject| Some((subject, ctx.caller.subject_id(&subject.kind)?)))
}

/// Whether a record that no request creates exists because its owner does: the permissions of a staff member are
/// addressed by the staff member's id.
fn exists_for_owner(ctx: &Context<'_>, kind: &str, parameter: &str, id: &str) -> bool {
    let owner = ["_uid", "_id"].iter().find_map(|end| parameter.strip_suffix(end));
    owner.is_some_and(|owner| owner != kind && ctx.owned_record(owner, id).is_some()) && !can_create(ctx, kind)
}

/// Whether an operation creates records of that kind.
fn can_create(ctx: &Context<'_>, kind: &str) -> bool {
    ctx.operations_of(kind).any(|(_, operation)| operation.role.kind == RoleKind::Create)
}

/// The error for an unknown id. A parameter that is only called `uid` is reported with its kind: `cart_uid`.
fn not_found(kind: &str, parameter: &str) -> ApiError {
    let error = ApiError::not_found(&field_names::title(kind));
    match parameter {
        "uid" => error.field(format!("{kind}_uid")),
        _ => error.field(parameter),
    }
}
