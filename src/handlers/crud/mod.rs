//! The CRUD handler: serves every operation that has no handler of its own, from the store and the contract.
//!
//! The [`Role`](crate::openapi::Role) of an operation says what it does to which kind of record. A value of a response
//! comes from the store, then the request, then the contract's example, then its schema.
//!
//! | file | what it does |
//! |---|---|
//! | `field_names` | matches names that the API writes in several ways (`client_uid`, `clientId`) |
//! | `body` | finds the fields and the id in a request body |
//! | `example` | finds the record in the contract's example of a response |
//! | `lookup` | finds the record that a request addresses, and checks that its parents exist |
//! | `lifecycle` | checks and applies transitions |
//! | `behaviour` | runs computed fields, rules and effects of resources files |
//! | `keys` | the names of the fields by which paths address records |
//! | `chosen_id`, `new_id`, `create`, `query_fields`, `defaults`, `timestamps` | make a new record |
//! | `own_links` | sets the links of a new record to itself |
//! | `update`, `json_patch` | change and delete records |
//! | `embedded` | shows lists and records inside a record in the form of the contract |
//! | `bulk`, `singleton` | operations on several records, and on the one record of a path |
//! | `object_schemas` | the schemas that describe one object |
//! | `render`, `respond` | write records in the form of the contract's example |
//! | `page_counts` | sets the numbers of records and pages |
//! | `page_links` | sets the links and tokens of other pages |
//! | `seed_examples` | stores the contract's examples as records |

mod behaviour;
mod body;
mod bulk;
mod chosen_id;
mod create;
mod defaults;
mod embedded;
mod example;
mod field_names;
mod json_patch;
mod keys;
mod lifecycle;
mod lookup;
mod new_id;
mod object_schemas;
mod own_links;
mod page_counts;
mod page_links;
mod query_fields;
mod render;
mod respond;
mod seed_examples;
mod singleton;
mod timestamps;
mod update;

pub use keys::key_names;
pub use new_id::id_form;
pub(crate) use render::{Missing, overlay};
pub use seed_examples::seed_examples;

use std::sync::Arc;

use http::HeaderValue;
use http::header::LINK;
use serde_json::Value;

use self::page_counts::PageCounts;
use self::page_links::PageLinks;
use super::query::{ListQuery, Page};
use crate::model::{Record, SortOrder};
use crate::openapi::RoleKind;
use crate::request::{ApiError, Context, RecordView};

/// Serves an operation from the store and its contract. `None` when the contract documents no body.
///
/// # Errors
/// Not found, unauthorized, invalid or conflict, as the record and its lifecycle require.
pub fn serve(ctx: &mut Context<'_>) -> Result<Option<Value>, ApiError> {
    let role = &ctx.operation.role;
    let Some(kind) = role.resource.as_deref() else { return Ok(respond::echo(ctx)) };
    let reads = matches!(role.kind, RoleKind::List | RoleKind::Read);
    if reads || !(ctx.resources.has_consequences(kind) || ctx.after_procedure.is_some()) {
        return serve_kind(ctx, kind);
    }
    // A rule, an effect or a step may reject the request after its first write.
    let mark = ctx.state.mark();
    let result = serve_kind(ctx, kind);
    if result.is_err() {
        ctx.state.undo(mark);
    }
    result
}

fn serve_kind(ctx: &mut Context<'_>, kind: &str) -> Result<Option<Value>, ApiError> {
    let role = &ctx.operation.role;
    let is_owned = ctx.resources.get(kind).is_some_and(|resource| resource.owner().is_some());
    // Callers that may read the records of all owners need not name one.
    let reads_all = role.kind == RoleKind::Read && ctx.caller.sees_all_owners();
    if is_owned && !reads_all {
        ctx.owner()?;
    }
    match role.kind {
        RoleKind::List => list(ctx, kind),
        RoleKind::Create => match body::elements(ctx.operation, ctx.body, kind) {
            Some(elements) => create_all(ctx, kind, elements),
            None => create_one(ctx, kind),
        },
        RoleKind::Read => {
            let found = lookup::find_record(ctx, kind)?;
            one(ctx, &found)
        }
        // The body must name the record and does not.
        RoleKind::Update if role.item.is_none() && body::id(ctx.operation, ctx.body, kind).is_none() => {
            Ok(respond::example(ctx))
        }
        RoleKind::Update if lookup::is_created_at_path(ctx, kind) => create_one(ctx, kind),
        RoleKind::Update => change(ctx, kind, update::update),
        RoleKind::Delete => delete(ctx, kind),
        RoleKind::Singleton => singleton::serve(ctx),
        RoleKind::Bulk => bulk::serve(ctx, kind),
        RoleKind::Action if role.item.is_some() && role.is_collection => change(ctx, kind, update::update_known),
        RoleKind::Action | RoleKind::Report => Ok(respond::echo(ctx)),
    }
}

/// A response with one record.
fn one(ctx: &mut Context<'_>, record: &Arc<Record>) -> Result<Option<Value>, ApiError> {
    let shown = behaviour::shown(ctx, record)?;
    Ok(respond::one(ctx, &shown))
}

fn create_one(ctx: &mut Context<'_>, kind: &str) -> Result<Option<Value>, ApiError> {
    lookup::check_parents(ctx)?;
    let created = create::create(ctx, kind, ctx.body)?;
    let created = created.finish(ctx)?;
    ctx.created = Some(Arc::clone(&created));
    one(ctx, &created)
}

/// Creates a record for each element of the body.
fn create_all(ctx: &mut Context<'_>, kind: &str, elements: &[Value]) -> Result<Option<Value>, ApiError> {
    lookup::check_parents(ctx)?;
    let mut created = Vec::with_capacity(elements.len());
    for element in elements {
        created.push(create::create(ctx, kind, element)?.finish(ctx)?);
    }
    let views = behaviour::views(ctx, &created)?;
    Ok(respond::many(ctx, &Page { total: views.len(), views, ..Page::default() }))
}

fn list(ctx: &mut Context<'_>, kind: &str) -> Result<Option<Value>, ApiError> {
    lookup::check_parents(ctx)?;
    let documented = example::record_path(ctx);
    let query = match ctx.resources.documented_behaviour_only {
        true => ListQuery::declared(ctx.query, ctx.operation),
        false => {
            let example = documented.as_ref().map(|(_, example, path)| path.of(example));
            ListQuery::inferred(ctx.query, ctx.operation, example)
        }
    };
    let body = body::search(ctx);
    let query = match &body {
        Some(body) => query.searched(body),
        None => query,
    };
    // A page may begin after a record that was deleted in the meantime.
    let removed = query.cursor().and_then(|id| ctx.state.store.removed(kind, id)).cloned();
    let removed_id = removed.as_ref().map(|(_, record)| record.id.as_str());
    let page = if query.is_whole() && lookup::lists_all(ctx, kind) {
        whole_page(ctx, kind, &query, removed.as_ref())?
    } else if let Some(order) = query.sole_order().filter(|_| removed.is_none() && has_store_order(ctx, kind)) {
        sorted_page(ctx, kind, &query, order)?
    } else {
        let listed = lookup::candidates(ctx, kind, removed.as_ref());
        let listed = listed.filter(|record| lookup::is_listed(ctx, record));
        if ctx.resources.shows_stored(kind) {
            query.page_after(listed.map(RecordView::of), removed_id)?
        } else {
            let listed: Vec<_> = listed.cloned().collect();
            query.page_after(behaviour::views(ctx, &listed)?.into_iter(), removed_id)?
        }
    };
    if let Some(response) = ctx.operation.success_response().filter(|_| !ctx.resources.documented_behaviour_only) {
        let links = response.header(&LINK).and_then(|_| PageLinks::new(ctx, &page).header());
        let counts = PageCounts::new(ctx, &page).headers(response);
        ctx.headers.extend(links.and_then(|links| HeaderValue::from_str(&links).ok()).map(|links| (LINK, links)));
        ctx.headers.extend(counts);
    }
    Ok(respond::many(ctx, &page))
}

/// A page of all records of a kind in the order of the store. Only the records on the page are visited.
fn whole_page(
    ctx: &mut Context<'_>,
    kind: &str,
    query: &ListQuery<'_>,
    removed: Option<&(u64, Arc<Record>)>,
) -> Result<Page, ApiError> {
    let store = &ctx.state.store;
    let total = store.count(kind);
    let (skipped, size) = match removed {
        // The page begins at the place of the removed record.
        Some((place, _)) => (store.count_before(kind, *place), query.range(total, |_| None).1),
        None => query.range(total, |id| store.index_of(kind, id)),
    };
    let records: Vec<_> = store.from_index(kind, skipped).take(size).cloned().collect();
    query.page_of(behaviour::views(ctx, &records)?, total, skipped)
}

/// Whether lists of a kind are the records of the store with the values that are stored.
fn has_store_order(ctx: &Context<'_>, kind: &str) -> bool {
    lookup::lists_all(ctx, kind) && ctx.resources.shows_stored(kind)
}

/// A page of all records of a kind, sorted by one field.
fn sorted_page(ctx: &Context<'_>, kind: &str, query: &ListQuery<'_>, order: SortOrder<'_>) -> Result<Page, ApiError> {
    let store = &ctx.state.store;
    let (total, sorted) = (store.count(kind), store.sorted(kind, order));
    let (skipped, size) = query.range(total, |id| sorted.index_of(id));
    let views = sorted.from_index(skipped).take(size).map(RecordView::of).collect();
    query.page_of(views, total, skipped)
}

/// Changes the addressed record with `write`, and applies the transition of the operation if it is one.
fn change(
    ctx: &mut Context<'_>,
    kind: &str,
    write: fn(&mut Context<'_>, &Record, &Value) -> Result<Arc<Record>, ApiError>,
) -> Result<Option<Value>, ApiError> {
    let found = lookup::find_record(ctx, kind)?;
    let transition = lifecycle::find_transition(ctx, &found)?;
    let changed = write(ctx, &found, ctx.body)?;
    let changed = lifecycle::apply_transition(ctx, changed, transition)?;
    let changed = behaviour::after_write(ctx, Some(found), changed)?;
    one(ctx, &changed)
}

fn delete(ctx: &mut Context<'_>, kind: &str) -> Result<Option<Value>, ApiError> {
    let found = lookup::find_record(ctx, kind)?;
    if let Some(transition) = lifecycle::find_transition(ctx, &found)?
        && transition.to.is_some()
    {
        // Where deleting is a transition, the record stays in the store in its new state.
        let changed = lifecycle::apply_transition(ctx, Arc::clone(&found), Some(transition))?;
        let operation = ctx.operation;
        let changed = behaviour::runner(ctx).record_written(Some(found), changed, Some(&operation.key))?;
        return one(ctx, &changed);
    }
    let shown = behaviour::shown(ctx, &found)?;
    behaviour::delete(ctx, &found)?;
    Ok(respond::one(ctx, &shown))
}
