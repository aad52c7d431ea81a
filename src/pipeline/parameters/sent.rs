//! Finds what a request has of a parameter.

use http::header::COOKIE;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::openapi::template::parameter_names;
use crate::openapi::{Parameter, ParameterLocation, ParameterStyle, Types};
use crate::pipeline::body::{form, shape};
use crate::request::Context;

/// Whether a request has a parameter. A query parameter without a value counts as absent unless it may be empty.
pub(super) fn is_present(ctx: &Context<'_>, parameter: &Parameter) -> bool {
    match parameter.location {
        ParameterLocation::Query => {
            let has_value = |value: &str| !value.is_empty() || parameter.allows_empty;
            ctx.query.iter().any(|(name, value)| name == parameter.name && has_value(value))
                || ctx.query.iter().any(|(name, _)| is_member_name(parameter, name))
                || !members(ctx, parameter).is_empty()
        }
        ParameterLocation::Header => ctx.request.headers.contains_key(parameter.name.as_str()),
        ParameterLocation::Path => path_value(ctx, parameter).is_some(),
        ParameterLocation::Cookie => !cookies(ctx, &parameter.name).is_empty(),
    }
}

/// Whether a parameter is sent without a value, and the contract says that it may be.
pub(super) fn is_allowed_empty(ctx: &Context<'_>, parameter: &Parameter) -> bool {
    let is_sent_empty = || query_values(ctx, &parameter.name) == [""];
    parameter.allows_empty && parameter.location == ParameterLocation::Query && is_sent_empty()
}

/// The values of that name in the query.
pub(super) fn query_values<'a>(ctx: &Context<'a>, name: &str) -> Vec<&'a str> {
    ctx.query.iter().filter(|(known, _)| *known == name).map(|(_, value)| value).collect()
}

/// The value of a path parameter.
pub(super) fn path_value<'a>(ctx: &Context<'a>, parameter: &Parameter) -> Option<&'a str> {
    path_index(ctx, parameter).and_then(|index| ctx.path.get(index)).map(|value| value.as_str())
}

/// The index of a path parameter: a contract can declare them in another order than that of the path.
pub(super) fn path_index(ctx: &Context<'_>, parameter: &Parameter) -> Option<usize> {
    let is_in_path = parameter.location == ParameterLocation::Path;
    parameter_names(&ctx.operation.path).position(|name| is_in_path && name == parameter.name)
}

/// The value of a header; several lines are one list (RFC 9110, section 5.3).
pub(super) fn header_value(ctx: &Context<'_>, name: &str) -> Option<String> {
    let lines = ctx.request.headers.get_all(name).into_iter();
    let lines: Vec<_> = lines.map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

/// The values of the cookies of that name, percent-decoded.
pub(in crate::pipeline) fn cookies(ctx: &Context<'_>, name: &str) -> Vec<String> {
    let decode = |value: &str| percent_decode_str(value.trim_matches('"')).decode_utf8_lossy().into_owned();
    let named = all_cookies(ctx).into_iter().filter(|(known, _)| known == name);
    named.map(|(_, value)| decode(&value)).collect()
}

fn all_cookies(ctx: &Context<'_>) -> Vec<(String, String)> {
    let mut cookies = Vec::new();
    for header in ctx.request.headers.get_all(COOKIE) {
        let header = String::from_utf8_lossy(header.as_bytes());
        let pairs = header.split(';').filter_map(|pair| pair.split_once('='));
        cookies.extend(pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())));
    }
    cookies
}

/// The members of an exploded object, each of which is sent under its own name.
pub(super) fn members<'a>(ctx: &Context<'a>, parameter: &Parameter) -> Vec<(&'a str, &'a str)> {
    let schema = &parameter.schema;
    let is_spread = parameter.style == ParameterStyle::Form && parameter.explode;
    if !is_spread || !schema.types(schema.raw()).is_some_and(|types| types.allow(Types::OBJECT)) {
        return Vec::new();
    }
    let declared = schema.declared_names(schema.raw());
    let is_open = declared.is_empty() || schema.member(schema.raw(), "").is_some();
    let is_other = |name: &str| ctx.operation.parameters.iter().any(|other| other.name == name);
    ctx.query.iter().filter(|(name, _)| declared.contains(name) || is_open && !is_other(name)).collect()
}

/// The value whose members are sent under bracketed names: `filter[name]`, `ids[]`, `ids[0]`.
pub(super) fn bracketed(ctx: &Context<'_>, parameter: &Parameter) -> Option<Value> {
    let mut value = Value::Null;
    let is_other = |name: &str| ctx.operation.parameters.iter().any(|other| other.name == name);
    for (name, text) in ctx.query.iter().filter(|(name, _)| is_member_name(parameter, name) && !is_other(name)) {
        // The name of the parameter can have brackets itself.
        let path = format!("p{}", &name[parameter.name.len()..]);
        let Some(segments) = form::segments(&path) else { continue };
        let schema = shape::find_schema(&parameter.schema, &segments[1..]);
        let types = schema.and_then(|schema| parameter.schema.types(schema));
        let is_list = types.is_some_and(|types| types.allow(Types::ARRAY));
        form::insert(&mut value, &segments[1..], text.into(), is_list);
    }
    (!value.is_null()).then_some(value)
}

/// Whether a name is that of the parameter and something in brackets.
fn is_member_name(parameter: &Parameter, name: &str) -> bool {
    name.strip_prefix(parameter.name.as_str()).is_some_and(|rest| rest.starts_with('['))
}
