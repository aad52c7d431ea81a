//! The part of WireMock's admin API that reads the journal: `/__admin/requests`, its `find` and `count`, `reset` and `health`.
//!
//! The session is that of the header `X-Standin-Session`. What a pattern can contain is listed in [`FIELDS`]; anything else
//! is an error, so that no condition is silently ignored.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::Method;
use http::header::HOST;
use serde_json::{Map, Value, json};

use super::redaction::{redacted, redactor};
use super::{Answer, Context, done, ok};
use crate::diagnostics::locate::escape_pointer;
use crate::diagnostics::{JsonFields, parse_json_path};
use crate::request::{Problem, Query, Redactor, redact_target};
use crate::session::{Call, Condition, Entry, RequestMatch, SESSION_HEADER, Session, SessionId, TextMatch};

/// The parameters of the list.
pub(super) const PARAMETERS: [&str; 1] = ["limit"];

/// The fields of a request pattern.
const FIELDS: [&str; 8] =
    ["method", "url", "urlPath", "urlPattern", "urlPathPattern", "headers", "queryParameters", "bodyPatterns"];

/// The fields of a condition about a text.
const TEXT_FIELDS: [&str; 6] = ["equalTo", "caseInsensitive", "contains", "matches", "doesNotMatch", "absent"];

/// The fields of a condition about a body.
const BODY_FIELDS: [&str; 9] = [
    "equalToJson",
    "ignoreArrayOrder",
    "ignoreExtraElements",
    "matchesJsonPath",
    "equalTo",
    "caseInsensitive",
    "contains",
    "matches",
    "doesNotMatch",
];

pub(super) fn health(_: &Context<'_>) -> Answer {
    ok(&json!({"status": "healthy", "message": "standin is ok", "version": env!("CARGO_PKG_VERSION")}))
}

pub(super) fn reset(ctx: &Context<'_>) -> Answer {
    if let Some(session) = session(ctx)? {
        session.reset();
    }
    done("reset")
}

pub(super) fn list(ctx: &Context<'_>) -> Answer {
    let limit = limit(ctx)?;
    let Journaled { entries, mut redactor } = journaled(ctx)?;
    // The latest first.
    let events: Vec<Value> = entries
        .iter()
        .rev()
        .take(limit)
        .map(|entry| {
            json!({
                "id": format!("{}-{}", entry.session, entry.seq),
                "request": logged(ctx, &entry.call, &mut redactor),
                "response": {"status": entry.call.status.as_u16()},
                "wasMatched": entry.call.operation.is_some(),
            })
        })
        .collect();
    ok(&json!({"requests": events, "meta": {"total": entries.len()}, "requestJournalDisabled": false}))
}

/// How many of the latest requests are listed.
fn limit(ctx: &Context<'_>) -> Result<usize, Problem> {
    ctx.check_parameters(&PARAMETERS)?;
    let limit = ctx.query.get("limit").map(str::parse).transpose();
    limit.map(|limit| limit.unwrap_or(usize::MAX)).map_err(|_| Problem::at("/query/limit", "write a whole number"))
}

pub(super) fn find(ctx: &Context<'_>) -> Answer {
    let pattern = pattern(ctx)?;
    let Journaled { entries, mut redactor } = journaled(ctx)?;
    let matching = entries.iter().map(|entry| &entry.call).filter(|call| pattern.compare(call).is_empty());
    let found: Vec<Value> = matching.map(|call| logged(ctx, call, &mut redactor)).collect();
    ok(&json!({"requests": found, "requestJournalDisabled": false}))
}

pub(super) fn count(ctx: &Context<'_>) -> Answer {
    let pattern = pattern(ctx)?;
    let entries = journaled(ctx)?.entries;
    let count = entries.iter().filter(|entry| pattern.compare(&entry.call).is_empty()).count();
    ok(&json!({"count": count, "requestJournalDisabled": false}))
}

/// The requests of a session, and what hides its credentials.
struct Journaled {
    entries: Vec<Arc<Entry>>,
    redactor: Redactor,
}

/// What the session of the request has received: nothing if it does not exist. Reading does not create it: the next
/// request to an evicted session must get 410.
fn journaled(ctx: &Context<'_>) -> Result<Journaled, Problem> {
    let session = session(ctx)?;
    let none = || Journaled { entries: Vec::new(), redactor: Redactor::new(&[]) };
    Ok(session
        .map_or_else(none, |session| Journaled { entries: session.entries(0), redactor: redactor(&session.state()) }))
}

fn session(ctx: &Context<'_>) -> Result<Option<Arc<Session>>, Problem> {
    let Some(id) = ctx.request.headers.get(SESSION_HEADER) else {
        return Ok(Some(Arc::clone(ctx.mock.sessions().default_session())));
    };
    let id = SessionId::parse(id.to_str().unwrap_or_default())
        .map_err(|error| Problem::at("/headers/x-standin-session", error.to_string()))?;
    Ok(ctx.mock.sessions().find(id.as_str()))
}

/// A request as WireMock shows it, without credentials.
fn logged(ctx: &Context<'_>, call: &Call, redactor: &mut Redactor) -> Value {
    let url = redact_target(&call.target());
    let own = || ctx.request.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = call.headers().values(HOST.as_str()).next().or_else(own).unwrap_or("localhost");
    let parameters: Map<String, Value> = Query::parse(call.query())
        .iter()
        .map(|(name, value)| {
            let mut values = json!([value]);
            redactor.redact(&mut values, name);
            (name.to_owned(), json!({"key": name, "values": values}))
        })
        .collect();
    let body = body_text(call.body(), redactor);
    json!({
        "url": url,
        "absoluteUrl": format!("http://{host}{url}"),
        "method": call.method.as_str(),
        "headers": super::entry_json::headers_json(call.headers()),
        "queryParams": parameters,
        "bodyAsBase64": BASE64_STANDARD.encode(&body),
        "body": body,
        "loggedDate": call.received.as_millisecond(),
        "loggedDateString": call.received.to_string(),
    })
}

/// A body as text, without credentials.
fn body_text(body: &[u8], redactor: &mut Redactor) -> String {
    let text = || Value::from(String::from_utf8_lossy(body).into_owned());
    match redacted(serde_json::from_slice(body).unwrap_or_else(|_| text()), redactor) {
        Value::String(text) => text,
        json => json.to_string(),
    }
}

fn pattern(ctx: &Context<'_>) -> Result<RequestMatch, Problem> {
    let mut fields = JsonFields::read(&ctx.request.body, &FIELDS)?;
    let mut conditions = Vec::new();
    if let Some(method) = fields.text("method").filter(|method| method != "ANY") {
        match Method::from_bytes(method.as_bytes()) {
            Ok(method) => conditions.push(Condition::Method(method)),
            Err(_) => fields.reject("method", format!("`{method}` is no method")),
        }
    }
    for (name, is_pattern, with_query) in
        [("url", false, true), ("urlPath", false, false), ("urlPattern", true, true), ("urlPathPattern", true, false)]
    {
        let Some(text) = fields.text(name) else { continue };
        match if is_pattern { TextMatch::regex(&text) } else { Ok(TextMatch::Equal(text)) } {
            Ok(text) => conditions.push(Condition::Url { text, with_query }),
            Err(detail) => fields.reject(name, detail),
        }
    }
    for (name, text) in named(&mut fields, "headers") {
        conditions.push(Condition::Header(name.to_ascii_lowercase(), text));
    }
    for (name, text) in named(&mut fields, "queryParameters") {
        conditions.push(Condition::Query(name, text));
    }
    match fields.take("bodyPatterns") {
        None => {}
        Some(Value::Array(patterns)) => {
            for (index, pattern) in patterns.into_iter().enumerate() {
                conditions.extend(body_condition(&mut fields, index, pattern));
            }
        }
        Some(_) => fields.reject("bodyPatterns", "write a list"),
    }
    fields.finish()?;
    Ok(RequestMatch(conditions))
}

/// Conditions about texts by name.
fn named(fields: &mut JsonFields, name: &str) -> Vec<(String, TextMatch)> {
    let conditions = match fields.take(name) {
        None => return Vec::new(),
        Some(Value::Object(conditions)) => conditions,
        Some(_) => {
            fields.reject(name, "write an object of names and conditions");
            return Vec::new();
        }
    };
    let mut named = Vec::new();
    for (key, condition) in conditions {
        let Value::Object(condition) = condition else {
            fields.reject(name, format!("write a condition for `{key}`, such as {{\"equalTo\": \"…\"}}"));
            continue;
        };
        let mut inner = JsonFields::of(condition, &TEXT_FIELDS);
        match text_condition(&mut inner) {
            Some(text) => named.push((key.clone(), text)),
            None => inner.require("equalTo", "write equalTo, contains, matches, doesNotMatch or absent"),
        }
        fields.adopt(&format!("{name}/{}", escape_pointer(&key)), inner);
    }
    named
}

fn text_condition(fields: &mut JsonFields) -> Option<TextMatch> {
    let ignores_case = fields.flag("caseInsensitive").unwrap_or(false);
    if fields.flag("absent") == Some(true) {
        return Some(TextMatch::Absent);
    }
    if let Some(text) = fields.text("equalTo") {
        return Some(if ignores_case { TextMatch::EqualIgnoringCase(text) } else { TextMatch::Equal(text) });
    }
    if let Some(text) = fields.text("contains") {
        return Some(TextMatch::Contains(text));
    }
    for (name, regex) in [("matches", TextMatch::regex as fn(&str) -> _), ("doesNotMatch", TextMatch::not_regex)] {
        let Some(text) = fields.text(name) else { continue };
        return regex(&text).map_err(|detail| fields.reject(name, detail)).ok();
    }
    None
}

fn body_condition(fields: &mut JsonFields, index: usize, pattern: Value) -> Option<Condition> {
    let place = format!("bodyPatterns/{index}");
    let Value::Object(pattern) = pattern else {
        fields.reject("bodyPatterns", "write a list of objects");
        return None;
    };
    let mut inner = JsonFields::of(pattern, &BODY_FIELDS);
    let ignores_more = inner.flag("ignoreExtraElements").unwrap_or(false);
    if inner.flag("ignoreArrayOrder") == Some(true) {
        inner.reject("ignoreArrayOrder", "the order of lists always counts here");
    }
    let condition = match (inner.take("equalToJson"), inner.text("matchesJsonPath")) {
        (Some(wanted), _) => {
            let parsed = match &wanted {
                Value::String(text) => serde_json::from_str(text).unwrap_or(wanted),
                _ => wanted,
            };
            Some(if ignores_more { Condition::BodyContains(parsed) } else { Condition::BodyEquals(parsed) })
        }
        (None, Some(path)) => match parse_json_path(&path) {
            Ok(parsed) => Some(Condition::BodyPath(parsed, path)),
            Err(error) => {
                inner.reject("matchesJsonPath", format!("`{path}` is no JSONPath: {error}"));
                None
            }
        },
        (None, None) => text_condition(&mut inner).map(Condition::BodyText),
    };
    if condition.is_none() {
        inner.require("equalToJson", "write equalToJson, matchesJsonPath, equalTo, contains, matches or doesNotMatch");
    }
    fields.adopt(&place, inner);
    condition
}
