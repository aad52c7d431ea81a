//! Checking a call against its contract: coerce first, refuse only what the operation cannot do without.

use serde_json::{Map, Value};
use smallvec::SmallVec;

use super::body;
use super::stages::Abort;
use crate::openapi::template::parameter_names;
use crate::openapi::{Operation, Parameter, ParameterLocation, Schema, Violation};
use crate::quirks::{Allow, Effect, ParsedRequest, Quirks, RuleContext, Rules, Stage};
use crate::request::{ApiError, Checking, PathValues, Query, Request, UnknownIds};

/// What the real API does not look at, whatever contracts say: what is unknown, and how text is written.
const UNCHECKED: [&str; 5] = ["additionalProperties", "unevaluatedProperties", "format", "pattern", "uniqueItems"];

pub(super) use super::body::is_form;

/// The rules about checking that apply to a call, with their places.
type Applying<'q> = SmallVec<[(usize, &'q Effect); 4]>;

/// Checks a call and returns its body as it was meant; `null` when there is none.
pub(super) fn validate(
    operation: &Operation,
    (rules, quirks): (&Rules, &Quirks),
    scene: &RuleContext<'_>,
    call: &Request,
    (path, query): (&PathValues, &Query),
) -> Result<Value, Abort> {
    let state = scene.state;
    let checking = state.settings.checking;
    if checking == Checking::Off {
        return Ok(body::read(call, operation).unwrap_or_default());
    }
    let mut body = match body::read(call, operation) {
        Ok(body) => body,
        Err(error) => {
            // What stands before the body is judged before it.
            parameters(operation, call, path, query, checking, &|_| false)?;
            return Err(error.into());
        }
    };
    let asked = RuleContext { asked: Some(ParsedRequest { operation, path, query, body: &body }), ..*scene };
    if let Some(said) = rules.answer(quirks, &asked) {
        return Err(said.into());
    }
    // Which rules apply is told by what was sent, before it is bent.
    let applying: Applying<'_> = rules.on(Stage::Check, quirks, &asked).collect();
    let accepts = |speaks: &dyn Fn(&Allow) -> bool| {
        let speaking = applying.iter().find(|(_, effect)| matches!(effect, Effect::Allow(accept) if speaks(accept)));
        speaking.map(|(index, _)| state.mark_applied(*index)).is_some()
    };
    parameters(operation, call, path, query, checking, &|name| accepts(&|accept| accept.allows_parameter(name)))?;
    for (index, effect) in &applying {
        if let Effect::Require(require) = effect
            && let Some(error) = require.error(&body)
        {
            state.mark_applied(*index);
            return Err(error.into());
        }
    }
    if let Some(documented) = &operation.body {
        if body.is_null() && (documented.required || checking == Checking::Lenient) {
            // Nothing sent and nothing in it are the same: what is required is then missing.
            body = Value::Object(Map::new());
        }
        for (index, coerce) in rules.coercions(quirks) {
            if state.flags().is_on(index) && coerce.apply(&mut body) {
                state.mark_applied(index);
            }
        }
        if checking == Checking::Lenient || body::is_form(call) {
            // What a quirk speaks of is bent by the quirk or, with the quirk off, not at all.
            let mut free = |pointer: &str| !rules.coercions(quirks).any(|(_, coerce)| coerce.applies_to(pointer));
            documented.schema.coerce(&mut body, &mut free);
        }
        let violations = if body.is_null() { Vec::new() } else { documented.schema.violations(&body) };
        let mut broken = violations.into_iter().filter(|violation| {
            checking == Checking::Documented
                || (is_checked(violation)
                    && !is_exemplary(&documented.schema, &body, violation)
                    && !has_default(&documented.schema, violation))
        });
        if let Some(violation) = broken.find(|violation| !accepts(&|accept| accept.applies_to(violation))) {
            return Err(error(&violation).into());
        }
    }
    refer(&applying, scene, query, &body)?;
    Ok(body)
}

/// What the body names has to be there, or must not be.
fn refer(applying: &Applying<'_>, scene: &RuleContext<'_>, query: &Query, body: &Value) -> Result<(), Abort> {
    for (index, effect) in applying {
        let Effect::Reference(refer) = effect else { continue };
        if !refer.is_unique && scene.state.settings.unknown_ids == UnknownIds::Response {
            continue;
        }
        let known = |named: &str| match &refer.by {
            None => scene.state.store.get(&refer.to, named).is_some_and(|record| scene.is_own(record)),
            Some(field) => {
                scene.state.store.all(&refer.to).any(|record| scene.is_own(record) && record.text(field) == named)
            }
        };
        if refer.named(query, body).into_iter().any(|named| known(named) == refer.is_unique) {
            scene.state.mark_applied(*index);
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
    let stages: Vec<&str> = violation.pointer.split('/').skip(1).collect();
    (0..=stages.len()).rev().any(|end| {
        let field_path: Vec<&str> =
            stages[..end].iter().copied().filter(|step| step.parse::<usize>().is_err()).collect();
        let rest: String = stages[end..].iter().map(|step| format!("/{step}")).collect();
        let part = schema.part(&field_path);
        part.is_some_and(|part| part.raw().get("example").and_then(|example| example.pointer(&rest)) == Some(value))
    })
}

/// Whether what is missing has a value when nothing is said: some contracts require it all the same.
fn has_default(schema: &Schema, violation: &Violation) -> bool {
    let Some(missing) = &violation.missing else { return false };
    let field_path = violation.pointer.split('/').skip(1).filter(|step| step.parse::<usize>().is_err());
    let field_path: Vec<&str> = field_path.chain([missing.as_str()]).collect();
    schema.part(&field_path).is_some_and(|part| part.raw().get("default").is_some())
}

fn error(violation: &Violation) -> ApiError {
    let error = match &violation.missing {
        Some(field) => ApiError::missing(field),
        None => ApiError::invalid(violation.field(), format!("{}: {}", violation.field(), violation.message)),
    };
    error.violation(&violation.pointer, &violation.rule)
}

fn parameters(
    operation: &Operation,
    call: &Request,
    path: &PathValues,
    query: &Query,
    checking: Checking,
    accepts: &dyn Fn(&str) -> bool,
) -> Result<(), ApiError> {
    for parameter in &operation.parameters {
        let can_be_missing = !parameter.required || parameter.location == ParameterLocation::Path;
        if can_be_missing && checking != Checking::Documented {
            continue;
        }
        let sent = match parameter.location {
            ParameterLocation::Query => query.get(&parameter.name).filter(|value| !value.is_empty()),
            ParameterLocation::Header => {
                call.headers.get(parameter.name.as_str()).and_then(|value| value.to_str().ok())
            }
            ParameterLocation::Path => {
                // A contract may declare them in another order than they stand in the path.
                let mut named = parameter_names(&operation.path);
                let index = named.position(|name| name == parameter.name);
                index.and_then(|index| path.get(index)).map(|value| value.as_str())
            }
            ParameterLocation::Cookie => continue,
        };
        // Lists and objects are sent under names of their own: `filter[uid]`, `ids[]`.
        let spread = || {
            query.iter().any(|(name, _)| name.strip_prefix(&parameter.name).is_some_and(|rest| rest.starts_with('[')))
        };
        let at = || format!("/{}/{}", parameter.location.name(), parameter.name);
        match sent {
            None if can_be_missing || spread() => {}
            None if is_caller_header(parameter) || accepts(&parameter.name) => {}
            None => return Err(ApiError::missing(&parameter.name).violation(&at(), "required")),
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
                    return Err(ApiError::invalid(&parameter.name, message).violation(&at(), &violation.rule));
                }
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Headers that say who calls are judged where callers are.
fn is_caller_header(parameter: &Parameter) -> bool {
    let name = parameter.name.to_ascii_lowercase();
    parameter.location == ParameterLocation::Header
        && matches!(name.as_str(), "authorization" | "x-on-behalf-of" | "content-type" | "accept")
}
