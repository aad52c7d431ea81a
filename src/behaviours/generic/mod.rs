//! The generic resource: state for every operation that has no behaviour of its own.
//!
//! What an operation does to which resource is its [`Role`](crate::contract::Role). A value of an answer is, in this
//! order: what the store knows, what the request says, what the contract's example has, what its schema allows.
//!
//! | file | what it does |
//! |---|---|
//! | `record` | a record from a request and the documented answer |
//! | `id` | ids of new records |
//! | `plant` | a record for each example of a contract |
//! | `holders` | the schemas that describe an object |
//! | `show` | a record in the place where the documented answer has one |

mod holders;
mod id;
mod plant;
mod record;
mod show;

pub use plant::plant;

use std::sync::Arc;

use compact_str::CompactString;
use serde_json::Value;

use super::list;
use crate::contract::{Role, RoleKind, Transition};
use crate::exchange::{Exchange, Refusal, UnknownIds, View, client_of};
use crate::store::Record;

/// Serves an operation from what is remembered and from its contract. `None` when it documents no body.
pub fn serve(exchange: &mut Exchange<'_>) -> Result<Option<Value>, Refusal> {
    let role = &exchange.operation.role;
    let Some(kind) = role.resource.as_deref() else { return Ok(show::sample(exchange)) };
    let is_owned = exchange.resources.get(kind).is_some_and(|resource| resource.owner().is_some());
    // Who may read of any business what is named by its id need not say of which.
    let reads_all = role.kind == RoleKind::Read && exchange.caller.sees_all();
    if is_owned && !reads_all {
        exchange.business()?;
    }
    match role.kind {
        RoleKind::List => many(exchange, kind),
        RoleKind::Create => {
            parents_exist(exchange)?;
            let made = record::create(exchange, kind, exchange.body)?;
            let made = super::follow(exchange, made);
            Ok(show::one(exchange, &made))
        }
        RoleKind::Read => {
            let found = the_one(exchange, kind)?;
            Ok(show::one(exchange, &found))
        }
        // The body is to say which, and does not.
        RoleKind::Update
            if role.item.is_none() && record::body_id(exchange.operation, exchange.body, kind).is_none() =>
        {
            Ok(show::sample(exchange))
        }
        RoleKind::Update => {
            let found = the_one(exchange, kind)?;
            let goes = passes(exchange, &found)?;
            let changed = record::update(exchange, &found, exchange.body);
            let changed = goes_on(exchange, changed, goes);
            let changed = super::follow(exchange, changed);
            Ok(show::one(exchange, &changed))
        }
        RoleKind::Delete => {
            let found = the_one(exchange, kind)?;
            if let Some(transition) = passes(exchange, &found)?
                && transition.to.is_some()
            {
                // What is deleted stays, in a state of its own.
                let changed = goes_on(exchange, found, Some(transition));
                return Ok(show::one(exchange, &changed));
            }
            record::remove(exchange, kind, &found.id);
            Ok(show::one(exchange, &found))
        }
        RoleKind::Singleton => singleton(exchange),
        RoleKind::Bulk => bulk(exchange, kind),
        RoleKind::Action if role.item.is_some() => {
            if !role.is_collection {
                return Ok(show::sample(exchange));
            }
            let found = the_one(exchange, kind)?;
            let goes = passes(exchange, &found)?;
            let changed = record::update_known(exchange, &found, exchange.body);
            let changed = goes_on(exchange, changed, goes);
            let changed = super::follow(exchange, changed);
            Ok(show::one(exchange, &changed))
        }
        RoleKind::Action | RoleKind::Report => Ok(show::sample(exchange)),
    }
}

/// The transition that an operation is for a record, if it is one.
///
/// # Errors
/// Invalid, when the record is in no state from which the operation may start.
fn passes<'e>(exchange: &Exchange<'e>, record: &Record) -> Result<Option<&'e Transition>, Refusal> {
    let Some(life) = exchange.resources.get(&record.kind).and_then(|resource| resource.life.as_ref()) else {
        return Ok(None);
    };
    let state = record.text(&life.field);
    // What is answered for an id that nobody knows has no state that could be wrong.
    let is_made_up = exchange.world.settings.unknown_ids == UnknownIds::Answer
        && exchange.world.store.get(&record.kind, &record.id).is_none();
    let rows: Vec<&Transition> = life.transitions.iter().filter(|row| row.on == exchange.operation.key).collect();
    let starts = |row: &&&Transition| is_made_up || row.from.is_empty() || row.from.iter().any(|from| from == state);
    match (rows.iter().find(starts), rows.first()) {
        (None, Some(row)) => Err(Refusal::invalid(&life.field, &row.refusal)),
        (found, _) => Ok(found.copied()),
    }
}

/// The record in the state that the transition leads to.
fn goes_on(exchange: &mut Exchange<'_>, record: Arc<Record>, transition: Option<&Transition>) -> Arc<Record> {
    let Some(transition) = transition else { return record };
    let mut changed = Record::clone(&record);
    if let (Some(to), Some(life)) =
        (&transition.to, exchange.resources.get(&record.kind).and_then(|resource| resource.life.as_ref()))
    {
        changed.fields.set(&life.field, to.as_str());
    }
    for (name, value) in transition.set.iter() {
        changed.fields.set(name, value.clone());
    }
    exchange.world.store.put(changed)
}

fn many(exchange: &mut Exchange<'_>, kind: &str) -> Result<Option<Value>, Refusal> {
    parents_exist(exchange)?;
    let seen =
        exchange.world.store.all(kind).filter(|record| is_seen(exchange, record) && !is_of_nobody(exchange, record));
    let page = list::page(seen.map(View::of), exchange.query, exchange.operation);
    Ok(show::many(exchange, &page))
}

/// Whether a record belongs to the caller, and to what the path names.
fn is_seen(exchange: &Exchange<'_>, record: &Record) -> bool {
    let belongs = |parent: &crate::contract::Parent| {
        let named = &exchange.path[parent.place];
        record::reference(record, &parent.name).is_none_or(|known| known == named.as_str())
    };
    exchange.is_own(record) && !is_anothers(exchange, record) && exchange.operation.role.parents.iter().all(belongs)
}

/// Whether a client asks for what is another client's.
fn is_anothers(exchange: &Exchange<'_>, record: &Record) -> bool {
    let Some(own) = exchange.caller.client.as_deref() else { return false };
    // The contract's examples name clients whom nobody knows, and are there for all.
    client_of(record).is_some_and(|named| named != own && exchange.world.store.get("client", named).is_some())
}

/// Whether a client's list would show what belongs to nobody they know. An example of the contract can be read by its id;
/// a client who has nothing is listed nothing (row `client-lists-lenient-matter`).
fn is_of_nobody(exchange: &Exchange<'_>, record: &Record) -> bool {
    let Some(own) = exchange.caller.client.as_deref() else { return false };
    let matter = || ["matter_uid", "conversation_id"].iter().find_map(|name| record.get(name).as_text());
    match (client_of(record), matter()) {
        (Some(client), _) => client != own,
        (None, Some(matter)) => {
            exchange.world.store.get("matter", matter).is_none_or(|matter| matter.text("client_uid") != own)
        }
        (None, None) => false,
    }
}

/// What the path says that something belongs to must be there, where anybody can know of it.
fn parents_exist(exchange: &Exchange<'_>) -> Result<(), Refusal> {
    if exchange.world.settings.unknown_ids == UnknownIds::Answer {
        return Ok(());
    }
    for parent in &exchange.operation.role.parents {
        if is_made(exchange, &parent.resource) && exchange.own(&parent.resource, &exchange.path[parent.place]).is_none()
        {
            return Err(not_found(&parent.resource, &parent.name));
        }
    }
    Ok(())
}

/// The record that the path names, or the body where the path names none.
fn the_one(exchange: &Exchange<'_>, kind: &str) -> Result<Arc<Record>, Refusal> {
    let role = &exchange.operation.role;
    let (id, name) = match role.item {
        Some(item) => (exchange.path[item].clone(), show::parameter(exchange).to_owned()),
        None => (record::body_id(exchange.operation, exchange.body, kind).unwrap_or_default(), "id".to_owned()),
    };
    let by_id = || exchange.world.store.get(kind, &id);
    // A path may name a record by another of its fields: a payout by the id that its provider gave it.
    let by_field = || exchange.world.store.all(kind).find(|record| !id.is_empty() && record.text(&name) == id);
    let found = by_id().or_else(by_field).filter(|record| is_seen(exchange, record));
    match (found, exchange.world.settings.unknown_ids) {
        (Some(found), _) => Ok(Arc::clone(found)),
        (None, _) if is_always_there(exchange, kind, &name, &id) => Ok(Arc::new(record::of_sample(exchange, kind, id))),
        (None, UnknownIds::Answer) => Ok(Arc::new(record::of_sample(exchange, kind, id))),
        (None, UnknownIds::Refuse) => Err(not_found(kind, &name)),
    }
}

/// What nobody makes and what goes by the id of something else, such as the permissions of a member of staff, is there
/// for each of these.
fn is_always_there(exchange: &Exchange<'_>, kind: &str, parameter: &str, id: &str) -> bool {
    let owner = ["_uid", "_id"].iter().find_map(|end| parameter.strip_suffix(end));
    owner.is_some_and(|owner| owner != kind && exchange.own(owner, id).is_some()) && !is_made(exchange, kind)
}

/// Whether an operation makes records of that kind.
fn is_made(exchange: &Exchange<'_>, kind: &str) -> bool {
    let makes = |role: &Role| role.kind == RoleKind::Create && role.resource.as_deref() == Some(kind);
    exchange.operations.iter().any(|operation| makes(&operation.role))
}

/// A parameter that is called `uid` and no more is named in full: `cart_uid`.
fn not_found(kind: &str, parameter: &str) -> Refusal {
    let refusal = Refusal::not_found(&words(kind));
    match parameter {
        "uid" => refusal.field(format!("{kind}_uid")),
        _ => refusal.field(parameter),
    }
}

/// `payment_request` as it begins a sentence: `Payment request`.
fn words(kind: &str) -> String {
    let mut letters = kind.replace('_', " ").chars().collect::<Vec<_>>();
    letters.iter_mut().take(1).for_each(char::make_ascii_uppercase);
    letters.into_iter().collect()
}

/// The one record of a path, for each key in it; there from the start, as documented.
fn singleton(exchange: &mut Exchange<'_>) -> Result<Option<Value>, Refusal> {
    let kind = exchange.operation.path.split('/').map(|part| if part.starts_with('{') { "*" } else { part });
    let kind = kind.collect::<Vec<_>>().join("/");
    let key = match exchange.path.is_empty() {
        true => exchange.caller.business.clone().unwrap_or_else(|| "-".into()),
        false => CompactString::from(exchange.path.join("/")),
    };
    let known = exchange.world.store.get(&kind, &key).cloned();
    let known = known.unwrap_or_else(|| Arc::new(record::of_sample(exchange, &kind, key.clone())));
    let method = &exchange.operation.method;
    if method == http::Method::DELETE {
        exchange.world.store.remove(&kind, &key);
        return Ok(show::one(exchange, &known));
    }
    let shown = if method == http::Method::GET { known } else { record::update(exchange, &known, exchange.body) };
    Ok(show::one(exchange, &shown))
}

/// Several at once: the elements of the body, or of the first list in it.
fn bulk(exchange: &mut Exchange<'_>, kind: &str) -> Result<Option<Value>, Refusal> {
    let elements = match exchange.body {
        Value::Array(list) => list.as_slice(),
        Value::Object(map) => map.values().find_map(Value::as_array).map(Vec::as_slice).unwrap_or_default(),
        _ => &[],
    };
    let mut touched = Vec::new();
    for element in elements {
        let id = match element {
            Value::Object(_) => record::body_id(exchange.operation, element, kind),
            plain => record::scalar(plain),
        };
        let known = id.and_then(|id| exchange.own(kind, &id));
        let method = &exchange.operation.method;
        match known {
            Some(known) if method == http::Method::DELETE => {
                record::remove(exchange, kind, &known.id);
                touched.push(known);
            }
            Some(known) => touched.push(record::update(exchange, &known, element)),
            None if method == http::Method::POST && element.is_object() => {
                touched.push(record::create(exchange, kind, element)?);
            }
            None => {}
        }
    }
    let page = list::Page { total: touched.len(), views: touched.iter().map(View::of).collect(), ..Default::default() };
    Ok(match page.views.is_empty() {
        true => show::sample(exchange),
        false => show::many(exchange, &page),
    })
}
