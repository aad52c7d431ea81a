//! Checks the parameters of a request against the contract.

mod deserialize;
mod sent;

use compact_str::CompactString;
use serde_json::Value;

use crate::api::Tokens;
use crate::openapi::{Parameter, ParameterLocation, ParameterStyle, TextChoice, Violation};
use crate::request::{ApiError, Checking, Context, PathValues};
use deserialize::deserialize;
pub(super) use sent::cookies;

/// Checks query, headers, cookies and path against the declared parameters. `allows` tells whether a parameter may be
/// missing although the contract requires it.
///
/// # Errors
/// Missing, if a required parameter is; invalid, if a value violates its schema. Values and cookies are checked only if
/// everything is checked as documented.
pub(super) fn check_parameters(
    tokens: &Tokens,
    ctx: &Context<'_>,
    allows: &dyn Fn(&str) -> bool,
) -> Result<(), ApiError> {
    let is_strict = ctx.state.settings.checking == Checking::Documented;
    for parameter in &ctx.operation.parameters {
        let is_optional = !parameter.required || parameter.location == ParameterLocation::Path;
        if !is_strict && (is_optional || parameter.location == ParameterLocation::Cookie) {
            continue;
        }
        let is_present = match is_strict {
            true => check_value(ctx, parameter)?,
            false => sent::is_present(ctx, parameter),
        };
        if is_present || is_optional || is_checked_elsewhere(tokens, parameter) || allows(&parameter.name) {
            continue;
        }
        return Err(ApiError::missing(&parameter.name).violation(&pointer(parameter), "required"));
    }
    Ok(())
}

/// The values of the path's parameters without the marks of their style: `7` for `.7` and `;id=7`. `None` if no parameter
/// has such a style.
pub(super) fn unmarked_path(ctx: &Context<'_>) -> Option<PathValues> {
    let is_marked = |parameter: &&Parameter| matches!(parameter.style, ParameterStyle::Label | ParameterStyle::Matrix);
    ctx.operation.parameters.iter().find(is_marked)?;
    let mut values = ctx.path.clone();
    for parameter in ctx.operation.parameters.iter().filter(is_marked) {
        let Some(value) = sent::path_index(ctx, parameter).and_then(|index| values.get_mut(index)) else { continue };
        let plain = match parameter.style {
            ParameterStyle::Label => value.strip_prefix('.'),
            _ => value.strip_prefix(';').and_then(|rest| rest.strip_prefix(parameter.name.as_str())?.strip_prefix('=')),
        };
        if let Some(plain) = plain.map(CompactString::from) {
            *value = plain;
        }
    }
    Some(values)
}

/// Checks the value of a parameter; returns whether there is one.
fn check_value(ctx: &Context<'_>, parameter: &Parameter) -> Result<bool, ApiError> {
    let invalid = |message: &str, rule: &str| {
        ApiError::invalid(&parameter.name, format!("{}: {message}", parameter.name))
            .violation(&pointer(parameter), rule)
    };
    if sent::is_allowed_empty(ctx, parameter) {
        return Ok(true);
    }
    let candidates = match deserialize(ctx, parameter) {
        Ok(candidates) => candidates,
        Err(error) => return Err(invalid(&error.message, error.rule)),
    };
    let mut first = None;
    for candidate in &candidates {
        match find_violation(parameter, candidate) {
            None => return Ok(true),
            Some(violation) => first = first.or(Some(violation)),
        }
    }
    first.map_or(Ok(false), |violation| Err(invalid(&violation.message, &violation.rule)))
}

/// Why a value is invalid, whether its texts are read as other types or stay texts.
fn find_violation(parameter: &Parameter, sent: &Value) -> Option<Violation> {
    let violations = [TextChoice::Typed, TextChoice::Text].map(|choice| {
        let mut value = sent.clone();
        if parameter.style != ParameterStyle::Json {
            parameter.schema.read_texts(&mut value, choice, &mut |_| true);
        }
        parameter.schema.violations(&value).into_iter().next()
    });
    let [typed, text] = violations;
    text.and(typed)
}

fn pointer(parameter: &Parameter) -> String {
    format!("/{}/{}", parameter.location.name(), parameter.name)
}

/// Whether another stage checks the header: those about the caller and about the form of the body.
fn is_checked_elsewhere(tokens: &Tokens, parameter: &Parameter) -> bool {
    parameter.location == ParameterLocation::Header
        && (tokens.is_caller_header(&parameter.name)
            || ["content-type", "accept"].iter().any(|known| parameter.name.eq_ignore_ascii_case(known)))
}
