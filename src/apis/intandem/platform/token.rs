//! Tokens of the platform: `/platform/v1/tokens`. A directory can create a staff token for one of its businesses; a
//! revoked token stops working.
//!
//! Source: catalogue-platform, rows val-token-create and val-token-revoke, section C1.

use compact_str::{CompactString, format_compact};

use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, Reply};

/// Validity of a service token and of an `id_token` in seconds.
pub(super) const SERVICE_TOKEN_VALIDITY: i64 = 3_600;

/// `POST /platform/v1/tokens`: creates a token of a business, an app or a directory.
pub fn create(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let sent = |name: &str| FieldValue::from(ctx.body_field(&[name]));
    let text = |name: &str| match sent(name) {
        FieldValue::Integer(number) => Some(format_compact!("{number}")),
        FieldValue::Text(text) if !text.is_empty() => Some(CompactString::from(text.as_str())),
        _ => None,
    };
    let fields = if let Some(business) = text("business_id") {
        owner_token_fields(ctx, &business)?
    } else if let Some(app) = text("app_id") {
        let matches = |record: &&std::sync::Arc<Record>| record.id == app || record.text("app_id") == app;
        let app = ctx.state.store.all("app").find(matches).map(|app| app.get("directory_uid").clone());
        Fields::new().with("kind", "app").with("directory_uid", app.or_else(|| caller_directory(ctx)))
    } else {
        directory_token_fields(ctx, text("directory_id").as_deref())?
    };
    let creator = ctx.caller.subject("directory").cloned();
    let token = mint(ctx, fields.with("made_by", creator));
    Ok(Reply::empty().and("token", token))
}

/// `GET /platform/v1/tokens`: the tokens that the caller's directory created.
pub fn list(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let creator = ctx.caller.subject_id("directory");
    let is_own = |token: &&std::sync::Arc<Record>| creator.is_some() && token.get("made_by").as_text() == creator;
    let tokens = ctx.state.store.all("token").filter(is_own).map(|token| FieldValue::from(&token.id));
    Ok(Reply::empty().and("tokens", tokens.collect::<Vec<_>>()))
}

/// `POST /platform/v1/tokens/revoke`.
pub fn revoke(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let value = CompactString::from(ctx.body_text("token").ok_or_else(|| ApiError::missing("token"))?);
    let token = ctx.state.store.get("token", &value);
    let token = token.ok_or_else(|| ApiError::invalid("token", "invalid token").unknown())?;
    let caller = ctx.caller;
    let (creator, business) = (token.get("made_by").as_text(), token.get("business_uid").as_text());
    let is_own = creator.is_some() && creator == caller.subject_id("directory")
        || business.is_some() && business == caller.owner.as_deref()
        || matches!(caller.kind.as_str(), "admin" | "internal");
    if !is_own {
        return Err(ApiError::unauthorized());
    }
    ctx.state.store.remove("token", &value);
    Ok(Reply::empty().and("revoked_tokens", vec![FieldValue::from(value)]))
}

/// Stores a new token.
pub(super) fn mint(ctx: &mut Context<'_>, fields: Fields) -> CompactString {
    let value = format_compact!("{:032x}{:032x}", ctx.state.ids.number(), ctx.state.ids.number());
    ctx.state.store.put(Record::new("token", value.clone(), fields));
    value
}

/// The fields of a token of the owner of a business, which the caller's directory must own.
fn owner_token_fields(ctx: &Context<'_>, business: &str) -> Result<Fields, ApiError> {
    let business = ctx.state.store.get("business", business).ok_or_else(|| ApiError::unauthorized().unknown())?;
    let caller = ctx.caller;
    let is_own = match caller.subject_id("directory") {
        Some(directory) => business.text("directory_uid") == directory,
        None => caller.owner.as_deref().is_none_or(|caller| caller == business.id),
    };
    if !is_own {
        return Err(ApiError::unauthorized());
    }
    let staff = || ctx.state.store.all("staff").filter(|staff| staff.text("business_uid") == business.id);
    let owner = staff().find(|staff| staff.text("role") == "owner").or_else(|| staff().next());
    let staff = owner.map(|staff| staff.id.clone());
    Ok(Fields::new().with("kind", "staff").with("business_uid", &business.id).with("staff_uid", staff))
}

/// The fields of a token of a directory: the one that its UID names, which must be the caller's, or else the caller's. A number
/// is an id of the database, of which no other path knows.
fn directory_token_fields(ctx: &Context<'_>, sent: Option<&str>) -> Result<Fields, ApiError> {
    let uid = sent.filter(|id| !id.bytes().all(|byte| byte.is_ascii_digit()));
    let directory = match (uid, ctx.caller.subject_id("directory")) {
        (Some(uid), Some(own)) if uid != own => return Err(ApiError::unauthorized()),
        (Some(uid), _) if ctx.state.store.get("directory", uid).is_none() => {
            return Err(ApiError::unauthorized().unknown());
        }
        (Some(uid), _) => Some(FieldValue::from(uid)),
        (None, _) => caller_directory(ctx),
    };
    Ok(Fields::new().with("kind", "directory").with("directory_uid", directory))
}

fn caller_directory(ctx: &Context<'_>) -> Option<FieldValue> {
    ctx.caller.subject_id("directory").map(FieldValue::from)
}
