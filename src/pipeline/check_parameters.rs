use serde_json::Value;

use crate::api::Tokens;
use crate::openapi::template::parameter_names;
use crate::openapi::{Parameter, ParameterLocation};
use crate::request::{ApiError, Checking, Context};

/// Checks query, headers and path against the declared parameters. `allows` tells whether a parameter may be missing
/// although the contract requires it.
///
/// # Errors
/// Missing, if a required parameter is; invalid, if a value violates its schema. Values are checked only if everything is
/// checked as documented.
pub(super) fn check_parameters(
    tokens: &Tokens,
    ctx: &Context<'_>,
    allows: &dyn Fn(&str) -> bool,
) -> Result<(), ApiError> {
    let is_strict = ctx.state.settings.checking == Checking::Documented;
    for parameter in &ctx.operation.parameters {
        let is_optional = !parameter.required || parameter.location == ParameterLocation::Path;
        if (is_optional && !is_strict) || parameter.location == ParameterLocation::Cookie {
            continue;
        }
        match find_value(ctx, parameter) {
            Some(value) if is_strict => check_value(parameter, value)?,
            Some(_) => {}
            None if is_optional || is_spread(ctx, parameter) => {}
            None if is_checked_elsewhere(tokens, parameter) || allows(&parameter.name) => {}
            None => return Err(ApiError::missing(&parameter.name).violation(&pointer(parameter), "required")),
        }
    }
    Ok(())
}

fn find_value<'a>(ctx: &Context<'a>, parameter: &Parameter) -> Option<&'a str> {
    match parameter.location {
        ParameterLocation::Query => ctx.query.get(&parameter.name).filter(|value| !value.is_empty()),
        ParameterLocation::Header => {
            ctx.request.headers.get(parameter.name.as_str()).and_then(|value| value.to_str().ok())
        }
        ParameterLocation::Path => {
            // A contract can declare them in another order than that of the path.
            let mut names = parameter_names(&ctx.operation.path);
            let index = names.position(|name| name == parameter.name);
            index.and_then(|index| ctx.path.get(index)).map(|value| value.as_str())
        }
        ParameterLocation::Cookie => None,
    }
}

fn check_value(parameter: &Parameter, sent: &str) -> Result<(), ApiError> {
    let mut value = Value::from(sent);
    parameter.schema.coerce(&mut value, &mut |_| true);
    if parameter.schema.kind() == Some("array") {
        let mut list = Value::Array(sent.split(',').map(Value::from).collect());
        parameter.schema.coerce(&mut list, &mut |_| true);
        value = list;
    }
    match parameter.schema.violations(&value).into_iter().next() {
        None => Ok(()),
        Some(violation) => {
            let message = format!("{}: {}", parameter.name, violation.message);
            Err(ApiError::invalid(&parameter.name, message).violation(&pointer(parameter), &violation.rule))
        }
    }
}

/// Whether a list or an object is sent under names that begin with that of the parameter: `filter[uid]`, `ids[]`.
fn is_spread(ctx: &Context<'_>, parameter: &Parameter) -> bool {
    ctx.query.iter().any(|(name, _)| name.strip_prefix(&parameter.name).is_some_and(|rest| rest.starts_with('[')))
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
