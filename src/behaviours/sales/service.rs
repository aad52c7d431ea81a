//! Services: `/platform/v1/services`; a single one is read generically.
//!
//! Facts: rows `svc-list-needs-business` and `svc-show-errors` of the sales and clients catalogue.

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
