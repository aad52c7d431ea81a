//! Responses with records in place of those of the contract's example.

use serde_json::Value;

use super::example::record_path;
use super::object_schemas::ObjectSchemas;
use super::page_counts::PageCounts;
use super::page_links::PageLinks;
use super::render::Renderer;
use crate::handlers::query::Page;
use crate::model::{Ownership, Record};
use crate::openapi::generate::repair;
use crate::openapi::random::stream;
use crate::openapi::{MediaSpec, PARENT_FIELD, RecordPath, RoleKind};
use crate::request::Context;

/// The contract's example of the response, with the id and the name of the caller's owner.
pub(super) fn example(ctx: &Context<'_>) -> Option<Value> {
    let mut example = ctx.operation.success_response()?.sample().cloned()?;
    let ownership = &ctx.state.ownership;
    if let Some(owner) = ctx.caller.owner.as_deref().and_then(|id| ownership.owner(&ctx.state.store, id)) {
        set_owner(&mut example, ownership, owner);
    }
    Some(example)
}

/// The contract's example of the response, with what the request has sent in place of its fields.
pub(super) fn echo(ctx: &Context<'_>) -> Option<Value> {
    let example = self::example(ctx);
    let sent = ctx.body.as_object().filter(|_| !ctx.resources.documented_behaviour_only);
    let (Some(sent), Some((media, sample, path))) = (sent, record_path(ctx)) else { return example };
    let schemas = media.schema.as_ref().map(|schema| ObjectSchemas::at(schema, path.names()));
    let mut record = path.of(example.as_ref()?).as_object()?.clone();
    for (name, value) in sent {
        let is_shown =
            schemas.as_ref().is_some_and(|schemas| schemas.part(name).is_some()) || record.contains_key(name);
        if is_shown {
            record.insert(name.clone(), value.clone());
        }
    }
    let shown = if path.is_list { vec![path.wrapped(sample, record.into(), "")].into() } else { record.into() };
    Some(insert(media, sample, path, shown))
}

/// Puts the id and the shown fields of an owner into an example, wherever it names an owner.
fn set_owner(shown: &mut Value, ownership: &Ownership, owner: &Record) {
    match shown {
        Value::Object(map) => {
            for (name, value) in map {
                let field = ownership.shown.iter().find(|(field, _)| field == name).map(|(_, of_owner)| of_owner);
                match (value, field) {
                    (Value::String(id), _) if ownership.is_field(name) => *id = owner.id.to_string(),
                    (Value::String(text), Some(field)) => *text = owner.text(field).to_owned(),
                    (below, _) => set_owner(below, ownership, owner),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|below| set_owner(below, ownership, owner)),
        _ => {}
    }
}

/// A response with one record.
pub(super) fn one(ctx: &Context<'_>, record: &Record) -> Option<Value> {
    let Some((media, example, path)) = record_path(ctx) else {
        return if is_undocumented(ctx) { Some(undocumented(record)) } else { self::example(ctx) };
    };
    let shown = Renderer::new(ctx, media, path, example).render(record);
    let shown = if path.is_list { vec![path.wrapped(example, shown, &record.id)].into() } else { shown };
    Some(insert(media, example, path, shown))
}

/// A response with a page of records.
pub(super) fn many(ctx: &Context<'_>, page: &Page) -> Option<Value> {
    let Some((media, example, path)) = record_path(ctx) else {
        let records = || page.views.iter().map(|view| undocumented(view.record())).collect();
        return if is_undocumented(ctx) { Some(records()) } else { self::example(ctx) };
    };
    let renderer = Renderer::new(ctx, media, path, example);
    let rendered = page.views.iter().map(|view| path.wrapped(example, renderer.render(view.record()), view.id()));
    let records: Vec<Value> = rendered.collect();
    let is_list = ctx.operation.role.kind == RoleKind::List;
    if is_list && !path.is_list && path.field_path.is_empty() {
        // The contract documents one record where it has a list.
        return Some(Value::Array(records));
    }
    let shown = if path.is_list || is_list { Value::Array(records) } else { records.into_iter().next()? };
    let mut response = insert(media, example, path, shown);
    // Totals and page numbers may be in every object around the list.
    let counts = PageCounts::new(ctx, page);
    let around = path.field_path.split_last().map_or(&[][..], |(_, around)| around);
    for depth in 0..=around.len() {
        if let Some(Value::Object(map)) =
            around[..depth].iter().try_fold(&mut response, |value, name| value.get_mut(name))
        {
            counts.set(map);
        }
    }
    PageLinks::new(ctx, page).set(media, around, &mut response);
    Some(response)
}

/// Whether the response to reading or listing records has no documented body, although its status may have one.
fn is_undocumented(ctx: &Context<'_>) -> bool {
    let reads = matches!(ctx.operation.role.kind, RoleKind::Read | RoleKind::List);
    let media = ctx.operation.success_response().and_then(|response| response.first());
    reads && media.is_none() && ctx.operation.success() == 200 && !ctx.resources.documented_behaviour_only
}

/// A record whose form no contract documents: its id and its fields.
fn undocumented(record: &Record) -> Value {
    let id = std::iter::once(("id".to_owned(), Value::from(record.id.as_str())));
    let own = record.fields.iter().filter(|(name, _)| *name != "id" && !name.ends_with(PARENT_FIELD));
    let fields = own.map(|(name, value)| (name.to_owned(), serde_json::to_value(value).unwrap_or_default()));
    Value::Object(id.chain(fields).collect())
}

/// The example of the response with `shown` in place of its record, corrected to its schema.
fn insert(media: &MediaSpec, example: &Value, path: &RecordPath, shown: Value) -> Value {
    let response = if path.field_path.is_empty() {
        shown
    } else {
        let mut response = example.clone();
        if let Some(slot) = path.location(&mut response) {
            *slot = shown;
        }
        response
    };
    match &media.schema {
        Some(schema) => repair(schema, response, &mut stream(0, "shown")),
        None => response,
    }
}
