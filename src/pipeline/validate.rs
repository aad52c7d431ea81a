use serde_json::{Map, Value};
use smallvec::SmallVec;

use super::body::{BodyRule, FormNotes, Format, ReceivedBody};
use super::parameters::check_parameters;
use super::{Engine, Flow, body};
use crate::openapi::{Schema, TextChoice, Violation};
use crate::quirks::{Effect, Rules, Stage, Target};
use crate::request::{ApiError, Checking, Context, QuirkFlags, Stop};

/// Rules of JSON Schema that the real API does not enforce, whatever the contract says.
const UNCHECKED: [&str; 5] = ["additionalProperties", "unevaluatedProperties", "format", "pattern", "uniqueItems"];

/// The effects on validation whose conditions hold, with the indexes of their quirks.
type Matching<'e> = SmallVec<[(usize, &'e dyn Effect); 4]>;

/// The indexes of the quirks that have coerced a body.
type CoercedBy = SmallVec<[usize; 2]>;

/// Checks parameters and body against the contract as the quirks amend it. Values are coerced first; only what the
/// operation requires is rejected.
pub(super) fn validate_request(engine: &Engine, ctx: &mut Context<'_>) -> Flow {
    let prepared = ctx.prepared_body.take();
    let (settings, flags) = (ctx.state.settings, ctx.state.flags());
    let mut prepared = prepared.filter(|prepared| prepared.is_for(ctx.operation_index, settings.checking, flags));
    let received = match &mut prepared {
        Some(prepared) => Ok(ReceivedBody { value: prepared.sent.take(), format: Format::Json }),
        None => body::read(ctx.request, ctx.operation),
    };
    if ctx.state.settings.checking == Checking::Off {
        ctx.set_sent_body(Value::Null);
        ctx.set_body(received.map(|received| received.value).unwrap_or_default());
        return Ok(());
    }
    let format = match received {
        Ok(ReceivedBody { value, format }) => {
            ctx.set_sent_body(value);
            format
        }
        Err(error) => {
            // Parameters come before the body.
            check_parameters(&engine.api().tokens, ctx, &|_| false)?;
            return Err(error.into());
        }
    };
    let rules = engine.rules(ctx);
    rules.respond(&engine.quirks, ctx)?;
    // Conditions are about the request as it was sent, so they are checked before coercion.
    let matching: Matching<'_> = rules.matching(Stage::Validate, &engine.quirks, ctx).collect();
    let allows = |name: &str| apply_first(ctx, &matching, |effect| effect.apply(Target::MissingParameter(name)));
    check_parameters(&engine.api().tokens, ctx, &allows)?;
    apply_all(ctx, &matching, |effect, stop| effect.apply(Target::SentBody(&ctx.sent_body, stop)))?;
    let mut body = std::mem::take(&mut ctx.sent_body);
    if let Some(documented) = &ctx.operation.body {
        let rule = BodyRule::select(documented, ctx.request, &format);
        let is_absent = body.is_null() && ctx.request.body.iter().all(u8::is_ascii_whitespace);
        let is_null = body.is_null() && !is_absent;
        let (coerced_by, violations) = match prepared {
            Some(prepared) => {
                body = prepared.body;
                (CoercedBy::from_vec(prepared.coerced_by), Some(prepared.violations))
            }
            None => {
                let settings = (ctx.state.settings.checking, ctx.state.flags());
                (coerce_body(rules, settings, (&rule, &format), &mut body, is_null), None)
            }
        };
        coerced_by.into_iter().for_each(|index| ctx.state.mark_applied(index));
        check_form(ctx, &format)?;
        let violations = violations.unwrap_or_else(|| violations_of(&rule, &body));
        check_violations(ctx, &matching, (&rule, &format), &body, violations)?;
        check_presence(ctx, &rule, is_absent)?;
        check_null(ctx, &rule, is_null)?;
    }
    apply_all(ctx, &matching, |effect, stop| effect.apply(Target::ValidBody(ctx, &body, stop)))?;
    ctx.set_body(body);
    Ok(())
}

/// Applies the first effect that `apply` accepts; returns whether there is one.
fn apply_first(ctx: &Context<'_>, matching: &Matching<'_>, apply: impl Fn(&dyn Effect) -> bool) -> bool {
    let found = matching.iter().find(|(_, effect)| apply(*effect));
    found.map(|(index, _)| ctx.state.mark_applied(*index)).is_some()
}

/// Applies effects until one rejects the request.
fn apply_all(
    ctx: &Context<'_>,
    matching: &Matching<'_>,
    apply: impl Fn(&dyn Effect, &mut Option<Stop>) -> bool,
) -> Flow {
    let mut stop = None;
    for (index, effect) in matching {
        if apply(*effect, &mut stop) {
            ctx.state.mark_applied(*index);
        }
        if let Some(stop) = stop.take() {
            return Err(stop);
        }
    }
    Ok(())
}

/// Converts values of the body to the types that quirks and contract expect. `is_null` tells whether the body is the
/// value `null`. Returns the indexes of the quirks that have changed it.
pub(super) fn coerce_body(
    rules: &Rules,
    (checking, flags): (Checking, &QuirkFlags),
    (rule, format): (&BodyRule<'_>, &Format),
    body: &mut Value,
    is_null: bool,
) -> CoercedBy {
    let mut coerced_by = CoercedBy::new();
    let is_lenient = checking == Checking::Lenient;
    if body.is_null() && (rule.is_required || (is_lenient || is_null) && rule.allows_object() && !rule.allows_null()) {
        // A missing body and `null` are an empty object, so that its required fields are reported as missing.
        *body = Value::Object(Map::new());
    }
    for (index, effect) in rules.all(Stage::Coerce) {
        if flags.is_on(index) && effect.apply(Target::Body(body)) {
            coerced_by.push(index);
        }
    }
    let Some(schema) = rule.schema else { return coerced_by };
    // A value that a quirk coerces is left to the quirk, also while it is off.
    let is_free = |pointer: &str| !rules.all(Stage::Coerce).any(|(_, effect)| effect.owns_coercion(pointer));
    if is_lenient && !rule.is_merge_patch {
        schema.coerce(body, &mut { is_free });
    }
    if let Format::Form(notes) = format {
        schema.read_texts(body, TextChoice::Text, &mut |pointer| notes.is_text(pointer) && is_free(pointer));
    }
    coerced_by
}

/// The violations of the schema of a body.
pub(super) fn violations_of(rule: &BodyRule<'_>, body: &Value) -> Vec<Violation> {
    let schema = rule.schema.filter(|_| !body.is_null());
    schema.map(|schema| schema.violations(body)).unwrap_or_default()
}

/// Checks the content types of the parts of a form.
fn check_form(ctx: &Context<'_>, format: &Format) -> Result<(), ApiError> {
    let Format::Form(FormNotes { wrong_type: Some((field, content_type)), .. }) = format else { return Ok(()) };
    if ctx.state.settings.checking != Checking::Documented {
        return Ok(());
    }
    let message = format!("{field}: `{content_type}` is not a content type of this field");
    Err(ApiError::invalid(field, message).violation(&format!("/{field}"), "contentType"))
}

/// Checks that there is a body if the contract requires one, also where its schema requires no field.
fn check_presence(ctx: &Context<'_>, rule: &BodyRule<'_>, is_absent: bool) -> Result<(), ApiError> {
    let is_missing = is_absent && rule.is_required && ctx.state.settings.checking == Checking::Documented;
    match is_missing {
        true => Err(ApiError::missing("body").violation("", "required")),
        false => Ok(()),
    }
}

/// Checks that the body is not `null` unless the contract allows it, also where an empty object would be valid.
fn check_null(ctx: &Context<'_>, rule: &BodyRule<'_>, is_null: bool) -> Result<(), ApiError> {
    let is_rejected = is_null && ctx.state.settings.checking == Checking::Documented && !rule.allows_null();
    match is_rejected {
        true => Err(ApiError::invalid("body", "body: null is not of the documented type").violation("", "type")),
        false => Ok(()),
    }
}

/// Rejects the body for the first violation of its schema that is enforced.
fn check_violations(
    ctx: &Context<'_>,
    matching: &Matching<'_>,
    (rule, format): (&BodyRule<'_>, &Format),
    body: &Value,
    violations: Vec<Violation>,
) -> Result<(), ApiError> {
    let Some(schema) = rule.schema else { return Ok(()) };
    let is_enforced = |violation: &Violation| {
        ctx.state.settings.checking == Checking::Documented
            || (is_checked(violation)
                && !(is_exemplary(schema, body, violation)
                    || has_default(schema, violation)
                    || (matches!(format, Format::Form(_)) && is_record_id(schema, body, violation))))
    };
    let is_allowed =
        |violation: &Violation| apply_first(ctx, matching, |effect| effect.apply(Target::Violation(violation)));
    let mut violations = violations.into_iter().filter(|violation| rule.applies(violation, body));
    let found = violations.find(|violation| is_enforced(violation) && !is_allowed(violation));
    found.map_or(Ok(()), |violation| Err(to_error(&violation)))
}

fn is_checked(violation: &Violation) -> bool {
    let is_unchecked = UNCHECKED.contains(&violation.rule.as_str());
    !(is_unchecked || violation.rule == "oneOf" && violation.is_ambiguous)
}

/// Whether the invalid value is the schema's own example, or part of one: some contracts have `active` as the example of a
/// boolean.
fn is_exemplary(schema: &Schema, body: &Value, violation: &Violation) -> bool {
    let Some(value) = body.pointer(&violation.pointer) else { return false };
    let steps: Vec<&str> = violation.pointer.split('/').skip(1).collect();
    (0..=steps.len()).rev().any(|end| {
        let path: Vec<&str> = steps[..end].iter().copied().filter(|step| step.parse::<usize>().is_err()).collect();
        let rest: String = steps[end..].iter().map(|step| format!("/{step}")).collect();
        let part = schema.part(&path);
        part.is_some_and(|part| part.raw().get("example").and_then(|example| example.pointer(&rest)) == Some(value))
    })
}

/// Whether a form has text where the contract has an object with an id: the id of a record instead of the record.
fn is_record_id(schema: &Schema, body: &Value, violation: &Violation) -> bool {
    let path: Vec<&str> = violation.pointer.split('/').skip(1).filter(|step| step.parse::<usize>().is_err()).collect();
    let is_text = || body.pointer(&violation.pointer).is_some_and(Value::is_string);
    violation.rule == "type" && is_text() && schema.part(&path).is_some_and(|part| part.part(&["id"]).is_some())
}

/// Whether the missing field has a default: some contracts require it all the same.
fn has_default(schema: &Schema, violation: &Violation) -> bool {
    let Some(missing) = &violation.missing else { return false };
    let path = violation.pointer.split('/').skip(1).filter(|step| step.parse::<usize>().is_err());
    let path: Vec<&str> = path.chain([missing.as_str()]).collect();
    schema.part(&path).is_some_and(|part| part.raw().get("default").is_some())
}

fn to_error(violation: &Violation) -> ApiError {
    let error = match &violation.missing {
        Some(field) => ApiError::missing(field),
        None => ApiError::invalid(violation.field(), format!("{}: {}", violation.field(), violation.message)),
    };
    error.violation(&violation.pointer, &violation.rule)
}
