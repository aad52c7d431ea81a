//! `/sessions`.

use std::convert::Infallible;

use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock::{TIME_ADVICE, clock_json};
use super::quirks::WantedQuirks;
use super::{Answer, Context, json_response, no_content, ok, quirks};
use crate::diagnostics::{JsonFields, SourceFile};
use crate::request::{Problem, State};
use crate::scenarios::{Scenario, Start};
use crate::session::{CreateError, Session, SessionId};

const FIELDS: [&str; 5] = ["id", "from", "scenario", "now", "quirks"];

pub(super) fn list(ctx: &Context<'_>) -> Answer {
    let sessions = ctx.mock.sessions();
    let list: Vec<Value> = sessions.list().iter().map(|session| session_json(session, ctx.request.at)).collect();
    ok(&json!({"sessions": list, "limit": sessions.limits().count}))
}

pub(super) fn get(ctx: &Context<'_>) -> Answer {
    ok(&session_json(&*ctx.session()?, ctx.request.at))
}

pub(super) fn delete(ctx: &Context<'_>) -> Answer {
    let session = ctx.session()?;
    if session.id() == SessionId::DEFAULT {
        let detail =
            "the session `default` cannot be deleted; `POST /sessions/default/reset` restores its initial state";
        return Err(Problem::new(StatusCode::CONFLICT, detail));
    }
    ctx.mock.sessions().remove(session.id());
    no_content()
}

pub(super) fn reset(ctx: &Context<'_>) -> Answer {
    ctx.session_or_new()?.reset();
    no_content()
}

pub(super) fn create(ctx: &Context<'_>) -> Answer {
    let mut body = JsonFields::read(&ctx.request.body, &FIELDS)?;
    let id = body.text("id").and_then(|id| match SessionId::parse(&id) {
        Ok(id) => Some(id),
        Err(error) => {
            body.reject("id", error.to_string());
            None
        }
    });
    let from = source(ctx, &mut body);
    let now = body.parsed::<Timestamp>("now", TIME_ADVICE);
    let scenario = scenario(ctx, &mut body, now);
    let quirks = wanted_quirks(ctx, &mut body);
    if from.is_some() && scenario.is_some() {
        body.reject("from", "write either from or scenario");
    }
    body.finish()?;
    let sessions = ctx.mock.sessions();
    let session = match sessions.create(id.as_ref(), scenario, ctx.request.at) {
        Ok(session) => session,
        Err(CreateError::Exists) => {
            let id = id.map(|id| id.as_str().to_owned()).unwrap_or_default();
            let detail = format!("there is a session `{id}`; `DELETE /sessions/{id}` removes it");
            return Err(Problem::new(StatusCode::CONFLICT, detail));
        }
    };
    if let Some(from) = from {
        session.change(|state| *state = from);
    }
    if let Some(now) = now {
        let resources = &ctx.engine.contract().resources;
        let set = session.set_clock(resources, |clock| Ok::<_, Infallible>(clock.set_to(now, ctx.request.at)));
        set.unwrap_or_else(|never| match never {});
    }
    quirks.apply(&session);
    let mut response = json_response(StatusCode::CREATED, &session_json(&session, ctx.request.at));
    let location = HeaderValue::from_str(&format!("/sessions/{}", session.id()));
    response.headers.extend(location.ok().map(|location| (LOCATION, location)));
    Ok(response)
}

/// The state of the session to fork.
fn source(ctx: &Context<'_>, body: &mut JsonFields) -> Option<State> {
    let id = body.text("from")?;
    let found = ctx.mock.sessions().find(&id);
    if found.is_none() {
        body.reject("from", format!("there is no session `{id}`; `GET /sessions` lists them"));
    }
    found.map(|session| session.state())
}

/// The state of a scenario: the name of one that the API has, or a document.
fn scenario(ctx: &Context<'_>, body: &mut JsonFields, now: Option<Timestamp>) -> Option<State> {
    let start = ctx.mock.sessions().start().fork();
    match scenario_file(ctx, body.take("scenario")?).and_then(|file| seed(ctx, &file, &start, now)) {
        Ok(state) => Some(state),
        Err(detail) => {
            body.reject("scenario", detail);
            None
        }
    }
}

/// The file of a scenario: of one that the API has, by its name, or of a document.
pub(super) fn scenario_file(ctx: &Context<'_>, scenario: Value) -> Result<SourceFile, String> {
    let scenarios = ctx.engine.scenarios();
    match scenario {
        Value::String(text) => match scenarios.find(&text) {
            Some(file) => Ok(file.clone()),
            None if text.contains(['\n', ':']) => Ok(SourceFile::new("scenario", text)),
            None => Err(format!("there is no scenario `{text}`; the API has {}", scenarios.names().join(", "))),
        },
        document @ Value::Object(_) => Ok(SourceFile::new("scenario", document.to_string())),
        _ => Err("write the name of a scenario, or a scenario document as an object or a text".to_owned()),
    }
}

fn seed(ctx: &Context<'_>, file: &SourceFile, start: &State, now: Option<Timestamp>) -> Result<State, String> {
    let scenario = Scenario::read_in(file, ctx.engine.scenarios()).map_err(|error| error.to_string())?;
    scenario.check_switches(ctx.engine.quirks()).map_err(|error| error.to_string())?;
    let at = ctx.request.at;
    let of_snapshot = scenario.snapshot.as_ref().filter(|_| now.is_none()).and_then(|snapshot| snapshot.clock(at));
    let set_to = |now| start.clock().set_to(now, at);
    let clock = of_snapshot.or_else(|| now.or(scenario.now).map(set_to)).unwrap_or_else(|| start.clock());
    let now = clock.time_at(at);
    let flags = scenario.quirks.as_ref().and_then(|selection| ctx.engine.quirks().flags(selection).ok());
    let flags = flags.unwrap_or_else(|| start.flags().clone());
    scenario.seed(ctx.engine, Start { clock, now, flags, seed: None }).map_err(|error| error.to_string())
}

/// The profile and switches of `quirks`: the name of a profile, or an object with `profile` and `switches`.
fn wanted_quirks(ctx: &Context<'_>, body: &mut JsonFields) -> WantedQuirks {
    let mut inner = match body.take("quirks") {
        None => return WantedQuirks::default(),
        Some(Value::Object(fields)) => JsonFields::of(fields, &quirks::FIELDS),
        Some(profile) => JsonFields::of([("profile".to_owned(), profile)].into_iter().collect(), &quirks::FIELDS),
    };
    let wanted = WantedQuirks::read(&mut inner, ctx.engine);
    body.adopt("quirks", inner);
    wanted
}

/// A session as it is shown.
pub(super) fn session_json(session: &Session, at: Timestamp) -> Value {
    let state = session.state();
    let clock = clock_json(session, at);
    json!({
        "id": session.id().as_str(),
        "now": clock["now"],
        "frozen": clock["frozen"],
        "speed": clock["speed"],
        "records": state.store.len(),
        "requests": session.log().count(),
    })
}
