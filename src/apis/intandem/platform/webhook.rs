//! Webhooks: `/platform/v1/webhook/subscribe` and `unsubscribe`; the CRUD handler serves their list.
//!
//! An event and a URL have at most one subscription, and unsubscribing without a subscription succeeds. Source:
//! catalogue-platform, rows val-webhook-dup and env-unsubscribe.

use compact_str::{CompactString, format_compact};

use crate::model::Fields;
use crate::request::{ApiError, Context, Reply};

/// `POST …/subscribe`.
pub fn subscribe(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let required = |name: &str| ctx.body_text(name).map(CompactString::from).ok_or_else(|| ApiError::missing(name));
    let (event, url) = (required("event")?, required("target_url")?);
    let business = ctx.caller.owner.clone();
    let exists = ctx.state.store.all("webhook").any(|webhook| {
        webhook.text("event") == event
            && webhook.text("target_url") == url
            && webhook.get("business_uid").as_text() == business.as_deref()
    });
    if exists {
        return Err(ApiError::invalid("target_url", "Webhook already exists"));
    }
    let number = ctx.state.store.next_number("webhook").max(40_001);
    let id = format_compact!("{number}");
    let (entity, event_type) = event.split_once('/').unwrap_or((event.as_str(), ""));
    let fields = Fields::new()
        .with("entity", entity)
        .with("event_type", event_type)
        .with("url", &url)
        .with("event", &event)
        .with("target_url", url)
        .with("business_uid", business)
        .with("created_at", ctx.state.now_text());
    let created = ctx.insert("webhook", id, fields);
    Ok(Reply::empty().and("subscription_id", &created.id))
}

/// `POST …/unsubscribe`: from one event, or from all events of a URL.
pub fn unsubscribe(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let url = ctx.body_text("target_url").ok_or_else(|| ApiError::missing("target_url"))?;
    let event = ctx.body_text("event").map(|event| event.replacen('.', "/", 1));
    let business = ctx.caller.owner.as_deref();
    let all = ctx.state.store.all("webhook");
    let matching = all.filter(|webhook| {
        webhook.text("target_url") == url
            && webhook.get("business_uid").as_text() == business
            && event.as_deref().is_none_or(|event| webhook.text("event") == event)
    });
    let ids: Vec<CompactString> = matching.map(|webhook| webhook.id.clone()).collect();
    for id in ids {
        ctx.state.store.remove("webhook", &id);
    }
    Ok(Reply::empty().and("unsubscribed", true))
}
