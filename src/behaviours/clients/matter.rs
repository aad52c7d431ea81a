//! Matters, also called conversations: `/business/clients/v1/…/matters`.
//!
//! Source: catalogue-sales, rows `matters-shape`, `cli-create-matter`, `matter-unknown-422` and `tags-bulk`;
//! contradiction C-24.

use std::sync::Arc;

use compact_str::{CompactString, format_compact};

use crate::behaviours::list;
use crate::exchange::{Exchange, Payload, Refusal, RefusalKind, View, World};
use crate::store::{Datum, Fields, Record};

/// `GET /business/clients/v1/matters`: all of the business, or those of `contact_uid`, or those whose name begins with
/// `filter[advanced][start_with]`.
pub fn list(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    exchange.business()?;
    let query = exchange.query;
    let contact = query.get("contact_uid");
    let start = query.get("filter[advanced][start_with]").unwrap_or_default().to_lowercase();
    let all = exchange.world.store.all("matter").filter(|matter| exchange.is_own(matter));
    let wanted = all.filter(|matter| {
        contact.is_none_or(|contact| matter.text("client_uid") == contact)
            && matter.text("display_name").to_lowercase().starts_with(&start)
    });
    let views = wanted.map(|matter| view(exchange.world, matter));
    Ok(Payload::many("matters", list::select(views, query, &[])))
}

/// `GET /business/clients/v1/contacts/{client_uid}/matters`.
pub fn list_of_client(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    exchange.business()?;
    let client = exchange.own("client", &exchange.path[0]);
    let client = client.ok_or_else(|| Refusal::invalid("client_uid", "This contact doesn't exist"))?;
    let views = of_client(exchange.world, &client.id).map(|matter| view(exchange.world, matter));
    Ok(Payload::many("matters", list::select(views, exchange.query, &[])))
}

/// `GET /business/clients/v1/matters/{uid}`.
pub fn read(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let matter = own(exchange)?;
    Ok(Payload::one("matter", view(exchange.world, &matter)))
}

/// `POST /business/clients/v1/contacts/{client_uid}/matters`: a further matter, called as its first field says; no two of a
/// client are called alike (row `matter-create-name`).
pub fn create_named(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    exchange.business()?;
    let client = exchange.own("client", &exchange.path[0]);
    let client = client.ok_or_else(|| Refusal::not_found("Client").field("client_uid"))?;
    let fields = exchange.sent(&["matter", "fields"]);
    let name = fields.as_array().into_iter().flatten().find_map(|field| field.get("value")?.as_str());
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refusal::new(RefusalKind::Missing, "Name can't be blank").field("name"))?;
    if is_taken(exchange.world, &client, name) {
        return Err(Refusal::new(RefusalKind::Conflict, "Name has already been taken").field("name"));
    }
    let tags = exchange.sent(&["matter", "tags"]);
    let mut made = first_of(&client, &exchange.world.now_text()).with("fields", fields);
    made.set("display_name", name);
    if !tags.is_null() {
        made.set("tags", tags);
    }
    let id = exchange.world.ids.uid();
    let matter = exchange.keep("matter", id, made);
    Ok(Payload::one("matter", view(exchange.world, &matter)))
}

/// `PUT /business/clients/v1/matters/{matter_uid}/nest`: the matter goes to another client; the one that then has none is
/// there no longer (row `nest`).
pub fn nest(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let matter = own(exchange)?;
    let client = exchange.own("client", exchange.sent_text("contact_uid").unwrap_or_default());
    let client =
        client.ok_or_else(|| Refusal::new(RefusalKind::Absent, "This contact doesn't exist").field("contact_uid"))?;
    let before = CompactString::from(matter.text("client_uid"));
    if before != client.id && is_taken(exchange.world, &client, matter.text("display_name")) {
        let message = "A matter with this name already exists on the destination contact";
        return Err(Refusal::invalid("matter_uid", message));
    }

    let mut moved = Record::clone(&matter);
    moved.fields.set("client_uid", &client.id);
    moved.fields.set("updated_at", exchange.world.now_text());
    exchange.world.store.put(moved);
    if of_client(exchange.world, &before).next().is_none() {
        exchange.world.store.remove("client", &before);
    }
    Ok(Payload::empty())
}

/// `GET /business/clients/v1/matters/{matter_uid}/tags`.
pub fn tags(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let matter = own(exchange)?;
    Ok(Payload::empty().and("tags", matter.get("tags").clone()))
}

/// `POST /business/clients/v1/matters/{matter_uid}/tags`.
pub fn tag(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    retag_one(exchange, true)
}

/// `DELETE /business/clients/v1/matters/{matter_uid}/tags`.
pub fn untag(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    retag_one(exchange, false)
}

/// `PUT /business/clients/v1/tags`: all these tags for all these matters (row `tags-bulk`).
pub fn tag_many(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    retag_many(exchange, true)
}

/// `DELETE /business/clients/v1/tags`.
pub fn untag_many(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    retag_many(exchange, false)
}

fn own(exchange: &Exchange<'_>) -> Result<Arc<Record>, Refusal> {
    exchange.business()?;
    let matter = exchange.own("matter", &exchange.path[0]);
    matter.ok_or_else(|| Refusal::new(RefusalKind::Invalid, "This matter doesn't exist").unknown())
}

fn retag_one(exchange: &mut Exchange<'_>, adds: bool) -> Result<Payload, Refusal> {
    let matter = own(exchange)?;
    let tags: Vec<Datum> = exchange.sent_text("tag").map(Datum::from).into_iter().collect();
    retag(exchange, &matter, &tags, adds);
    Ok(Payload::empty())
}

fn retag_many(exchange: &mut Exchange<'_>, adds: bool) -> Result<Payload, Refusal> {
    exchange.business()?;
    let texts = |way: &[&str]| -> Vec<String> {
        let list = exchange.sent(way).as_array().into_iter().flatten();
        list.filter_map(|text| Some(text.as_str()?.to_owned())).collect()
    };
    let tags: Vec<Datum> = texts(&["tags"]).iter().map(|tag| Datum::from(tag.as_str())).collect();
    for uid in texts(&["matters", "uids"]) {
        if let Some(matter) = exchange.own("matter", &uid) {
            retag(exchange, &matter, &tags, adds);
        }
    }
    Ok(Payload::empty())
}

/// A matter with these tags, or without them.
fn retag(exchange: &mut Exchange<'_>, matter: &Record, tags: &[Datum], adds: bool) {
    let mut kept = matter.get("tags").as_list().to_vec();
    kept.retain(|known| !tags.contains(known));
    kept.extend(tags.iter().filter(|_| adds).cloned());
    let mut changed = matter.clone();
    changed.fields.set("tags", kept);
    changed.fields.set("updated_at", exchange.world.now_text());
    exchange.world.store.put(changed);
}

fn is_taken(world: &World, client: &Record, name: &str) -> bool {
    of_client(world, &client.id).any(|matter| matter.text("display_name") == name)
}

/// The matters of a client, oldest first. The first is the default one.
pub fn of_client<'w>(world: &'w World, client: &str) -> impl Iterator<Item = &'w Arc<Record>> {
    world
        .store
        .all("matter")
        .filter(move |matter| matter.text("client_uid") == client && !matter.get("deleted").is_true())
}

/// A new matter for a client.
pub fn create(exchange: &mut Exchange<'_>, client: &Record) -> Arc<Record> {
    let fields = first_of(client, &exchange.world.now_text());
    let id = exchange.world.ids.uid();
    exchange.keep("matter", id, fields)
}

/// What a client's first matter looks like: named like the client and with the client's staff (row `cli-create-matter`).
pub fn first_of(client: &Record, created_at: &str) -> Fields {
    Fields::new()
        .with("business_uid", client.get("business_uid").clone())
        .with("client_uid", &client.id)
        .with("staff_uid", client.get("staff_id").clone())
        .with("display_name", full_name(client))
        .with("created_at", created_at)
        .with("updated_at", created_at)
}

/// First and last name, as far as they are known.
pub fn full_name(client: &Record) -> CompactString {
    let name = format_compact!("{} {}", client.text("first_name"), client.text("last_name"));
    name.trim().into()
}

fn view(world: &World, matter: &Arc<Record>) -> View {
    let client = world.store.get("client", matter.text("client_uid"));
    let contacts = client.map(|client| {
        let contact = Fields::new().with("uid", &client.id).with("display_name", full_name(client));
        Datum::from(vec![contact.into()])
    });
    let staff = matter.get("staff_uid");
    let staff = (!staff.is_null()).then(|| Fields::new().with("uid", staff.clone()));
    View::of(matter).with("contacts", contacts).with("staff", staff)
}
