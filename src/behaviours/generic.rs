//! The generic resource: lists and reads for operations that have no behaviour of their own.

use super::list;
use crate::contract::Resource;
use crate::exchange::{Exchange, Payload, Refusal, View};

/// Serves an operation whose path ends in a known collection (`…/products`) or in an item of one
/// (`…/products/{product_uid}`). `None` when it is neither, or changes something.
pub fn serve(exchange: &mut Exchange<'_>) -> Option<Result<Payload, Refusal>> {
    if exchange.operation.method != http::Method::GET {
        return None;
    }
    let mut segments = exchange.operation.path.rsplit('/');
    let last = segments.next()?;
    match exchange.resources.plural(last) {
        Some(resource) => Some(all(exchange, resource)),
        None if last.starts_with('{') => Some(one(exchange, exchange.resources.plural(segments.next()?)?)),
        None => None,
    }
}

fn all(exchange: &Exchange<'_>, resource: &Resource) -> Result<Payload, Refusal> {
    exchange.business()?;
    let own = exchange.world.store.all(&resource.kind).filter(|record| exchange.is_own(record));
    Ok(Payload::many(&resource.plural, list::select(own.map(View::of), exchange.query, &[])))
}

/// `payment_request` as it begins a sentence: `Payment request`.
fn words(kind: &str) -> String {
    let mut letters = kind.replace('_', " ").chars().collect::<Vec<_>>();
    letters.iter_mut().take(1).for_each(char::make_ascii_uppercase);
    letters.into_iter().collect()
}

fn one(exchange: &Exchange<'_>, resource: &Resource) -> Result<Payload, Refusal> {
    exchange.business()?;
    let id = exchange.path.last().map_or("", |id| id);
    match exchange.own(&resource.kind, id) {
        Some(record) => Ok(Payload::one(&resource.kind, View::of(&record))),
        None => Err(Refusal::not_found(&words(&resource.kind)).field(format!("{}_uid", resource.kind))),
    }
}
