//! Turns what was sent of a parameter into a value, by its style and the types of its schema.

use serde_json::{Map, Value};

use super::sent;
use crate::model::exact_number::parse_json;
use crate::openapi::{Parameter, ParameterLocation, ParameterStyle, Types};
use crate::request::Context;

/// A parameter that is not written in its style.
pub(super) struct StyleError {
    pub(super) message: String,
    pub(super) rule: &'static str,
}

/// The delimiters of a parameter: between the members of a list or an object, and between name and value of a member of
/// an object, if that has one of its own.
#[derive(Clone, Copy)]
struct Delimiters {
    members: char,
    pairs: Option<char>,
}

/// The values that a parameter can have. There are several if its schema allows several types; none if it is absent.
///
/// # Errors
/// If the parameter is not written in its style.
pub(super) fn deserialize(ctx: &Context<'_>, parameter: &Parameter) -> Result<Vec<Value>, StyleError> {
    match parameter.location {
        ParameterLocation::Query => from_query(ctx, parameter),
        ParameterLocation::Cookie => {
            let mut values = sent::cookies(ctx, &parameter.name);
            if let [one] = values.as_slice()
                && parameter.explode
            {
                // No client can send one cookie twice, so lists have delimiters all the same.
                let list = one.split([',', '&']).map(|part| part.trim_start_matches(&format!("{}=", parameter.name)));
                values = if is_list(parameter) { list.map(str::to_owned).collect() } else { values };
            }
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            from_values(parameter, &values)
        }
        ParameterLocation::Header => match sent::header_value(ctx, &parameter.name) {
            Some(text) => from_text(parameter, &text),
            None => Ok(Vec::new()),
        },
        ParameterLocation::Path => match sent::path_value(ctx, parameter) {
            Some(text) => from_path(parameter, text),
            None => Ok(Vec::new()),
        },
    }
}

fn from_query(ctx: &Context<'_>, parameter: &Parameter) -> Result<Vec<Value>, StyleError> {
    let values = sent::query_values(ctx, &parameter.name);
    let is_empty = values.iter().all(|value| value.is_empty());
    // A required parameter has a value; an optional one may be sent without one only if the contract says so.
    let counts = !values.is_empty() && !(is_empty && (parameter.required || parameter.allows_empty));
    if parameter.style != ParameterStyle::DeepObject && counts {
        return from_values(parameter, &values);
    }
    if let Some(value) = sent::bracketed(ctx, parameter) {
        return Ok(vec![value]);
    }
    let members = sent::members(ctx, parameter);
    if !members.is_empty() {
        return Ok(vec![object(parameter, members.into_iter())]);
    }
    if counts { Err(style_error(parameter)) } else { Ok(Vec::new()) }
}

/// Reads the values of one name.
fn from_values(parameter: &Parameter, values: &[&str]) -> Result<Vec<Value>, StyleError> {
    let Some(last) = values.last() else { return Ok(Vec::new()) };
    let delimiter = match parameter.style {
        ParameterStyle::Json => return from_json(last),
        ParameterStyle::Delimited(delimiter) => Some(delimiter),
        _ if parameter.explode => None,
        _ => Some(','),
    };
    let types = types(parameter);
    let mut candidates = Vec::new();
    if types.allow(Types::ARRAY) {
        let parts = values.iter().flat_map(|value| match delimiter {
            _ if value.is_empty() => Vec::new(),
            Some(delimiter) => value.split(delimiter).collect(),
            None => vec![*value],
        });
        candidates.push(parts.map(Value::from).collect());
    }
    if let (true, Some(delimiter)) = (types.allow(Types::OBJECT), delimiter) {
        candidates.extend(read_object(parameter, last, Delimiters { members: delimiter, pairs: None }));
    }
    push_scalar(&mut candidates, types, last);
    Ok(candidates)
}

/// Reads a header: members are separated by commas.
fn from_text(parameter: &Parameter, text: &str) -> Result<Vec<Value>, StyleError> {
    if parameter.style == ParameterStyle::Json {
        return from_json(text);
    }
    let members = if let ParameterStyle::Delimited(delimiter) = parameter.style { delimiter } else { ',' };
    let pairs = parameter.explode.then_some('=');
    Ok(read(parameter, text, Delimiters { members, pairs }))
}

fn from_path(parameter: &Parameter, text: &str) -> Result<Vec<Value>, StyleError> {
    let pairs = parameter.explode.then_some('=');
    match parameter.style {
        ParameterStyle::Label => {
            let text = text.strip_prefix('.').ok_or_else(|| style_error(parameter))?;
            // Versions of OpenAPI differ about the delimiter of lists that are not exploded.
            let members = if parameter.explode || !text.contains(',') { '.' } else { ',' };
            Ok(read(parameter, text, Delimiters { members, pairs }))
        }
        ParameterStyle::Matrix => {
            let text = text.strip_prefix(';').ok_or_else(|| style_error(parameter))?;
            from_matrix(parameter, text)
        }
        _ => from_text(parameter, text),
    }
}

/// Reads `ids=1;ids=2`, `ids=1,2`, `R=1;G=2` or `color=R,1,G,2`.
fn from_matrix(parameter: &Parameter, text: &str) -> Result<Vec<Value>, StyleError> {
    let types = types(parameter);
    if parameter.explode && types.allow(Types::OBJECT) {
        return Ok(read(parameter, text, Delimiters { members: ';', pairs: Some('=') }));
    }
    let prefix = format!("{}=", parameter.name);
    let values: Option<Vec<&str>> = text.split(';').map(|part| part.strip_prefix(prefix.as_str())).collect();
    let values = values.ok_or_else(|| style_error(parameter))?;
    from_values(parameter, &values)
}

fn from_json(text: &str) -> Result<Vec<Value>, StyleError> {
    let error =
        |error: serde_json::Error| StyleError { message: format!("is not valid JSON: {error}"), rule: "syntax" };
    parse_json(text).map(|value| vec![value]).map_err(error)
}

/// Reads a text that holds a whole value.
fn read(parameter: &Parameter, text: &str, delimiters: Delimiters) -> Vec<Value> {
    let types = types(parameter);
    let mut candidates = Vec::new();
    if types.allow(Types::ARRAY) {
        let parts = text.split(delimiters.members).map(str::trim);
        candidates.push(parts.filter(|_| !text.is_empty()).map(Value::from).collect());
    }
    if types.allow(Types::OBJECT) {
        candidates.extend(read_object(parameter, text, delimiters));
    }
    push_scalar(&mut candidates, types, text.trim());
    candidates
}

/// Reads `R=100,G=200`, or `R,100,G,200` where pairs have no delimiter of their own.
fn read_object(parameter: &Parameter, text: &str, delimiters: Delimiters) -> Option<Value> {
    let parts: Vec<&str> = text.split(delimiters.members).map(str::trim).collect();
    let pairs: Option<Vec<(&str, &str)>> = match delimiters.pairs {
        Some(delimiter) => parts.iter().map(|part| part.split_once(delimiter)).collect(),
        None => parts.chunks(2).map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect(),
    };
    pairs.map(|pairs| object(parameter, pairs.into_iter()))
}

/// An object of texts. A repeated name is a list where the schema allows one.
fn object<'a>(parameter: &Parameter, members: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    let schema = &parameter.schema;
    let mut object = Map::new();
    for (name, text) in members {
        let types = schema.member(schema.raw(), name).and_then(|member| schema.types(member));
        match object.get_mut(name) {
            Some(Value::Array(list)) => list.push(text.into()),
            None if types.is_some_and(|types| types.allow(Types::ARRAY)) => {
                object.insert(name.to_owned(), Value::Array(vec![text.into()]));
            }
            _ => {
                object.insert(name.to_owned(), text.into());
            }
        }
    }
    object.into()
}

/// Adds the text itself, if the schema allows a scalar or nothing else was read.
fn push_scalar(candidates: &mut Vec<Value>, types: Types, text: &str) {
    if candidates.is_empty() || types.allow(Types::SCALAR) {
        candidates.push(text.into());
    }
}

fn is_list(parameter: &Parameter) -> bool {
    types(parameter).allow(Types::ARRAY)
}

/// The types that the schema allows; text if it names none.
fn types(parameter: &Parameter) -> Types {
    parameter.schema.types(parameter.schema.raw()).unwrap_or(Types::STRING)
}

fn style_error(parameter: &Parameter) -> StyleError {
    let style = match parameter.style {
        ParameterStyle::Label => "must begin with a dot: `.1`".to_owned(),
        ParameterStyle::Matrix => format!("must be written as `;{}=1`", parameter.name),
        _ => format!("must be written as `{}[name]=value`", parameter.name),
    };
    StyleError { message: style, rule: "style" }
}
