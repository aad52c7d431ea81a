//! The generic resource: state for every operation that has no behaviour of its own.
//!
//! What an operation does to which resource is its [`Role`](crate::openapi::Role). A value of an answer is, in this
//! order: what the store knows, what the request says, what the contract's example has, what its schema allows.
//!
//! | file | what it does |
//! |---|---|
//! | `record` | a record from a request and the documented answer |
//! | `id` | ids of new records |
//! | `plant` | a record for each example of a contract |
//! | `holders` | the schemas that describe an object |
//! | `show` | a record in the place where the documented answer has one |

mod id;
mod object_schemas;
mod record;
mod seed_examples;
mod show;

pub use seed_examples::seed_examples;

use std::sync::Arc;

use compact_str::CompactString;
use serde_json::Value;

use super::list;
use crate::model::{Record, Subject};
use crate::openapi::{Role, RoleKind, Transition};
use crate::request::{ApiError, Context, RecordView, UnknownIds};

/// Serves an operation from what is remembered and from its contract. `None` when it documents no body.
pub fn serve(ctx: &mut Context<'_>) -> Result<Option<Value>, ApiError> {
    let role = &ctx.operation.role;
    let Some(kind) = role.resource.as_deref() else { return Ok(show::sample(ctx)) };
    let is_owned = ctx.resources.get(kind).is_some_and(|resource| resource.owner().is_some());
    // Who may read of any business what is named by its id need not say of which.
    let reads_all = role.kind == RoleKind::Read && ctx.caller.sees_all_owners();
    if is_owned && !reads_all {
        ctx.owner()?;
    }
    match role.kind {
        RoleKind::List => many(ctx, kind),
        RoleKind::Create => {
            parents_exist(ctx)?;
            let made = record::create(ctx, kind, ctx.body)?;
            let made = after_write(ctx, made);
            Ok(show::one(ctx, &made))
        }
        RoleKind::Read => {
            let found = find_record(ctx, kind)?;
            Ok(show::one(ctx, &found))
        }
        // The body is to say which, and does not.
        RoleKind::Update if role.item.is_none() && record::body_id(ctx.operation, ctx.body, kind).is_none() => {
            Ok(show::sample(ctx))
        }
        RoleKind::Update => {
            let found = find_record(ctx, kind)?;
            let goes = find_transition(ctx, &found)?;
            let changed = record::update(ctx, &found, ctx.body);
            let changed = apply_transition(ctx, changed, goes);
            let changed = after_write(ctx, changed);
            Ok(show::one(ctx, &changed))
        }
        RoleKind::Delete => {
            let found = find_record(ctx, kind)?;
            if let Some(transition) = find_transition(ctx, &found)?
                && transition.to.is_some()
            {
                // What is deleted stays, in a state of its own.
                let changed = apply_transition(ctx, found, Some(transition));
                return Ok(show::one(ctx, &changed));
            }
            record::remove(ctx, kind, &found.id);
            Ok(show::one(ctx, &found))
        }
        RoleKind::Singleton => singleton(ctx),
        RoleKind::Bulk => bulk(ctx, kind),
        RoleKind::Action if role.item.is_some() => {
            if !role.is_collection {
                return Ok(show::sample(ctx));
            }
            let found = find_record(ctx, kind)?;
            let goes = find_transition(ctx, &found)?;
            let changed = record::update_known(ctx, &found, ctx.body);
            let changed = apply_transition(ctx, changed, goes);
            let changed = after_write(ctx, changed);
            Ok(show::one(ctx, &changed))
        }
        RoleKind::Action | RoleKind::Report => Ok(show::sample(ctx)),
    }
}

/// The transition that an operation is for a record, if it is one.
///
/// # Errors
/// Invalid, when the record is in no state from which the operation may start.
fn find_transition<'e>(ctx: &Context<'e>, record: &Record) -> Result<Option<&'e Transition>, ApiError> {
    let Some(lifecycle) = ctx.resources.get(&record.kind).and_then(|resource| resource.lifecycle.as_ref()) else {
        return Ok(None);
    };
    let state = record.text(&lifecycle.field);
    // What is answered for an id that nobody knows has no state that could be wrong.
    let is_made_up = ctx.state.settings.unknown_ids == UnknownIds::Example
        && ctx.state.store.get(&record.kind, &record.id).is_none();
    let rows: Vec<&Transition> = lifecycle.transitions.iter().filter(|row| row.on == ctx.operation.key).collect();
    let starts = |row: &&&Transition| is_made_up || row.from.is_empty() || row.from.iter().any(|from| from == state);
    match (rows.iter().find(starts), rows.first()) {
        (None, Some(row)) => Err(ApiError::invalid(&lifecycle.field, &row.error)),
        (found, _) => Ok(found.copied()),
    }
}

/// The record in the state that the transition leads to.
fn apply_transition(ctx: &mut Context<'_>, record: Arc<Record>, transition: Option<&Transition>) -> Arc<Record> {
    let Some(transition) = transition else { return record };
    let mut changed = Record::clone(&record);
    if let (Some(to), Some(lifecycle)) =
        (&transition.to, ctx.resources.get(&record.kind).and_then(|resource| resource.lifecycle.as_ref()))
    {
        changed.fields.set(&lifecycle.field, to.as_str());
    }
    for (name, value) in transition.set.iter() {
        changed.fields.set(name, value.clone());
    }
    ctx.state.store.put(changed)
}

fn many(ctx: &mut Context<'_>, kind: &str) -> Result<Option<Value>, ApiError> {
    parents_exist(ctx)?;
    let seen = ctx.state.store.all(kind).filter(|record| is_seen(ctx, record) && !is_unowned(ctx, record));
    let page = list::page(seen.map(RecordView::of), ctx.query, ctx.operation);
    Ok(show::many(ctx, &page))
}

/// Whether a record belongs to the caller, and to what the path names.
fn is_seen(ctx: &Context<'_>, record: &Record) -> bool {
    let belongs = |parent: &crate::openapi::Parent| {
        let named = &ctx.path[parent.index];
        record::reference(record, &parent.name).is_none_or(|known| known == named.as_str())
    };
    ctx.is_own(record) && !is_foreign(ctx, record) && ctx.operation.role.parents.iter().all(belongs)
}

/// Whether a record belongs to another subject than the caller, whose kind is private. A record that names an unknown
/// subject, as the contract's examples do, belongs to none.
fn is_foreign(ctx: &Context<'_>, record: &Record) -> bool {
    private_subject(ctx).is_some_and(|(subject, own)| {
        let exists = |named: &str| ctx.state.store.get(&subject.kind, named).is_some();
        subject.of(record).is_some_and(|named| named != own && exists(named))
    })
}

/// Whether a record is left out of the lists of a caller whose kind is private: it names another subject, or it names a
/// record of which the caller is not the subject. An example of the contract can be read by its id, but is not listed.
///
/// Source: catalogue-sales, row client-lists-lenient-matter.
fn is_unowned(ctx: &Context<'_>, record: &Record) -> bool {
    let Some((subject, own)) = private_subject(ctx) else { return false };
    if let Some(named) = subject.of(record) {
        return named != own;
    }
    let between = subject.through.iter().find_map(|through| {
        let named = through.fields.iter().find_map(|field| record.get(field).as_text())?;
        Some((&through.kind, named))
    });
    between.is_some_and(|(kind, named)| {
        ctx.state.store.get(kind, named).is_none_or(|record| subject.of(record) != Some(own))
    })
}

/// The subject of the caller and its id, if callers of its kind see only their own records.
fn private_subject<'c>(ctx: &'c Context<'_>) -> Option<(&'c Subject, &'c str)> {
    let private = ctx.state.ownership.subjects.iter().filter(|subject| subject.private);
    private.into_iter().find_map(|subject| Some((subject, ctx.caller.subject(&subject.kind)?.as_str())))
}

/// What the path says that something belongs to must be there, where anybody can know of it.
fn parents_exist(ctx: &Context<'_>) -> Result<(), ApiError> {
    if ctx.state.settings.unknown_ids == UnknownIds::Example {
        return Ok(());
    }
    for parent in &ctx.operation.role.parents {
        if is_made(ctx, &parent.resource) && ctx.owned_record(&parent.resource, &ctx.path[parent.index]).is_none() {
            return Err(not_found(&parent.resource, &parent.name));
        }
    }
    Ok(())
}

/// The record that the path names, or the body where the path names none.
fn find_record(ctx: &Context<'_>, kind: &str) -> Result<Arc<Record>, ApiError> {
    let role = &ctx.operation.role;
    let (id, name) = match role.item {
        Some(item) => (ctx.path[item].clone(), show::parameter(ctx).to_owned()),
        None => (record::body_id(ctx.operation, ctx.body, kind).unwrap_or_default(), "id".to_owned()),
    };
    let by_id = || ctx.state.store.get(kind, &id);
    // A path may name a record by another of its fields: a payout by the id that its provider gave it.
    let by_field = || ctx.state.store.all(kind).find(|record| !id.is_empty() && record.text(&name) == id);
    let found = by_id().or_else(by_field).filter(|record| is_seen(ctx, record));
    match (found, ctx.state.settings.unknown_ids) {
        (Some(found), _) => Ok(Arc::clone(found)),
        (None, _) if is_always_there(ctx, kind, &name, &id) => Ok(Arc::new(record::of_sample(ctx, kind, id))),
        (None, UnknownIds::Example) => Ok(Arc::new(record::of_sample(ctx, kind, id))),
        (None, UnknownIds::Refuse) => Err(not_found(kind, &name)),
    }
}

/// What nobody makes and what goes by the id of something else, such as the permissions of a member of staff, is there
/// for each of these.
fn is_always_there(ctx: &Context<'_>, kind: &str, parameter: &str, id: &str) -> bool {
    let owner = ["_uid", "_id"].iter().find_map(|end| parameter.strip_suffix(end));
    owner.is_some_and(|owner| owner != kind && ctx.owned_record(owner, id).is_some()) && !is_made(ctx, kind)
}

/// Whether an operation makes records of that kind.
fn is_made(ctx: &Context<'_>, kind: &str) -> bool {
    let makes = |role: &Role| role.kind == RoleKind::Create && role.resource.as_deref() == Some(kind);
    ctx.operations.iter().any(|operation| makes(&operation.role))
}

/// A parameter that is called `uid` and no more is named in full: `cart_uid`.
fn not_found(kind: &str, parameter: &str) -> ApiError {
    let error = ApiError::not_found(&words(kind));
    match parameter {
        "uid" => error.field(format!("{kind}_uid")),
        _ => error.field(parameter),
    }
}

/// `payment_request` as it begins a sentence: `Payment request`.
fn words(kind: &str) -> String {
    let mut letters = kind.replace('_', " ").chars().collect::<Vec<_>>();
    letters.iter_mut().take(1).for_each(char::make_ascii_uppercase);
    letters.into_iter().collect()
}

/// The one record of a path, for each key in it; there from the start, as documented.
fn singleton(ctx: &mut Context<'_>) -> Result<Option<Value>, ApiError> {
    let kind = ctx.operation.path.split('/').map(|part| if part.starts_with('{') { "*" } else { part });
    let kind = kind.collect::<Vec<_>>().join("/");
    let key = match ctx.path.is_empty() {
        true => ctx.caller.owner.clone().unwrap_or_else(|| "-".into()),
        false => CompactString::from(ctx.path.join("/")),
    };
    let known = ctx.state.store.get(&kind, &key).cloned();
    let known = known.unwrap_or_else(|| Arc::new(record::of_sample(ctx, &kind, key.clone())));
    let method = &ctx.operation.method;
    if method == http::Method::DELETE {
        ctx.state.store.remove(&kind, &key);
        return Ok(show::one(ctx, &known));
    }
    let shown = if method == http::Method::GET { known } else { record::update(ctx, &known, ctx.body) };
    Ok(show::one(ctx, &shown))
}

/// Several at once: the elements of the body, or of the first list in it.
fn bulk(ctx: &mut Context<'_>, kind: &str) -> Result<Option<Value>, ApiError> {
    let elements = match ctx.body {
        Value::Array(list) => list.as_slice(),
        Value::Object(map) => map.values().find_map(Value::as_array).map(Vec::as_slice).unwrap_or_default(),
        _ => &[],
    };
    let mut touched = Vec::new();
    for element in elements {
        let id = match element {
            Value::Object(_) => record::body_id(ctx.operation, element, kind),
            plain => record::scalar(plain),
        };
        let known = id.and_then(|id| ctx.owned_record(kind, &id));
        let method = &ctx.operation.method;
        match known {
            Some(known) if method == http::Method::DELETE => {
                record::remove(ctx, kind, &known.id);
                touched.push(known);
            }
            Some(known) => touched.push(record::update(ctx, &known, element)),
            None if method == http::Method::POST && element.is_object() => {
                touched.push(record::create(ctx, kind, element)?);
            }
            None => {}
        }
    }
    let page =
        list::Page { total: touched.len(), views: touched.iter().map(RecordView::of).collect(), ..Default::default() };
    Ok(match page.views.is_empty() {
        true => show::sample(ctx),
        false => show::many(ctx, &page),
    })
}

/// Runs what the API has registered for the operation after a record was created or changed.
fn after_write(ctx: &mut Context<'_>, record: Arc<Record>) -> Arc<Record> {
    match ctx.after_write {
        Some(function) => function(ctx, &record),
        None => record,
    }
}
