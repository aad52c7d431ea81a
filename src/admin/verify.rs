//! `POST /sessions/{session}/requests/verify`.

use http::{HeaderName, Method};
use serde_json::{Map, Value, json};

use super::redaction::{redacted, redactor};
use super::{Answer, Context, ok};
use crate::diagnostics::{JsonFields, parse_json_path};
use crate::faults::OperationPattern;
use crate::openapi::PathPattern;
use crate::session::{Condition, CountRange, RequestMatch, TextMatch, Verification};

const CONDITIONS: [&str; 9] =
    ["operation", "method", "path", "status", "token", "query", "headers", "body", "body_path"];

pub(super) fn post(ctx: &Context<'_>) -> Answer {
    let mut body = JsonFields::read(&ctx.request.body, &["match", "count"])?;
    let matches = read_match(&mut body);
    let count = read_count(&mut body);
    body.finish()?;
    let session = ctx.session()?;
    let result = Verification { matches, count }.run(&session);
    ok(&redacted(json!(result), &mut redactor(&session.state())))
}

fn read_match(body: &mut JsonFields) -> RequestMatch {
    let Some(mut fields) = body.object("match", &CONDITIONS) else {
        body.require("match", "write an object with operation, method, path, status, token, query, headers or body");
        return RequestMatch::default();
    };
    let mut conditions = Vec::new();
    conditions.extend(text(&mut fields, "operation", "write GET /v1/orders, or GET /v1/**", |text| {
        OperationPattern::parse(text).map(Condition::Operation)
    }));
    conditions.extend(text(&mut fields, "method", "write GET", |text| {
        Method::from_bytes(text.to_ascii_uppercase().as_bytes()).ok().map(Condition::Method)
    }));
    conditions.extend(text(&mut fields, "path", "write /v1/orders/*, or /v1/**", |text| {
        PathPattern::parse(text).map(Condition::Path)
    }));
    conditions.extend(fields.take("status").and_then(|status| {
        let text =
            status.as_u64().map_or_else(|| status.as_str().map(str::to_owned), |number| Some(number.to_string()));
        let pattern = text.and_then(|text| text.parse().ok());
        if pattern.is_none() {
            fields.reject("status", "write 404, or \"4xx\"");
        }
        pattern.map(Condition::Status)
    }));
    conditions.extend(fields.text("token").map(Condition::Token));
    for (name, value) in pairs(&mut fields, "query") {
        conditions.push(Condition::Query(name, TextMatch::Equal(value)));
    }
    for (name, value) in pairs(&mut fields, "headers") {
        match HeaderName::from_bytes(name.as_bytes()) {
            Ok(name) => conditions.push(Condition::Header(name.as_str().to_owned(), TextMatch::Equal(value))),
            Err(_) => fields.reject("headers", format!("`{name}` is no name of a header")),
        }
    }
    conditions.extend(fields.take("body").map(Condition::BodyContains));
    conditions.extend(text(&mut fields, "body_path", "write a JSONPath such as $.lines[?@.price > 10]", |text| {
        parse_json_path(text).ok().map(|path| Condition::BodyPath(path, text.to_owned()))
    }));
    body.adopt("match", fields);
    RequestMatch(conditions)
}

fn text(
    fields: &mut JsonFields,
    name: &str,
    advice: &str,
    parse: impl Fn(&str) -> Option<Condition>,
) -> Option<Condition> {
    let text = fields.text(name)?;
    let parsed = parse(&text);
    if parsed.is_none() {
        fields.reject(name, format!("`{text}` is not valid: {advice}"));
    }
    parsed
}

/// Names and values; a number or a boolean is compared as text.
fn pairs(fields: &mut JsonFields, name: &str) -> Vec<(String, String)> {
    let pairs: Map<String, Value> = match fields.take(name) {
        None => return Vec::new(),
        Some(Value::Object(pairs)) => pairs,
        Some(_) => {
            fields.reject(name, "write an object of names and values");
            return Vec::new();
        }
    };
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    };
    let all: Option<Vec<(String, String)>> =
        pairs.into_iter().map(|(name, value)| Some((name, text(value)?))).collect();
    all.unwrap_or_else(|| {
        fields.reject(name, "write texts as values");
        Vec::new()
    })
}

/// `exactly`, or `at_least` and `at_most`; without any, at least one.
fn read_count(body: &mut JsonFields) -> CountRange {
    let Some(mut fields) = body.object("count", &["exactly", "at_least", "at_most"]) else {
        return CountRange { min: 1, max: usize::MAX };
    };
    let mut number = |name| fields.integer(name, 0..=u64::from(u32::MAX)).map(|number| number as usize);
    let (exactly, min, max) = (number("exactly"), number("at_least"), number("at_most"));
    if exactly.is_some() && (min.is_some() || max.is_some()) {
        fields.reject("exactly", "write either exactly, or at_least and at_most");
    }
    body.adopt("count", fields);
    match exactly {
        Some(count) => CountRange { min: count, max: count },
        None => CountRange { min: min.unwrap_or(0), max: max.unwrap_or(usize::MAX) },
    }
}
