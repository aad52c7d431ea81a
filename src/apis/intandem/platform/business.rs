//! In Rust: a response is laid over the example of the contract.
//!
//! Businesses and their administrators: `/platform/v1/businesses`.
//!
//! Source: catalogue-platform, rows se-business-create-cascade, val-double-wrapped and val-biz-search-filter.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::handlers::{Missing, overlay};
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, Reply};

/// `GET /platform/v1/businesses`: UIDs of the businesses of a directory, filtered by the email of the administrator or
/// by an id of the directory.
pub fn find(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let parameter = |name: &str| ctx.query.get(name).filter(|text| !text.is_empty());
    let caller = ctx.caller;
    let is_seen = |business: &&Arc<Record>| match (caller.owner.as_deref(), caller.subject_id("directory")) {
        (Some(business_uid), _) => business.id == business_uid,
        (None, Some(directory)) => business.text("directory_uid") == directory,
        (None, None) => true,
    };
    let matches = |business: &&Arc<Record>| {
        let is = |name: &str, known: &dyn Fn(&str) -> bool| parameter(name).is_none_or(known);
        is("email", &|email| administrator(ctx, &business.id).is_some_and(|admin| admin.text("email") == email))
            && is("external_id", &|id| business.text("external_id") == id)
            && is("external_reference_id", &|id| {
                business.get("meta").get("external_reference_id").as_text() == Some(id)
            })
    };
    let found = ctx.state.store.all("business").filter(is_seen).filter(matches);
    let found: Vec<FieldValue> = found.map(|business| FieldValue::from(&business.id)).collect();
    Ok(Reply::empty().and("businesses", found))
}

/// `GET /platform/v1/businesses/{business_uid}`.
pub fn read(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = find_addressed(ctx)?;
    Ok(respond(ctx, &business))
}

/// `POST /platform/v1/businesses/{business_uid}`: changes a business, whose fields are in one envelope `business` or in
/// two.
pub fn update(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = find_addressed(ctx)?;
    let sent = object(ctx.body, "business").clone();
    let inner = object(&ctx.body["business"], "business");
    let fields = if inner.is_empty() {
        sent.iter().filter(|(_, value)| !value.is_object()).collect()
    } else {
        inner.iter().collect::<Vec<_>>()
    };
    let mut changed = Record::clone(&business);
    for (name, value) in fields.into_iter().filter(|(name, _)| *name != "id") {
        changed.fields.set(name, value);
    }
    let mut meta = business.get("meta").as_object().cloned().unwrap_or_default();
    for (name, value) in sent.get("meta").and_then(Value::as_object).into_iter().flatten() {
        meta.set(name, value);
    }
    changed.fields.set("meta", meta);
    changed.fields.set("updated_at", ctx.state.now_text());
    let business = ctx.state.store.put(changed);
    let admin = sent.get("admin_account").and_then(Value::as_object);
    if let (Some(admin), Some(existing)) = (admin, administrator(ctx, &business.id).cloned()) {
        let mut changed = Record::clone(&existing);
        for (name, value) in admin.iter().filter(|(name, _)| !matches!(name.as_str(), "staff_uid" | "user_id")) {
            changed.fields.set(name, value);
        }
        ctx.state.store.put(changed);
    }
    Ok(respond(ctx, &business))
}

/// `POST /platform/v1/businesses`: creates a business of the caller's directory, its administrator as a staff member,
/// and the user of the administrator.
pub fn create(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let (business, staff) = (ctx.state.ids.uid(), ctx.state.ids.uid());
    let user = ctx.state.store.next_number("user");
    let directory = ctx.caller.subject("directory").cloned();
    let now = ctx.state.now_text();

    let sent = object(ctx.body, "business").clone();
    let external_id = ctx.body_field(&["meta", "external_id"]);
    let fields = Fields::new()
        .with("name", sent.get("name").unwrap_or(&Value::Null))
        .with("directory_uid", directory)
        .with("external_id", external_id)
        .with("time_zone", sent.get("time_zone").unwrap_or(&Value::Null));
    let mut record = Record::clone(&ctx.insert("business", business.clone(), fields));
    for (name, value) in &sent {
        if record.fields.get(name).is_none_or(FieldValue::is_null) {
            record.fields.set(name, value);
        }
    }
    record.fields.set("meta", ctx.body_field(&["meta"]));
    record.fields.set("created_at", &now);
    record.fields.set("updated_at", &now);
    let created = ctx.state.store.put(record);

    let admin = object(ctx.body, "admin_account").clone();
    let name = |name: &str| admin.get(name).or_else(|| admin.get("display_name")).unwrap_or(&Value::Null);
    let fields = Fields::new()
        .with("business_uid", &business)
        .with("first_name", name("first_name"))
        .with("last_name", admin.get("last_name").unwrap_or(&Value::Null))
        .with("display_name", name("display_name"))
        .with("email", name("email"))
        .with("role", "owner")
        .with("owner", true)
        .with("created_at", &now)
        .with("updated_at", &now);
    let mut record = Record::clone(&ctx.insert("staff", staff, fields));
    for (name, value) in &admin {
        // Passwords are not stored: responses would show them.
        if record.fields.get(name).is_none_or(FieldValue::is_null) && name != "password" {
            record.fields.set(name, value);
        }
    }
    record.fields.set("user_id", i64::try_from(user).ok());
    ctx.state.store.put(record);
    ctx.insert("user", compact_str::format_compact!("{user}"), Fields::new().with("email", name("email")));
    Ok(respond(ctx, &created))
}

fn find_addressed(ctx: &Context<'_>) -> Result<Arc<Record>, ApiError> {
    ctx.owned_record("business", &ctx.path[0]).ok_or_else(|| ApiError::not_found("Business").unknown())
}

/// The administrator of a business: its owner, else its first staff member.
fn administrator<'x>(ctx: &'x Context<'_>, business: &str) -> Option<&'x Arc<Record>> {
    let staff = || ctx.state.store.all("staff").filter(|staff| staff.text("business_uid") == business);
    staff().find(|staff| staff.text("role") == "owner").or_else(|| staff().next())
}

/// A business, its administrator and its metadata in the form of the contract's example. Unknown text is null; settings
/// are those of the example until they are set.
fn respond(ctx: &Context<'_>, business: &Record) -> Reply {
    let mut shown = example(ctx);
    let mut known = business.fields.clone();
    known.set("id", &business.id);
    known.set("directory_id", business.get("directory_uid").clone());
    overlay_member(&mut shown, "business", &known, Missing::NullIfText);
    if let Some(admin) = administrator(ctx, &business.id) {
        let mut known = admin.fields.clone();
        known.set("staff_uid", &admin.id);
        overlay_member(&mut shown, "admin_account", &known, Missing::NullIfText);
    }
    let mut meta = business.get("meta").as_object().cloned().unwrap_or_default();
    meta.set("external_id", business.get("external_id").clone());
    overlay_member(&mut shown, "meta", &meta, Missing::Example);
    Reply::empty().and("business", FieldValue::from(&Value::Object(shown)))
}

/// The contract's example of a business, without its envelopes.
fn example(ctx: &Context<'_>) -> Map<String, Value> {
    let sample = ctx.operation.success_response().and_then(|response| response.sample());
    sample.map(|sample| object(member(sample, "data"), "business").clone()).unwrap_or_default()
}

fn overlay_member(shown: &mut Map<String, Value>, name: &str, fields: &Fields, missing: Missing) {
    if let Some(Value::Object(example)) = shown.get_mut(name) {
        overlay(example, fields, missing, &TimeZone::UTC);
    }
}

fn member<'v>(value: &'v Value, name: &str) -> &'v Value {
    value.get(name).unwrap_or(&Value::Null)
}

fn object<'v>(value: &'v Value, name: &str) -> &'v Map<String, Value> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    member(value, name).as_object().unwrap_or(&EMPTY)
}
