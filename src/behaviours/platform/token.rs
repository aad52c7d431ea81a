//! Tokens of the platform: `/platform/v1/tokens`.
//!
//! Source: catalogue-platform, section C1, rows `val-token-create` and `val-token-revoke`. A directory can create a
//! staff token for one of its businesses; a revoked token is invalid.

use compact_str::{CompactString, format_compact};

use crate::exchange::{Exchange, Payload, Refusal, TokenKind};
use crate::store::{Datum, Fields, Record};

/// `POST /platform/v1/tokens`: for a business, for an app or for a directory.
pub fn create(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let sent = |name: &str| Datum::from(exchange.sent(&[name]));
    let text = |name: &str| match sent(name) {
        Datum::Integer(number) => Some(format_compact!("{number}")),
        Datum::Text(text) if !text.is_empty() => Some(CompactString::from(text.as_str())),
        _ => None,
    };
    let fields = if let Some(business) = text("business_id") {
        for_business(exchange, &business)?
    } else if let Some(app) = text("app_id") {
        let is_meant = |record: &&std::sync::Arc<Record>| record.id == app || record.text("app_id") == app;
        let app = exchange.world.store.all("app").find(is_meant).map(|app| app.get("directory_uid").clone());
        Fields::new().with("kind", "app").with("directory_uid", app.or_else(|| of_caller(exchange)))
    } else {
        Fields::new().with("kind", "directory").with("directory_uid", of_caller(exchange))
    };
    let by = exchange.caller.directory.clone();
    let token = mint(exchange, fields.with("made_by", by));
    Ok(Payload::empty().and("token", token))
}

/// `GET /platform/v1/tokens`: those that the caller's directory made.
pub fn list(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let by = exchange.caller.directory.as_deref();
    let own = |token: &&std::sync::Arc<Record>| by.is_some() && token.get("made_by").as_text() == by;
    let tokens = exchange.world.store.all("token").filter(own).map(|token| Datum::from(&token.id));
    Ok(Payload::empty().and("tokens", tokens.collect::<Vec<_>>()))
}

/// `POST /platform/v1/tokens/revoke`.
pub fn revoke(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let value = CompactString::from(exchange.sent_text("token").ok_or_else(|| Refusal::missing("token"))?);
    let token = exchange.world.store.get("token", &value);
    let token = token.ok_or_else(|| Refusal::invalid("token", "invalid token").unknown())?;
    let caller = exchange.caller;
    let (by, business) = (token.get("made_by").as_text(), token.get("business_uid").as_text());
    let is_own = by.is_some() && by == caller.directory.as_deref()
        || business.is_some() && business == caller.business.as_deref()
        || matches!(caller.kind, TokenKind::Admin | TokenKind::Internal);
    if !is_own {
        return Err(Refusal::unauthorized());
    }
    exchange.world.store.remove("token", &value);
    Ok(Payload::empty().and("revoked_tokens", vec![Datum::from(value)]))
}

/// A new token that works from now on.
pub(super) fn mint(exchange: &mut Exchange<'_>, fields: Fields) -> CompactString {
    let value = format_compact!("{:032x}{:032x}", exchange.world.ids.number(), exchange.world.ids.number());
    exchange.world.store.put(Record { kind: "token".into(), id: value.clone(), fields });
    value
}

/// The owner's token: of a business that the caller's directory has.
fn for_business(exchange: &Exchange<'_>, business: &str) -> Result<Fields, Refusal> {
    let business = exchange.world.store.get("business", business).ok_or_else(|| Refusal::unauthorized().unknown())?;
    let caller = exchange.caller;
    let is_own = match caller.directory.as_deref() {
        Some(directory) => business.text("directory_uid") == directory,
        None => caller.business.as_deref().is_none_or(|own| own == business.id),
    };
    if !is_own {
        return Err(Refusal::unauthorized());
    }
    let staff = || exchange.world.store.all("staff").filter(|staff| staff.text("business_uid") == business.id);
    let owner = staff().find(|staff| staff.text("role") == "owner").or_else(|| staff().next());
    let staff = owner.map(|staff| staff.id.clone());
    Ok(Fields::new().with("kind", "staff").with("business_uid", &business.id).with("staff_uid", staff))
}

fn of_caller(exchange: &Exchange<'_>) -> Option<Datum> {
    exchange.caller.directory.as_deref().map(Datum::from)
}
