//! Matters, also called conversations: `/business/clients/v1/…/matters`.
//!
//! Source: catalogue-sales, rows matters-shape, cli-create-matter, matter-unknown-422 and tags-bulk, contradiction
//! C-24.

use std::sync::Arc;

use compact_str::{CompactString, format_compact};

use crate::handlers::query::ListQuery;
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, ErrorKind, RecordView, Reply, State};

/// `GET /business/clients/v1/matters`: all matters of the business, or those of `contact_uid`, or those whose name
/// starts with `filter[advanced][start_with]`.
pub fn list(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let query = ctx.query;
    let contact = query.get("contact_uid");
    let start = query.get("filter[advanced][start_with]").unwrap_or_default().to_lowercase();
    let all = ctx.state.store.all("matter").filter(|matter| ctx.is_own(matter));
    let matching = all.filter(|matter| {
        contact.is_none_or(|contact| matter.text("client_uid") == contact)
            && matter.text("display_name").to_lowercase().starts_with(&start)
    });
    let views = matching.map(|matter| view(ctx.state, matter));
    Ok(Reply::many("matters", ListQuery::new(query, &[]).page(views)?.views))
}

/// `GET /business/clients/v1/contacts/{client_uid}/matters`.
pub fn list_of_client(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let client = ctx.owned_record("client", &ctx.path[0]);
    let client = client.ok_or_else(|| ApiError::invalid("client_uid", "This contact doesn't exist"))?;
    let views = of_client(ctx.state, &client.id).map(|matter| view(ctx.state, matter));
    Ok(Reply::many("matters", ListQuery::new(ctx.query, &[]).page(views)?.views))
}

/// `GET /business/clients/v1/matters/{uid}`.
pub fn read(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let matter = find(ctx)?;
    Ok(Reply::one("matter", view(ctx.state, &matter)))
}

/// `POST /business/clients/v1/contacts/{client_uid}/matters`: creates another matter. Its name is the value of its
/// first field, and unique for the client. Source: catalogue-sales, row matter-create-name.
pub fn create_for_client(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let client = ctx.owned_record("client", &ctx.path[0]);
    let client = client.ok_or_else(|| ApiError::not_found("Client").field("client_uid"))?;
    let fields = ctx.body_field(&["matter", "fields"]);
    let name = fields.as_array().into_iter().flatten().find_map(|field| field.get("value")?.as_str());
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| ApiError::new(ErrorKind::Missing, "Name can't be blank").field("name"))?;
    if is_taken(ctx.state, &client, name) {
        return Err(ApiError::new(ErrorKind::Conflict, "Name has already been taken").field("name"));
    }
    let tags = ctx.body_field(&["matter", "tags"]);
    let mut fields_of_matter = first_of(&client, &ctx.state.now_text()).with("fields", fields);
    fields_of_matter.set("display_name", name);
    if !tags.is_null() {
        fields_of_matter.set("tags", tags);
    }
    let id = ctx.state.ids.uid();
    let matter = ctx.insert("matter", id, fields_of_matter);
    Ok(Reply::one("matter", view(ctx.state, &matter)))
}

/// `PUT /business/clients/v1/matters/{matter_uid}/nest`: moves a matter to another client, and deletes the previous
/// client if it has no other matter. Source: catalogue-sales, row nest.
pub fn nest(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let matter = find(ctx)?;
    let client = ctx.owned_record("client", ctx.body_text("contact_uid").unwrap_or_default());
    let client =
        client.ok_or_else(|| ApiError::new(ErrorKind::Absent, "This contact doesn't exist").field("contact_uid"))?;
    let before = CompactString::from(matter.text("client_uid"));
    if before != client.id && is_taken(ctx.state, &client, matter.text("display_name")) {
        let message = "A matter with this name already exists on the destination contact";
        return Err(ApiError::invalid("matter_uid", message));
    }

    let mut moved = Record::clone(&matter);
    moved.fields.set("client_uid", &client.id);
    moved.fields.set("updated_at", ctx.state.now_text());
    ctx.state.store.put(moved);
    if of_client(ctx.state, &before).next().is_none() {
        ctx.state.store.remove("client", &before);
    }
    Ok(Reply::empty())
}

/// `GET /business/clients/v1/matters/{matter_uid}/tags`.
pub fn list_tags(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let matter = find(ctx)?;
    Ok(Reply::empty().and("tags", matter.get("tags").clone()))
}

/// `POST /business/clients/v1/matters/{matter_uid}/tags`.
pub fn add_tag(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    change_tags(ctx, true)
}

/// `DELETE /business/clients/v1/matters/{matter_uid}/tags`.
pub fn remove_tag(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    change_tags(ctx, false)
}

/// `PUT /business/clients/v1/tags`: adds all tags to all matters. Source: catalogue-sales, row tags-bulk.
pub fn add_tags(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    change_tags_of_many(ctx, true)
}

/// `DELETE /business/clients/v1/tags`.
pub fn remove_tags(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    change_tags_of_many(ctx, false)
}

fn find(ctx: &Context<'_>) -> Result<Arc<Record>, ApiError> {
    ctx.owner()?;
    let matter = ctx.owned_record("matter", &ctx.path[0]);
    matter.ok_or_else(|| ApiError::new(ErrorKind::Invalid, "This matter doesn't exist").unknown())
}

fn change_tags(ctx: &mut Context<'_>, adds: bool) -> Result<Reply, ApiError> {
    let matter = find(ctx)?;
    let tags: Vec<FieldValue> = ctx.body_text("tag").map(FieldValue::from).into_iter().collect();
    store_tags(ctx, &matter, &tags, adds);
    Ok(Reply::empty())
}

fn change_tags_of_many(ctx: &mut Context<'_>, adds: bool) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let texts = |field_path: &[&str]| -> Vec<String> {
        let list = ctx.body_field(field_path).as_array().into_iter().flatten();
        list.filter_map(|text| Some(text.as_str()?.to_owned())).collect()
    };
    let tags: Vec<FieldValue> = texts(&["tags"]).iter().map(|tag| FieldValue::from(tag.as_str())).collect();
    for uid in texts(&["matters", "uids"]) {
        if let Some(matter) = ctx.owned_record("matter", &uid) {
            store_tags(ctx, &matter, &tags, adds);
        }
    }
    Ok(Reply::empty())
}

/// Adds tags to a matter, or removes them.
fn store_tags(ctx: &mut Context<'_>, matter: &Record, tags: &[FieldValue], adds: bool) {
    let mut tags_after = matter.get("tags").as_list().to_vec();
    tags_after.retain(|tag| !tags.contains(tag));
    tags_after.extend(tags.iter().filter(|_| adds).cloned());
    let mut changed = matter.clone();
    changed.fields.set("tags", tags_after);
    changed.fields.set("updated_at", ctx.state.now_text());
    ctx.state.store.put(changed);
}

fn is_taken(state: &State, client: &Record, name: &str) -> bool {
    of_client(state, &client.id).any(|matter| matter.text("display_name") == name)
}

/// The matters of a client, oldest first. The first is the default one.
pub fn of_client<'s>(state: &'s State, client: &'s str) -> impl Iterator<Item = &'s Arc<Record>> {
    let of_client = state.store.find_by("matter", "client_uid", client).map(|(_, matter)| matter);
    of_client.filter(move |matter| matter.text("client_uid") == client && !matter.get("deleted").is_true())
}

/// The client's matter that the body names as `matter_uid`, else its default one.
pub fn requested(ctx: &Context<'_>, client: &Record) -> Option<Arc<Record>> {
    let requested = ctx.body_text("matter_uid").and_then(|id| ctx.owned_record("matter", id));
    let requested = requested.filter(|matter| matter.text("client_uid") == client.id);
    requested.or_else(|| of_client(ctx.state, &client.id).next().cloned())
}

/// Creates a matter of a client.
pub fn create(ctx: &mut Context<'_>, client: &Record) -> Arc<Record> {
    let fields = first_of(client, &ctx.state.now_text());
    let id = ctx.state.ids.uid();
    ctx.insert("matter", id, fields)
}

/// The fields of a client's first matter, which has the name and the staff of the client. Source: catalogue-sales, row
/// cli-create-matter.
pub fn first_of(client: &Record, created_at: &str) -> Fields {
    Fields::new()
        .with("business_uid", client.get("business_uid").clone())
        .with("client_uid", &client.id)
        .with("staff_uid", client.get("staff_id").clone())
        .with("display_name", full_name(client))
        .with("created_at", created_at)
        .with("updated_at", created_at)
}

/// First and last name of a client, without surrounding spaces.
pub fn full_name(client: &Record) -> CompactString {
    let name = format_compact!("{} {}", client.text("first_name"), client.text("last_name"));
    name.trim().into()
}

fn view(state: &State, matter: &Arc<Record>) -> RecordView {
    let client = state.store.get("client", matter.text("client_uid"));
    let contacts = client.map(|client| {
        let contact = Fields::new().with("uid", &client.id).with("display_name", full_name(client));
        FieldValue::from(vec![contact.into()])
    });
    let staff = matter.get("staff_uid");
    let staff = (!staff.is_null()).then(|| Fields::new().with("uid", staff.clone()));
    RecordView::of(matter).with("contacts", contacts).with("staff", staff)
}
