//! Responses with records in place of those of the contract's example.

use serde_json::{Map, Value};

use super::example::record_path;
use super::render::Renderer;
use crate::handlers::query::Page;
use crate::model::Record;
use crate::openapi::fit::fit;
use crate::openapi::generate::{snake, stream};
use crate::openapi::{MediaSpec, RecordPath};
use crate::request::Context;

/// The contract's example of the response, with the id and the name of the caller's business.
pub(super) fn example(ctx: &Context<'_>) -> Option<Value> {
    let mut example = ctx.operation.success_response()?.sample().cloned()?;
    let business = ctx.caller.business.as_deref().and_then(|id| ctx.state.store.get("business", id));
    if let Some(business) = business {
        set_business(&mut example, business);
    }
    Some(example)
}

fn set_business(shown: &mut Value, business: &Record) {
    match shown {
        Value::Object(map) => {
            for (name, value) in map {
                match (name.as_str(), value) {
                    ("business_uid" | "business_id", Value::String(id)) => *id = business.id.to_string(),
                    ("business_name", Value::String(shown)) => *shown = business.text("name").to_owned(),
                    (_, below) => set_business(below, business),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|below| set_business(below, business)),
        _ => {}
    }
}

/// A response with one record.
pub(super) fn one(ctx: &Context<'_>, record: &Record) -> Option<Value> {
    let Some((media, example, path)) = record_path(ctx) else { return self::example(ctx) };
    let shown = Renderer::new(ctx, media, &path, example).render(record);
    let shown = if path.is_list { Value::Array(vec![shown]) } else { shown };
    Some(insert(media, example, &path, shown))
}

/// A response with a page of records.
pub(super) fn many(ctx: &Context<'_>, page: &Page) -> Option<Value> {
    let Some((media, example, path)) = record_path(ctx) else { return self::example(ctx) };
    let renderer = Renderer::new(ctx, media, &path, example);
    let records: Vec<Value> = page.views.iter().map(|view| renderer.render(view.record())).collect();
    let shown = if path.is_list { Value::Array(records) } else { records.into_iter().next()? };
    let mut response = insert(media, example, &path, shown);
    // Totals and page numbers may be in every object around the list.
    let around = path.field_path.split_last().map_or(&[][..], |(_, around)| around);
    for depth in 0..=around.len() {
        if let Some(Value::Object(map)) =
            around[..depth].iter().try_fold(&mut response, |value, name| value.get_mut(name))
        {
            set_counts(map, page);
        }
    }
    Some(response)
}

fn set_counts(map: &mut Map<String, Value>, page: &Page) {
    for (name, value) in map {
        let count = match (snake(name).as_str(), &value) {
            ("total" | "total_count" | "total_items" | "total_results" | "count", Value::Number(_)) => {
                page.total.into()
            }
            ("page" | "current_page" | "page_number", Value::Number(_)) => page.number.into(),
            ("per_page" | "page_size" | "limit", Value::Number(_)) => page.size.into(),
            ("offset" | "skip", Value::Number(_)) => page.skipped.into(),
            ("total_pages" | "pages" | "page_count", Value::Number(_)) => page.total.div_ceil(page.size.max(1)).into(),
            ("has_more" | "has_next" | "has_next_page", Value::Bool(_)) => {
                (page.skipped + page.views.len() < page.total).into()
            }
            ("meta" | "pagination" | "paging", _) => {
                if let Value::Object(below) = value {
                    set_counts(below, page);
                }
                continue;
            }
            _ => continue,
        };
        *value = count;
    }
}

/// The example of the response with `shown` in place of its record, corrected to its schema.
fn insert(media: &MediaSpec, example: &Value, path: &RecordPath, shown: Value) -> Value {
    let mut response = example.clone();
    if let Some(slot) = path.location(&mut response) {
        *slot = shown;
    }
    match &media.schema {
        Some(schema) => fit(schema, response, &mut stream(0, "shown")),
        None => response,
    }
}
