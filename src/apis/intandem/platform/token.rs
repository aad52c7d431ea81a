//! Tokens of the platform: `/platform/v1/tokens`.
//!
//! Facts: rows `val-token-create`, `val-token-revoke` and section C1 of the catalogue of other domains. A directory makes
//! itself a token of staff for one of its businesses; what is revoked stops working.

use compact_str::{CompactString, format_compact};

use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, Reply};

/// `POST /platform/v1/tokens`: for a business, for an app or for a directory.
pub fn create(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let sent = |name: &str| FieldValue::from(ctx.body_field(&[name]));
    let text = |name: &str| match sent(name) {
        FieldValue::Integer(number) => Some(format_compact!("{number}")),
        FieldValue::Text(text) if !text.is_empty() => Some(CompactString::from(text.as_str())),
        _ => None,
    };
    let fields = if let Some(business) = text("business_id") {
        for_business(ctx, &business)?
    } else if let Some(app) = text("app_id") {
        let is_meant = |record: &&std::sync::Arc<Record>| record.id == app || record.text("app_id") == app;
        let app = ctx.state.store.all("app").find(is_meant).map(|app| app.get("directory_uid").clone());
        Fields::new().with("kind", "app").with("directory_uid", app.or_else(|| of_caller(ctx)))
    } else {
        Fields::new().with("kind", "directory").with("directory_uid", of_caller(ctx))
    };
    let by = ctx.caller.subject("directory").cloned();
    let token = mint(ctx, fields.with("made_by", by));
    Ok(Reply::empty().and("token", token))
}

/// `GET /platform/v1/tokens`: those that the caller's directory made.
pub fn list(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let by = ctx.caller.subject_id("directory");
    let own = |token: &&std::sync::Arc<Record>| by.is_some() && token.get("made_by").as_text() == by;
    let tokens = ctx.state.store.all("token").filter(own).map(|token| FieldValue::from(&token.id));
    Ok(Reply::empty().and("tokens", tokens.collect::<Vec<_>>()))
}

/// `POST /platform/v1/tokens/revoke`.
pub fn revoke(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let value = CompactString::from(ctx.body_text("token").ok_or_else(|| ApiError::missing("token"))?);
    let token = ctx.state.store.get("token", &value);
    let token = token.ok_or_else(|| ApiError::invalid("token", "invalid token").unknown())?;
    let caller = ctx.caller;
    let (by, business) = (token.get("made_by").as_text(), token.get("business_uid").as_text());
    let is_own = by.is_some() && by == caller.subject_id("directory")
        || business.is_some() && business == caller.owner.as_deref()
        || matches!(caller.kind.as_str(), "admin" | "internal");
    if !is_own {
        return Err(ApiError::unauthorized());
    }
    ctx.state.store.remove("token", &value);
    Ok(Reply::empty().and("revoked_tokens", vec![FieldValue::from(value)]))
}

/// A new token that works from now on.
pub(super) fn mint(ctx: &mut Context<'_>, fields: Fields) -> CompactString {
    let value = format_compact!("{:032x}{:032x}", ctx.state.ids.number(), ctx.state.ids.number());
    ctx.state.store.put(Record { kind: "token".into(), id: value.clone(), fields });
    value
}

/// The owner's token: of a business that the caller's directory has.
fn for_business(ctx: &Context<'_>, business: &str) -> Result<Fields, ApiError> {
    let business = ctx.state.store.get("business", business).ok_or_else(|| ApiError::unauthorized().unknown())?;
    let caller = ctx.caller;
    let is_own = match caller.subject_id("directory") {
        Some(directory) => business.text("directory_uid") == directory,
        None => caller.owner.as_deref().is_none_or(|own| own == business.id),
    };
    if !is_own {
        return Err(ApiError::unauthorized());
    }
    let staff = || ctx.state.store.all("staff").filter(|staff| staff.text("business_uid") == business.id);
    let owner = staff().find(|staff| staff.text("role") == "owner").or_else(|| staff().next());
    let staff = owner.map(|staff| staff.id.clone());
    Ok(Fields::new().with("kind", "staff").with("business_uid", &business.id).with("staff_uid", staff))
}

fn of_caller(ctx: &Context<'_>) -> Option<FieldValue> {
    ctx.caller.subject_id("directory").map(FieldValue::from)
}
