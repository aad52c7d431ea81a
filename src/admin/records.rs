//! `/sessions/{session}/records`.

use std::sync::Arc;

use http::StatusCode;
use http::header::LOCATION;
use serde_json::{Map, Value, json};

use super::record_stream::{Part, RecordStream};
use super::redaction::{redacted, redactor};
use super::{AdminFeed, Answer, Context, json_response, no_content, ok};
use crate::diagnostics::{SourceFile, field_errors, nearest};
use crate::model::Record;
use crate::request::{Problem, State, delete_stored};
use crate::scenarios::put_record;
use crate::session::Session;

/// The kinds of records that the API has, and how many records of each the session has.
pub(super) fn kinds(ctx: &Context<'_>) -> Answer {
    let state = ctx.session()?.state();
    let resources = &ctx.engine.contract().resources;
    let describe = |kind: &str| -> Value {
        let plural = resources.get(kind).map(|resource| resource.plural.as_str());
        json!({"kind": kind, "plural": plural, "records": state.store.all(kind).count()})
    };
    let list: Vec<Value> = ctx.engine.contract().kinds().into_iter().map(describe).collect();
    ok(&json!({"kinds": list}))
}

pub(super) fn list(ctx: &Context<'_>) -> Result<AdminFeed, Problem> {
    let state = ctx.session()?.state();
    let text = |text: &str| Part::Text(text.to_owned());
    let parts = [text("{\"records\":["), Part::Records(kind(ctx, 1)?.to_owned()), text("]}")];
    Ok(AdminFeed::Records(Box::new(RecordStream::new(state, parts))))
}

pub(super) fn get(ctx: &Context<'_>) -> Answer {
    let session = ctx.session()?;
    let record = find(ctx, &session)?;
    ok(&record_json(&session, &record))
}

pub(super) fn create(ctx: &Context<'_>) -> Answer {
    let kind = kind(ctx, 1)?;
    let fields = fields(ctx)?;
    let id = ["id", "uid"].iter().find_map(|name| fields.get(*name)?.as_str()).map(str::to_owned);
    let session = ctx.session_or_new()?;
    let record = session.change(|state| match id.filter(|id| state.store.get(kind, id).is_some()) {
        Some(id) => Err(Problem::new(StatusCode::CONFLICT, format!("there is a {kind} `{id}`; PUT replaces it"))),
        None => write(ctx, state, kind, fields),
    })?;
    created(&session, &record)
}

pub(super) fn put(ctx: &Context<'_>) -> Answer {
    let kind = kind(ctx, 1)?;
    let mut fields = fields(ctx)?;
    let id = record_id(ctx).to_owned();
    if let Some(other) = ["id", "uid"].iter().find_map(|name| fields.get(*name)).filter(|other| **other != id.as_str())
    {
        return Err(Problem::at("/id", format!("{other} is not the id of the path, `{id}`; leave it out")));
    }
    fields.remove("uid");
    fields.insert("id".to_owned(), id.as_str().into());
    let session = ctx.session_or_new()?;
    let (exists, record) =
        session.change(|state| (state.store.get(kind, &id).is_some(), write(ctx, state, kind, fields)));
    let record = record?;
    if exists { ok(&record_json(&session, &record)) } else { created(&session, &record) }
}

pub(super) fn delete(ctx: &Context<'_>) -> Answer {
    let session = ctx.session()?;
    let record = find(ctx, &session)?;
    let resources = &ctx.engine.contract().resources;
    session.change(|state| delete_stored(state, resources, &record));
    no_content()
}

/// The kind of a parameter of the path, in the singular.
pub(super) fn kind<'c>(ctx: &'c Context<'_>, parameter: usize) -> Result<&'c str, Problem> {
    let kind = ctx.path.get(parameter).map_or("", String::as_str);
    let kinds = ctx.engine.contract().kinds();
    if kinds.contains(kind) {
        return Ok(kind);
    }
    let near = nearest(kind, kinds.iter().copied());
    let advice = near.map_or_else(|| "`GET /state` shows them".to_owned(), |near| format!("did you mean `{near}`?"));
    Err(Problem::new(StatusCode::NOT_FOUND, format!("the API has no records of the kind `{kind}`; {advice}")))
}

fn record_id<'c>(ctx: &'c Context<'_>) -> &'c str {
    ctx.path.get(2).map_or("", String::as_str)
}

fn find(ctx: &Context<'_>, session: &Session) -> Result<Arc<Record>, Problem> {
    let (kind, id) = (kind(ctx, 1)?, record_id(ctx));
    session.state().store.get(kind, id).cloned().ok_or_else(|| {
        let detail =
            format!("the session has no {kind} `{id}`; `GET /sessions/{}/records/{kind}` lists them", session.id());
        Problem::new(StatusCode::NOT_FOUND, detail)
    })
}

/// The fields of the body.
fn fields(ctx: &Context<'_>) -> Result<Map<String, Value>, Problem> {
    match serde_json::from_slice(&ctx.request.body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Problem::at("", "write an object with the fields of the record")),
        Err(error) => Err(Problem::at("", format!("the body is no JSON: {error}"))),
    }
}

/// Checks a record and writes it; a wrong one changes nothing.
fn write(ctx: &Context<'_>, state: &mut State, kind: &str, fields: Map<String, Value>) -> Result<Arc<Record>, Problem> {
    let source = SourceFile::new("record", Value::Object(fields).to_string());
    let written = put_record(ctx.engine, state, kind, &source);
    written.map_err(|diagnostics| field_errors(&source, diagnostics.list).into())
}

fn created(session: &Session, record: &Record) -> Answer {
    let mut response = json_response(StatusCode::CREATED, &record_json(session, record));
    let location = format!("/sessions/{}/records/{}/{}", session.id(), record.kind, record.id);
    response.headers.extend(location.parse().ok().map(|location| (LOCATION, location)));
    Ok(response)
}

fn record_json(session: &Session, record: &Record) -> Value {
    redacted(json!(*record), &mut redactor(&session.state()))
}
