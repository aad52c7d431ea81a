//! Clients: `/platform/v1/clients`. In Rust: a new client gets a signed token, and a list searches many clients quickly.
//!
//! Source: catalogue-sales, rows cli-* and client-jwt-shape, and the contract's examples.

use std::sync::Arc;

use compact_str::CompactString;
use serde_json::Value;

use super::matter;
use crate::apis::intandem::jwt::{ClientClaims, client_jwt};
use crate::handlers::query::ListQuery;
use crate::model::{FieldValue, Fields, ListOrder, Record};
use crate::request::{ApiError, Context, ErrorKind, RecordView, Reply};

/// Request fields that are stored under another name. Source: catalogue-sales, row cli-list-fields.
const STORED_AS: [(&str, &str); 7] = [
    ("phone", "mobile_phone"),
    ("status", "customer_status"),
    ("source_name", "source"),
    ("source_channel", "channel"),
    ("source_campaign", "campaign"),
    ("source_url", "source_url"),
    ("mobile_phone", "mobile_phone"),
];

/// Request fields that are stored under the same name.
const SAME_NAME: [&str; 9] = [
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

/// The clients of a business, oldest first.
pub(super) const LIST_ORDER: ListOrder =
    ListOrder { of: CompactString::const_new("business_uid"), by: CompactString::const_new("created_at") };

/// `GET /platform/v1/clients`: oldest first. `search_term` is looked up in the field that `search_by` names, else in
/// all.
pub fn list(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = ctx.owner()?;
    let query = ctx.query;
    let term = query.get("search_term").unwrap_or_default().to_lowercase();
    let (fields, by_name): (&[&str], bool) = match query.get("search_by") {
        Some("email") => (&["email"], false),
        Some("phone") => (&["mobile_phone", "normalized_phone"], false),
        Some("uid") => (&[], false),
        _ => (&["email", "mobile_phone"], true),
    };
    let matches = |client: &Record| {
        term.is_empty()
            || client.id == term
            || fields.iter().any(|field| client.text(field).to_lowercase().contains(&term))
            || (by_name && matter::full_name(client).to_lowercase().contains(&term))
    };
    let list = |skipped: usize| ctx.state.store.list("client", (&LIST_ORDER, &business), skipped);
    let query = ListQuery::new(query, &[]).without_search();
    let views = match term.is_empty() {
        true => query.views(|skipped| list(skipped).map(RecordView::of))?,
        false => query.page(list(0).filter(|client| matches(client)).map(RecordView::of))?.views,
    };
    Ok(Reply::many("clients", views))
}

/// `GET /platform/v1/clients/{client_id}`.
pub fn read(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let client = find(ctx)?;
    Ok(Reply::one("client", view(ctx, &client)))
}

/// `POST /platform/v1/clients`: creates a client, its first matter and its token. Source: catalogue-sales, rows
/// cli-create and cli-create-matter.
pub fn create(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = ctx.owner()?;
    if let Some(existing) = find_by_email(ctx) {
        if ctx.state.apply_quirk("client-email-conflict") {
            let message = "A client with this email already exists";
            return Err(ApiError::new(ErrorKind::Conflict, message).field("email"));
        }
        let token = create_token(ctx, &existing);
        return Ok(Reply::one("client", view(ctx, &existing)).and("token", token).status(200));
    }
    let staff =
        ctx.body_text("staff_id").map(Into::into).or_else(|| ctx.caller.subject("staff").cloned()).or_else(|| {
            let mut all = ctx.state.store.all("staff");
            all.find(|staff| staff.text("business_uid") == business).map(|staff| staff.id.clone())
        });
    let now = ctx.state.now_text();
    let mut fields = read_fields(ctx).with("business_uid", business).with("created_at", &now).with("updated_at", &now);
    fields.set("staff_id", staff);
    let id = ctx.state.ids.uid();
    let client = ctx.insert("client", id, fields);
    matter::create(ctx, &client);
    let token = create_token(ctx, &client);
    Ok(Reply::one("client", view(ctx, &client)).and("token", token))
}

/// `PUT /platform/v1/clients/{client_id}`: changes the fields of the request. `address` and `mobile_phone` can be
/// cleared only with `force_nullifying`; `created_at` and `updated_at` are ignored. Source: catalogue-sales, row
/// cli-update-dates.
pub fn update(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let client = find(ctx)?;
    if find_by_email(ctx).is_some_and(|other| other.id != client.id) && ctx.state.apply_quirk("client-email-conflict") {
        return Err(ApiError::invalid("email", "Email has already been taken"));
    }
    let allows_clearing = FieldValue::from(ctx.body_field(&["force_nullifying"])).is_true();
    let mut changed = Record::clone(&client);
    for (name, value) in read_fields(ctx).iter() {
        let is_empty = value.is_null() || value.as_text() == Some("");
        if !is_empty || (allows_clearing && matches!(name, "address" | "mobile_phone")) {
            changed.fields.set(name, value.clone());
        }
    }
    changed.fields.set("updated_at", ctx.state.now_text());
    let client = ctx.state.store.put(changed);
    Ok(Reply::one("client", view(ctx, &client)))
}

/// `DELETE /platform/v1/clients/{client_id}`: the client becomes inactive, gets another email and loses its matters.
/// Source: catalogue-sales, row cli-delete-email.
pub fn delete(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let client = find(ctx)?;
    let mut changed = Record::clone(&client);
    changed.fields.set("customer_status", "inactive");
    if let Some(email) = client.get("email").as_text() {
        changed.fields.set("email", format!("{email}.d{}", client.id));
    }
    changed.fields.set("updated_at", ctx.state.now_text());
    let matters: Vec<_> = matter::of_client(ctx.state, &client.id).cloned().collect();
    for matter in matters {
        let mut matter = Record::clone(&matter);
        matter.fields.set("deleted", true);
        ctx.state.store.put(matter);
    }
    let client = ctx.state.store.put(changed);
    Ok(Reply::one("client", view(ctx, &client)))
}

fn find(ctx: &Context<'_>) -> Result<Arc<Record>, ApiError> {
    ctx.owner()?;
    ctx.owned_record("client", &ctx.path[0]).ok_or_else(|| ApiError::not_found("Client").field("client_id"))
}

/// The client of the business that has the email of the request.
fn find_by_email(ctx: &Context<'_>) -> Option<Arc<Record>> {
    let email = ctx.body_text("email")?;
    let mut same = ctx.state.store.find_by("client", "email", email).map(|(_, client)| client);
    same.find(|client| ctx.is_own(client)).cloned()
}

/// The fields of the request, under the names that are stored.
fn read_fields(ctx: &Context<'_>) -> Fields {
    let mut fields = Fields::new();
    let names = SAME_NAME.iter().map(|name| (*name, *name)).chain(STORED_AS);
    for (name, stored) in names {
        if let Some(value) = ctx.body.get(name) {
            fields.set(stored, value);
        }
    }
    match ctx.body_field(&["tags"]) {
        Value::String(tags) => {
            let tags = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty());
            fields.set("tags", tags.map(FieldValue::from).collect::<Vec<_>>());
        }
        tags @ Value::Array(_) => fields.set("tags", tags),
        _ => {}
    }
    match FieldValue::from(ctx.body_field(&["opt_in"])) {
        FieldValue::Null => {}
        opt_in if opt_in.is_true() || opt_in.as_text() == Some("1") => fields.set("opt_in", "1"),
        _ => fields.set("opt_in", "0"),
    }
    fields
}

fn view(ctx: &Context<'_>, client: &Arc<Record>) -> RecordView {
    let source = Fields::new()
        .with("campaign", client.get("campaign").clone())
        .with("channel", client.get("channel").clone())
        .with("name", client.get("source").clone())
        .with("website_url", client.get("source_url").clone());
    let term = ctx.state.store.get("business", client.text("business_uid"));
    let term = term.map_or(FieldValue::Null, |business| business.get("matter_term").clone());
    let matters = matter::of_client(ctx.state, &client.id).map(|matter| {
        let fields = Fields::new().with("uid", &matter.id).with("display_name", matter.get("display_name").clone());
        FieldValue::from(fields.with("fields", matter.get("fields").clone()))
    });
    RecordView::of(client)
        .with("matters", matters.collect::<Vec<_>>())
        .with("source_data", source)
        .with("matter_term", term)
}

/// Stores a new token of a client.
fn create_token(ctx: &mut Context<'_>, client: &Record) -> String {
    let jti = format!("{:032x}{:032x}", ctx.state.ids.number(), ctx.state.ids.number());
    let business = client.text("business_uid");
    let (token, expiry) = client_jwt(&ClientClaims::created(&client.id, business, ctx.state.now(), &jti));
    let fields = Fields::new().with("kind", "client").with("business_uid", business).with("client_uid", &client.id);
    ctx.state.store.put(Record::new("token", token.as_str(), fields.with("exp", expiry)));
    token
}
