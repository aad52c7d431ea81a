//! Checking a call against its contract: coerce first, refuse only what the operation cannot do without.

use serde_json::{Map, Value};

use super::body;
use crate::contract::operation::parameter_name;
use crate::contract::{Operation, Parameter, ParameterPlace, Violation};
use crate::exchange::{Call, Checking, PathValues, Query, Refusal, World};
use crate::quirks::{Quirks, Rules};

/// What the real API does not look at, whatever contracts say: what is unknown, and how text is written.
const UNCHECKED: [&str; 5] = ["additionalProperties", "unevaluatedProperties", "format", "pattern", "uniqueItems"];

/// Checks a call and returns its body as it was meant; `null` when there is none.
pub(super) fn check(
    operation: &Operation,
    rules: &Rules,
    quirks: &Quirks,
    world: &World,
    call: &Call,
    (path, query): (&PathValues, &Query),
) -> Result<Value, Refusal> {
    let checking = world.settings.checking;
    if checking == Checking::Off {
        return Ok(body::read(call, operation).unwrap_or_default());
    }
    parameters(operation, call, path, query, checking)?;
    let mut body = body::read(call, operation)?;
    for (place, require) in rules.requirements(quirks, world) {
        if let Some(refusal) = require.refusal(&body) {
            world.took_part(place);
            return Err(refusal);
        }
    }
    let Some(documented) = &operation.body else { return Ok(body) };
    if body.is_null() {
        if !documented.required && checking == Checking::Documented {
            return Ok(body);
        }
        // Nothing sent and nothing in it are the same: what is required is then missing.
        body = Value::Object(Map::new());
    }
    for (place, coerce) in rules.coercions(quirks) {
        if world.switches().is_on(place) && coerce.apply(&mut body) {
            world.took_part(place);
        }
    }
    if checking == Checking::Lenient || body::is_form(call) {
        // What a quirk speaks of is bent by the quirk or, with the quirk off, not at all.
        let mut free = |pointer: &str| !rules.coercions(quirks).any(|(_, coerce)| coerce.speaks_of(pointer));
        documented.schema.coerce(&mut body, &mut free);
    }
    let mut broken = documented.schema.violations(&body).into_iter();
    let refused = broken.find(|violation| checking == Checking::Documented || is_checked(violation));
    refused.map_or(Ok(body), |violation| Err(refusal(&violation)))
}

fn is_checked(violation: &Violation) -> bool {
    let is_left_alone = UNCHECKED.contains(&violation.rule.as_str());
    !(is_left_alone || violation.rule == "oneOf" && violation.is_ambiguous)
}

fn refusal(violation: &Violation) -> Refusal {
    let refusal = match &violation.missing {
        Some(field) => Refusal::missing(field),
        None => Refusal::invalid(violation.field(), format!("{}: {}", violation.field(), violation.message)),
    };
    refusal.broke(&violation.pointer, &violation.rule)
}

fn parameters(
    operation: &Operation,
    call: &Call,
    path: &PathValues,
    query: &Query,
    checking: Checking,
) -> Result<(), Refusal> {
    // A contract may declare them in another order than they stand in the path.
    let named: Vec<&str> = operation.path.split('/').filter_map(parameter_name).collect();
    for parameter in &operation.parameters {
        let sent = match parameter.place {
            ParameterPlace::Query => query.get(&parameter.name).filter(|value| !value.is_empty()),
            ParameterPlace::Header => call.headers.get(parameter.name.as_str()).and_then(|value| value.to_str().ok()),
            ParameterPlace::Path => {
                let place = named.iter().position(|name| *name == parameter.name);
                place.and_then(|place| path.get(place)).map(|value| value.as_str())
            }
            ParameterPlace::Cookie => continue,
        };
        // Lists and objects are sent under names of their own: `filter[uid]`, `ids[]`.
        let spread = || {
            query.iter().any(|(name, _)| name.strip_prefix(&parameter.name).is_some_and(|rest| rest.starts_with('[')))
        };
        let at = format!("/{}/{}", parameter.place.name(), parameter.name);
        match sent {
            None if !parameter.required || parameter.place == ParameterPlace::Path || spread() => {}
            None if is_about_the_caller(parameter) => {}
            None => return Err(Refusal::missing(&parameter.name).broke(&at, "required")),
            Some(sent) if checking == Checking::Documented => {
                let mut value = Value::from(sent);
                parameter.schema.coerce(&mut value, &mut |_| true);
                if parameter.schema.kind() == Some("array") {
                    let mut list = Value::Array(sent.split(',').map(Value::from).collect());
                    parameter.schema.coerce(&mut list, &mut |_| true);
                    value = list;
                }
                if let Some(violation) = parameter.schema.violations(&value).into_iter().next() {
                    let message = format!("{}: {}", parameter.name, violation.message);
                    return Err(Refusal::invalid(&parameter.name, message).broke(&at, &violation.rule));
                }
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Headers that say who calls are judged where callers are.
fn is_about_the_caller(parameter: &Parameter) -> bool {
    let name = parameter.name.to_ascii_lowercase();
    parameter.place == ParameterPlace::Header
        && matches!(name.as_str(), "authorization" | "x-on-behalf-of" | "content-type" | "accept")
}
