//! The identities of a business at its content manager: `/business/accounts/v1/identities`.
//!
//! Source: the contract's examples; catalogue-platform, row val-identities-missing.

use std::sync::Arc;

use serde_json::Value;

use crate::model::{FieldValue, Record};
use crate::request::{ApiError, Context, RecordView, Reply};

/// `GET …/identities`.
pub fn list(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = find_business(ctx)?;
    Ok(respond(&business))
}

/// `PUT …/identities`: replaces the identities.
pub fn replace(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = find_business(ctx)?;
    let sent = sent(ctx).map(FieldValue::from).collect();
    Ok(store(ctx, &business, sent))
}

/// `DELETE …/identities`: removes the identities of the body.
pub fn remove(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = find_business(ctx)?;
    let removed: Vec<&str> = sent(ctx).collect();
    let known = business.get("identities").as_list().iter();
    let kept = known.filter(|identity| !identity.as_text().is_some_and(|text| removed.contains(&text))).cloned();
    let kept = kept.collect();
    Ok(store(ctx, &business, kept))
}

fn find_business(ctx: &Context<'_>) -> Result<Arc<Record>, ApiError> {
    let business = ctx.owner()?;
    ctx.state.store.get("business", &business).cloned().ok_or_else(ApiError::unauthorized)
}

fn sent<'e>(ctx: &Context<'e>) -> impl Iterator<Item = &'e str> + use<'e> {
    let identities = ctx.body.get("business").and_then(|business| business.get("identities"));
    identities.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn store(ctx: &mut Context<'_>, business: &Record, identities: Vec<FieldValue>) -> Reply {
    let mut changed = business.clone();
    changed.fields.set("identities", identities);
    respond(&ctx.state.store.put(changed))
}

fn respond(business: &Arc<Record>) -> Reply {
    Reply::one("business", RecordView::of(business).with("uid", &business.id))
}
