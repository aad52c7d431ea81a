//! Services: `/platform/v1/services`; the CRUD handler serves a single one.
//!
//! Source: catalogue-sales, rows svc-list-needs-business and svc-show-errors.

use crate::handlers::query::ListQuery;
use crate::request::{ApiError, Context, RecordView, Reply};

/// `GET /platform/v1/services`: the services of `business_id`, which must be the caller's business.
pub fn list(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = ctx.owner()?;
    if ctx.query.get("business_id").is_some_and(|requested| requested != business) {
        return Err(ApiError::unauthorized());
    }
    let services = ctx.state.store.all("service").filter(|service| ctx.is_own(service));
    Ok(Reply::many("services", ListQuery::new(ctx.query, &[]).page(services.map(RecordView::of))?.views))
}

/// `GET /v2/settings/services`: the services, each with its type as `appointment` or `event`.
pub fn list_by_type(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let view = |service: &std::sync::Arc<crate::model::Record>| {
        let is_event = service.text("type").starts_with("Event");
        RecordView::of(service).with("service_type", if is_event { "event" } else { "appointment" })
    };
    let services = ctx.state.store.all("service").filter(|service| ctx.is_own(service)).map(view);
    Ok(Reply::many("data", ListQuery::new(ctx.query, &[]).page(services)?.views))
}
