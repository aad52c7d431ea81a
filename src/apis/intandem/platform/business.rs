//! Businesses and who administers them: `/platform/v1/businesses`.
//!
//! Facts: rows `se-business-create-cascade`, `val-double-wrapped` and `val-biz-search-filter` of the catalogue of other
//! domains.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::handlers::{Missing, overlay};
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, Reply};

/// `GET /platform/v1/businesses`: the UIDs of those that a directory knows by the email of their administrator or by an id
/// of its own.
pub fn find(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let asked = |name: &str| ctx.query.get(name).filter(|text| !text.is_empty());
    let caller = ctx.caller;
    let is_seen = |business: &&Arc<Record>| match (caller.business.as_deref(), caller.directory.as_deref()) {
        (Some(own), _) => business.id == own,
        (None, Some(directory)) => business.text("directory_uid") == directory,
        (None, None) => true,
    };
    let is_meant = |business: &&Arc<Record>| {
        let is = |name: &str, known: &dyn Fn(&str) -> bool| asked(name).is_none_or(known);
        is("email", &|email| administrator(ctx, &business.id).is_some_and(|admin| admin.text("email") == email))
            && is("external_id", &|id| business.text("external_id") == id)
            && is("external_reference_id", &|id| {
                business.get("meta").get("external_reference_id").as_text() == Some(id)
            })
    };
    let found = ctx.state.store.all("business").filter(is_seen).filter(is_meant);
    let found: Vec<FieldValue> = found.map(|business| FieldValue::from(&business.id)).collect();
    Ok(Reply::empty().and("businesses", found))
}

/// `GET /platform/v1/businesses/{business_uid}`.
pub fn read(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = named(ctx)?;
    Ok(shown(ctx, &business))
}

/// `POST /platform/v1/businesses/{business_uid}` changes a business, in one envelope of its name or in two.
pub fn update(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = named(ctx)?;
    let said = part(ctx.body, "business").clone();
    let inner = part(&ctx.body["business"], "business");
    let own = if inner.is_empty() {
        said.iter().filter(|(_, value)| !value.is_object()).collect()
    } else {
        inner.iter().collect::<Vec<_>>()
    };
    let mut changed = Record::clone(&business);
    for (name, value) in own.into_iter().filter(|(name, _)| *name != "id") {
        changed.fields.set(name, value);
    }
    let mut meta = business.get("meta").as_object().cloned().unwrap_or_default();
    for (name, value) in said.get("meta").and_then(Value::as_object).into_iter().flatten() {
        meta.set(name, value);
    }
    changed.fields.set("meta", meta);
    changed.fields.set("updated_at", ctx.state.now_text());
    let business = ctx.state.store.put(changed);
    let admin = said.get("admin_account").and_then(Value::as_object);
    if let (Some(admin), Some(known)) = (admin, administrator(ctx, &business.id).cloned()) {
        let mut changed = Record::clone(&known);
        for (name, value) in admin.iter().filter(|(name, _)| !matches!(name.as_str(), "staff_uid" | "user_id")) {
            changed.fields.set(name, value);
        }
        ctx.state.store.put(changed);
    }
    Ok(shown(ctx, &business))
}

/// `POST /platform/v1/businesses`: a new business of the caller's directory, and with it the member of staff who
/// administers it, and their user.
pub fn create(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let (business, staff) = (ctx.state.ids.uid(), ctx.state.ids.uid());
    let user = ctx.state.store.next_number("user");
    let directory = ctx.caller.directory.clone();
    let now = ctx.state.now_text();

    let said = part(ctx.body, "business").clone();
    let external = ctx.body_field(&["meta", "external_id"]);
    let fields = Fields::new()
        .with("name", said.get("name").unwrap_or(&Value::Null))
        .with("directory_uid", directory)
        .with("external_id", external)
        .with("time_zone", said.get("time_zone").unwrap_or(&Value::Null));
    let mut record = Record::clone(&ctx.insert("business", business.clone(), fields));
    for (name, value) in &said {
        if record.fields.get(name).is_none_or(FieldValue::is_null) {
            record.fields.set(name, value);
        }
    }
    record.fields.set("meta", ctx.body_field(&["meta"]));
    record.fields.set("created_at", &now);
    record.fields.set("updated_at", &now);
    let made = ctx.state.store.put(record);

    let admin = part(ctx.body, "admin_account").clone();
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
        // Nobody shows a password.
        if record.fields.get(name).is_none_or(FieldValue::is_null) && name != "password" {
            record.fields.set(name, value);
        }
    }
    record.fields.set("user_id", i64::try_from(user).ok());
    ctx.state.store.put(record);
    ctx.insert("user", compact_str::format_compact!("{user}"), Fields::new().with("email", name("email")));
    Ok(shown(ctx, &made))
}

fn named(ctx: &Context<'_>) -> Result<Arc<Record>, ApiError> {
    ctx.owned_record("business", &ctx.path[0]).ok_or_else(|| ApiError::not_found("Business").unknown())
}

/// Who administers a business: its owner.
fn administrator<'x>(ctx: &'x Context<'_>, business: &str) -> Option<&'x Arc<Record>> {
    let staff = || ctx.state.store.all("staff").filter(|staff| staff.text("business_uid") == business);
    staff().find(|staff| staff.text("role") == "owner").or_else(|| staff().next())
}

/// A business, its administrator and what the directory noted, in the words of the documented answer. What is text there
/// and known to nobody is null; settings are as documented until somebody sets them.
fn shown(ctx: &Context<'_>, business: &Record) -> Reply {
    let mut shown = documented(ctx);
    let mut known = business.fields.clone();
    known.set("id", &business.id);
    known.set("directory_id", business.get("directory_uid").clone());
    overlay_part(&mut shown, "business", &known, Missing::NullIfText);
    if let Some(admin) = administrator(ctx, &business.id) {
        let mut known = admin.fields.clone();
        known.set("staff_uid", &admin.id);
        overlay_part(&mut shown, "admin_account", &known, Missing::NullIfText);
    }
    let mut meta = business.get("meta").as_object().cloned().unwrap_or_default();
    meta.set("external_id", business.get("external_id").clone());
    overlay_part(&mut shown, "meta", &meta, Missing::Example);
    Reply::empty().and("business", FieldValue::from(&Value::Object(shown)))
}

/// The documented answer, without what is around it.
fn documented(ctx: &Context<'_>) -> Map<String, Value> {
    let sample = ctx.operation.success_response().and_then(|response| response.sample());
    sample.map(|sample| part(value_of(sample, "data"), "business").clone()).unwrap_or_default()
}

fn overlay_part(shown: &mut Map<String, Value>, name: &str, fields: &Fields, missing: Missing) {
    if let Some(Value::Object(example)) = shown.get_mut(name) {
        overlay(example, fields, missing, &TimeZone::UTC);
    }
}

fn value_of<'v>(value: &'v Value, name: &str) -> &'v Value {
    value.get(name).unwrap_or(&Value::Null)
}

fn part<'v>(value: &'v Value, name: &str) -> &'v Map<String, Value> {
    static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value_of(value, name).as_object().unwrap_or(&NOTHING)
}
