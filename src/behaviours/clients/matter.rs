//! Matters, also called conversations: `/business/clients/v1/…/matters`.
//!
//! Facts: rows `matters-shape`, `cli-create-matter`, `matter-unknown-422` and contradiction C-24 of the sales and
//! clients catalogue.

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
    exchange.business()?;
    let matter = exchange.own("matter", &exchange.path[0]);
    let matter = matter.ok_or_else(|| Refusal::new(RefusalKind::Invalid, "This matter doesn't exist"))?;
    Ok(Payload::one("matter", view(exchange.world, &matter)))
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
