//! Checking a call against its contract: coerce first, refuse only what the operation cannot do without.

use serde_json::{Map, Value};
use smallvec::SmallVec;

use super::body;
use super::steps::Stop;
use crate::contract::operation::parameter_name;
use crate::contract::{Operation, Parameter, ParameterPlace, Schema, Violation};
use crate::exchange::{Call, Checking, PathValues, Query, Refusal, UnknownIds};
use crate::quirks::{Accept, Asked, Effect, Quirks, Rules, Scene, Step};

/// What the real API does not look at, whatever contracts say: what is unknown, and how text is written.
const UNCHECKED: [&str; 5] = ["additionalProperties", "unevaluatedProperties", "format", "pattern", "uniqueItems"];

/// The rules about checking that apply to a call, with their places.
type Applying<'q> = SmallVec<[(usize, &'q Effect); 4]>;

/// Checks a call and returns its body as it was meant; `null` when there is none.
pub(super) fn check(
    operation: &Operation,
    (rules, quirks): (&Rules, &Quirks),
    scene: &Scene<'_>,
    call: &Call,
    (path, query): (&PathValues, &Query),
) -> Result<Value, Stop> {
    let world = scene.world;
    let checking = world.settings.checking;
    if checking == Checking::Off {
        return Ok(body::read(call, operation).unwrap_or_default());
    }
    let mut body = match body::read(call, operation) {
        Ok(body) => body,
        Err(refusal) => {
            // What stands before the body is judged before it.
            parameters(operation, call, path, query, checking, &|_| false)?;
            return Err(refusal.into());
        }
    };
    let asked = Scene { asked: Some(Asked { operation, path, query, body: &body }), ..*scene };
    if let Some(said) = rules.answer(quirks, &asked) {
        return Err(said.into());
    }
    // Which rules apply is told by what was sent, before it is bent.
    let applying: Applying<'_> = rules.on(Step::Check, quirks, &asked).collect();
    let accepts = |speaks: &dyn Fn(&Accept) -> bool| {
        let speaking = applying.iter().find(|(_, effect)| matches!(effect, Effect::Accept(accept) if speaks(accept)));
        speaking.map(|(place, _)| world.took_part(*place)).is_some()
    };
    parameters(operation, call, path, query, checking, &|name| accepts(&|accept| accept.is_parameter(name)))?;
    for (place, effect) in &applying {
        if let Effect::Require(require) = effect
            && let Some(refusal) = require.refusal(&body)
        {
            world.took_part(*place);
            return Err(refusal.into());
        }
    }
    if let Some(documented) = &operation.body {
        if body.is_null() && (documented.required || checking == Checking::Lenient) {
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
        let violations = if body.is_null() { Vec::new() } else { documented.schema.violations(&body) };
        let mut broken = violations.into_iter().filter(|violation| {
            checking == Checking::Documented
                || (is_checked(violation)
                    && !is_exemplary(&documented.schema, &body, violation)
                    && !has_default(&documented.schema, violation))
        });
        if let Some(violation) = broken.find(|violation| !accepts(&|accept| accept.speaks_of(violation))) {
            return Err(refusal(&violation).into());
        }
    }
    refer(&applying, scene, query, &body)?;
    Ok(body)
}

/// What the body names has to be there, or must not be.
fn refer(applying: &Applying<'_>, scene: &Scene<'_>, query: &Query, body: &Value) -> Result<(), Stop> {
    for (place, effect) in applying {
        let Effect::Refer(refer) = effect else { continue };
        if !refer.is_unique && scene.world.settings.unknown_ids == UnknownIds::Answer {
            continue;
        }
        let known = |named: &str| match &refer.by {
            None => scene.world.store.get(&refer.to, named).is_some_and(|record| scene.is_own(record)),
            Some(field) => {
                scene.world.store.all(&refer.to).any(|record| scene.is_own(record) && record.text(field) == named)
            }
        };
        if refer.named(query, body).into_iter().any(|named| known(named) == refer.is_unique) {
            scene.world.took_part(*place);
            return Err((&refer.answer).into());
        }
    }
    Ok(())
}

fn is_checked(violation: &Violation) -> bool {
    let is_left_alone = UNCHECKED.contains(&violation.rule.as_str());
    !(is_left_alone || violation.rule == "oneOf" && violation.is_ambiguous)
}

/// Whether what breaks the schema is the schema's own example, or stands in one: some say `active` where they want `true`.
fn is_exemplary(schema: &Schema, body: &Value, violation: &Violation) -> bool {
    let Some(value) = body.pointer(&violation.pointer) else { return false };
    let steps: Vec<&str> = violation.pointer.split('/').skip(1).collect();
    (0..=steps.len()).rev().any(|end| {
        let way: Vec<&str> = steps[..end].iter().copied().filter(|step| step.parse::<usize>().is_err()).collect();
        let rest: String = steps[end..].iter().map(|step| format!("/{step}")).collect();
        let part = schema.part(&way);
        part.is_some_and(|part| part.raw().get("example").and_then(|example| example.pointer(&rest)) == Some(value))
    })
}

/// Whether what is missing has a value when nothing is said: some contracts require it all the same.
fn has_default(schema: &Schema, violation: &Violation) -> bool {
    let Some(missing) = &violation.missing else { return false };
    let way = violation.pointer.split('/').skip(1).filter(|step| step.parse::<usize>().is_err());
    let way: Vec<&str> = way.chain([missing.as_str()]).collect();
    schema.part(&way).is_some_and(|part| part.raw().get("default").is_some())
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
    accepts: &dyn Fn(&str) -> bool,
) -> Result<(), Refusal> {
    for parameter in &operation.parameters {
        let can_be_missing = !parameter.required || parameter.place == ParameterPlace::Path;
        if can_be_missing && checking != Checking::Documented {
            continue;
        }
        let sent = match parameter.place {
            ParameterPlace::Query => query.get(&parameter.name).filter(|value| !value.is_empty()),
            ParameterPlace::Header => call.headers.get(parameter.name.as_str()).and_then(|value| value.to_str().ok()),
            ParameterPlace::Path => {
                // A contract may declare them in another order than they stand in the path.
                let mut named = operation.path.split('/').filter_map(parameter_name);
                let place = named.position(|name| name == parameter.name);
                place.and_then(|place| path.get(place)).map(|value| value.as_str())
            }
            ParameterPlace::Cookie => continue,
        };
        // Lists and objects are sent under names of their own: `filter[uid]`, `ids[]`.
        let spread = || {
            query.iter().any(|(name, _)| name.strip_prefix(&parameter.name).is_some_and(|rest| rest.starts_with('[')))
        };
        let at = || format!("/{}/{}", parameter.place.name(), parameter.name);
        match sent {
            None if can_be_missing || spread() => {}
            None if is_about_the_caller(parameter) || accepts(&parameter.name) => {}
            None => return Err(Refusal::missing(&parameter.name).broke(&at(), "required")),
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
                    return Err(Refusal::invalid(&parameter.name, message).broke(&at(), &violation.rule));
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
