//! Services: `/platform/v1/services`; a single one is read generically.
//!
//! Source: catalogue-sales, rows `svc-list-needs-business` and `svc-show-errors`.

use crate::behaviours::list;
use crate::exchange::{Exchange, Payload, Refusal, View};

/// `GET /platform/v1/services`: those of `business_id`, which must be the caller's business.
pub fn list(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let business = exchange.business()?;
    if exchange.query.get("business_id").is_some_and(|wanted| wanted != business) {
        return Err(Refusal::unauthorized());
    }
    let own = exchange.world.store.all("service").filter(|service| exchange.is_own(service));
    Ok(Payload::many("services", list::select(own.map(View::of), exchange.query, &[])))
}

/// `GET /v2/settings/services`: the same, and each says in a word of its own whether it is an appointment or an event.
pub fn list_by_type(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    exchange.business()?;
    let view = |service: &std::sync::Arc<crate::store::Record>| {
        let is_event = service.text("type").starts_with("Event");
        View::of(service).with("service_type", if is_event { "event" } else { "appointment" })
    };
    let own = exchange.world.store.all("service").filter(|service| exchange.is_own(service)).map(view);
    Ok(Payload::many("data", list::select(own, exchange.query, &[])))
}
