//! Checking a call against its contract: coerce first, refuse only what the operation cannot do without.

use http::Method;
use serde_json::{Map, Value};

use crate::contract::{Operation, ParameterPlace};
use crate::exchange::{Call, Query, Refusal, RefusalKind, World};
use crate::quirks::{Quirks, Rules};

/// Checks a call and returns its body as it was meant; `null` when there is none.
pub(super) fn check(
    operation: &Operation,
    rules: &Rules,
    quirks: &Quirks,
    world: &World,
    call: &Call,
    query: &Query,
) -> Result<Value, Refusal> {
    parameters(operation, call, query)?;
    let mut body = read(call)?;
    for (place, require) in rules.requirements(quirks, world) {
        if let Some(refusal) = require.refusal(&body) {
            world.took_part(place);
            return Err(refusal);
        }
    }
    let Some(documented) = &operation.body else { return Ok(body) };
    if body.is_null() {
        // Nothing sent and nothing in it are the same: what is required is then missing.
        body = Value::Object(Map::new());
    }
    for (place, coerce) in rules.coercions(quirks) {
        if world.switches().is_on(place) && coerce.apply(&mut body) {
            world.took_part(place);
        }
    }
    // What a quirk speaks of is bent by the quirk or, with the quirk off, not at all.
    let mut free = |pointer: &str| !rules.coercions(quirks).any(|(_, coerce)| coerce.speaks_of(pointer));
    documented.schema.coerce(&mut body, &mut free);
    match documented.schema.violations(&body).into_iter().next() {
        None => Ok(body),
        Some(violation) => match &violation.missing {
            Some(field) => Err(Refusal::missing(field)),
            None => Err(Refusal::invalid(violation.field(), format!("{}: {}", violation.field(), violation.message))),
        },
    }
}

fn parameters(operation: &Operation, call: &Call, query: &Query) -> Result<(), Refusal> {
    let absent =
        operation.parameters.iter().filter(|parameter| parameter.required).find(|parameter| match parameter.place {
            ParameterPlace::Query => query.get(&parameter.name).is_none_or(str::is_empty),
            ParameterPlace::Header => !call.headers.contains_key(parameter.name.as_str()),
            ParameterPlace::Path | ParameterPlace::Cookie => false,
        });
    absent.map_or(Ok(()), |parameter| Err(Refusal::missing(&parameter.name)))
}

/// The body as JSON. The depth is bounded by the reader (128), the size by whoever made the call.
fn read(call: &Call) -> Result<Value, Refusal> {
    if call.body.iter().all(u8::is_ascii_whitespace) || call.method == Method::GET || call.method == Method::HEAD {
        return Ok(Value::Null);
    }
    let kind = call.headers.get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded")
        && let Ok(form) = std::str::from_utf8(&call.body)
    {
        let form = Query::parse(Some(form));
        return Ok(form.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect());
    }
    serde_json::from_slice(&call.body)
        .map_err(|error| Refusal::new(RefusalKind::Malformed, format!("The body is not valid JSON: {error}")))
}
