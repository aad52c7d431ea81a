//! Clients: `/platform/v1/clients`.
//!
//! Source: catalogue-sales, rows `cli-*` and `client-jwt-shape`, and the contract's examples.

use std::sync::Arc;

use serde_json::Value;

use super::matter;
use crate::behaviours::list;
use crate::exchange::{Exchange, Payload, Refusal, RefusalKind, View};
use crate::gateway::{ClientClaims, client_jwt};
use crate::store::{Datum, Fields, Record};

/// What is sent under one name and kept under another (row `cli-list-fields`).
const RENAMED: [(&str, &str); 7] = [
    ("phone", "mobile_phone"),
    ("status", "customer_status"),
    ("source_name", "source"),
    ("source_channel", "channel"),
    ("source_campaign", "campaign"),
    ("source_url", "source_url"),
    ("mobile_phone", "mobile_phone"),
];

/// What is sent and kept under the same name.
const KEPT: [&str; 9] = [
    "first_name",
    "last_name",
    "email",
    "address",
    "custom_field1",
    "custom_field2",
    "custom_field3",
    "spam",
    "staff_id",
];

/// `GET /platform/v1/clients`: oldest first; `search_term` looks where `search_by` says, else everywhere.
pub fn list(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    exchange.business()?;
    let query = exchange.query;
    let term = query.get("search_term").unwrap_or_default().to_lowercase();
    let (fields, by_name): (&[&str], bool) = match query.get("search_by") {
        Some("email") => (&["email"], false),
        Some("phone") => (&["mobile_phone", "normalized_phone"], false),
        Some("uid") => (&[], false),
        _ => (&["email", "mobile_phone"], true),
    };
    let found = |client: &Record| {
        term.is_empty()
            || client.id == term
            || fields.iter().any(|field| client.text(field).to_lowercase().contains(&term))
            || (by_name && matter::full_name(client).to_lowercase().contains(&term))
    };
    let all = exchange.world.store.all("client");
    let mut clients: Vec<_> = all.filter(|client| exchange.is_own(client) && found(client)).collect();
    clients.sort_by(|a, b| a.text("created_at").cmp(b.text("created_at")));
    Ok(Payload::many("clients", list::select(clients.into_iter().map(View::of), query, &[])))
}

/// `GET /platform/v1/clients/{client_id}`.
pub fn read(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let client = own(exchange)?;
    Ok(Payload::one("client", view(exchange, &client)))
}

/// `POST /platform/v1/clients`: the client, its first matter, and a token for it (rows `cli-create`, `cli-create-matter`).
pub fn create(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let business = exchange.business()?;
    if let Some(known) = with_email(exchange) {
        if exchange.world.quirk("client-email-conflict") {
            let message = "A client with this email already exists";
            return Err(Refusal::new(RefusalKind::Conflict, message).field("email"));
        }
        let token = token(exchange, &known);
        return Ok(Payload::one("client", view(exchange, &known)).and("token", token).status(200));
    }
    let staff =
        exchange.sent_text("staff_id").map(Into::into).or_else(|| exchange.caller.staff.clone()).or_else(|| {
            let mut all = exchange.world.store.all("staff");
            all.find(|staff| staff.text("business_uid") == business).map(|staff| staff.id.clone())
        });
    let now = exchange.world.now_text();
    let mut fields = sent(exchange).with("business_uid", business).with("created_at", &now).with("updated_at", &now);
    fields.set("staff_id", staff);
    let id = exchange.world.ids.uid();
    let client = exchange.keep("client", id, fields);
    matter::create(exchange, &client);
    let token = token(exchange, &client);
    Ok(Payload::one("client", view(exchange, &client)).and("token", token))
}

/// `PUT /platform/v1/clients/{client_id}`: what is sent replaces what was known; `address` and `mobile_phone` can
/// be cleared only with `force_nullifying`, `created_at` and `updated_at` are not taken (row `cli-update-dates`).
pub fn update(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let client = own(exchange)?;
    if with_email(exchange).is_some_and(|other| other.id != client.id) && exchange.world.quirk("client-email-conflict")
    {
        return Err(Refusal::invalid("email", "Email has already been taken"));
    }
    let clears = Datum::from(exchange.sent(&["force_nullifying"])).is_true();
    let mut changed = Record::clone(&client);
    for (name, value) in sent(exchange).iter() {
        let empty = value.is_null() || value.as_text() == Some("");
        if !empty || (clears && matches!(name, "address" | "mobile_phone")) {
            changed.fields.set(name, value.clone());
        }
    }
    changed.fields.set("updated_at", exchange.world.now_text());
    let client = exchange.world.store.put(changed);
    Ok(Payload::one("client", view(exchange, &client)))
}

/// `DELETE /platform/v1/clients/{client_id}`: the client stays, inactive, under another email and without matters (row
/// `cli-delete-email`).
pub fn delete(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let client = own(exchange)?;
    let mut changed = Record::clone(&client);
    changed.fields.set("customer_status", "inactive");
    if let Some(email) = client.get("email").as_text() {
        changed.fields.set("email", format!("{email}.d{}", client.id));
    }
    changed.fields.set("updated_at", exchange.world.now_text());
    let matters: Vec<_> = matter::of_client(exchange.world, &client.id).cloned().collect();
    for matter in matters {
        let mut matter = Record::clone(&matter);
        matter.fields.set("deleted", true);
        exchange.world.store.put(matter);
    }
    let client = exchange.world.store.put(changed);
    Ok(Payload::one("client", view(exchange, &client)))
}

fn own(exchange: &Exchange<'_>) -> Result<Arc<Record>, Refusal> {
    exchange.business()?;
    exchange.own("client", &exchange.path[0]).ok_or_else(|| Refusal::not_found("Client").field("client_id"))
}

/// The client of the business that has the email of the body already.
fn with_email(exchange: &Exchange<'_>) -> Option<Arc<Record>> {
    let email = exchange.sent_text("email")?;
    let same = |client: &&Arc<Record>| exchange.is_own(client) && client.text("email").eq_ignore_ascii_case(email);
    exchange.world.store.all("client").find(same).cloned()
}

/// What the body says about a client, under the names that are kept.
fn sent(exchange: &Exchange<'_>) -> Fields {
    let mut fields = Fields::new();
    let names = KEPT.iter().map(|name| (*name, *name)).chain(RENAMED);
    for (name, kept) in names {
        if let Some(value) = exchange.body.get(name) {
            fields.set(kept, value);
        }
    }
    match exchange.sent(&["tags"]) {
        Value::String(tags) => {
            let tags = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty());
            fields.set("tags", tags.map(Datum::from).collect::<Vec<_>>());
        }
        tags @ Value::Array(_) => fields.set("tags", tags),
        _ => {}
    }
    match Datum::from(exchange.sent(&["opt_in"])) {
        Datum::Null => {}
        opt_in if opt_in.is_true() || opt_in.as_text() == Some("1") => fields.set("opt_in", "1"),
        _ => fields.set("opt_in", "0"),
    }
    fields
}

fn view(exchange: &Exchange<'_>, client: &Arc<Record>) -> View {
    let source = Fields::new()
        .with("campaign", client.get("campaign").clone())
        .with("channel", client.get("channel").clone())
        .with("name", client.get("source").clone())
        .with("website_url", client.get("source_url").clone());
    let term = exchange.world.store.get("business", client.text("business_uid"));
    let term = term.map_or(Datum::Null, |business| business.get("matter_term").clone());
    let matters = matter::of_client(exchange.world, &client.id).map(|matter| {
        let fields = Fields::new().with("uid", &matter.id).with("display_name", matter.get("display_name").clone());
        Datum::from(fields.with("fields", matter.get("fields").clone()))
    });
    View::of(client).with("matters", matters.collect::<Vec<_>>()).with("source_data", source).with("matter_term", term)
}

/// A token for a client, from now on good for calls of that client.
fn token(exchange: &mut Exchange<'_>, client: &Record) -> String {
    let jti = format!("{:032x}{:032x}", exchange.world.ids.number(), exchange.world.ids.number());
    let business = client.text("business_uid");
    let (token, expiry) = client_jwt(&ClientClaims::created(&client.id, business, exchange.world.now(), &jti));
    let fields = Fields::new().with("kind", "client").with("business_uid", business).with("client_uid", &client.id);
    exchange.world.store.put(Record {
        kind: "token".into(),
        id: token.as_str().into(),
        fields: fields.with("exp", expiry),
    });
    token
}
