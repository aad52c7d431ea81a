//! `POST /sessions/{session}/replay`.

use super::redaction::{redacted, redactor};
use super::sessions::scenario_file;
use super::{Answer, Context, ok};
use crate::diagnostics::{Diagnostics, FieldError, JsonFields, SourceFile, field_errors};
use crate::request::Problem;
use crate::scenarios::{InProcess, Workflow, Workflows, credentials, load_state, report};

const FIELDS: [&str; 1] = ["scenario"];

/// Gives a session the records of a scenario, then sends the requests of its steps to it.
pub(super) fn post(ctx: &Context<'_>) -> Answer {
    let file = file(ctx)?;
    let workflows = Workflows::read_in(std::slice::from_ref(&file), ctx.engine.scenarios());
    let workflows = workflows.map_err(|invalid| rejected(&file, invalid.diagnostics))?;
    let scenario = |workflow: &'_ Workflow| workflow.scenario.clone();
    let Some((workflow, scenario)) = workflows.list.first().and_then(|first| Some((first, scenario(first)?))) else {
        return Err(Problem::at("/scenario", "write a scenario: its document begins with `scenario:` and a name"));
    };
    let id = ctx.session_id()?;
    let before = match ctx.mock.sessions().find(id.as_str()) {
        Some(session) => session.state(),
        None => ctx.mock.sessions().start().fork(),
    };
    let at = ctx.request.at;
    let state = load_state(ctx.engine, &file, &before, at).map_err(|errors| rejected(&file, vec![errors]))?;
    let credentials = credentials(ctx.engine, &state, &scenario);
    scenario.check_tokens(&credentials).map_err(|errors| rejected(&file, vec![errors]))?;
    let (session, now) = (ctx.session_or_new()?, state.clock().time_at(at));
    session.change(|before| *before = state);
    let mut transport = InProcess { engine: ctx.engine, session, now: at, usage: Some(ctx.mock.usage()) };
    let report = workflows.replay(workflow, &mut transport, &credentials, now, scenario.seed);
    let shown = report::json(&[report]);
    ok(&redacted(shown, &mut redactor(&transport.session.state())))
}

/// The file of the scenario that the body names or contains.
fn file(ctx: &Context<'_>) -> Result<SourceFile, Problem> {
    let mut body = JsonFields::read(&ctx.request.body, &FIELDS)?;
    let scenario = body.take("scenario");
    if scenario.is_none() {
        body.require("scenario", "write the name of a scenario, or a scenario document");
    }
    body.finish()?;
    scenario_file(ctx, scenario.unwrap_or_default()).map_err(|detail| Problem::at("/scenario", detail))
}

/// The errors of a scenario as those of a field of the body.
fn rejected(file: &SourceFile, diagnostics: Vec<Diagnostics>) -> Problem {
    let all = diagnostics.into_iter().flat_map(|diagnostics| diagnostics.list).collect();
    let in_field = |error: FieldError| FieldError { pointer: format!("/scenario{}", error.pointer), ..error };
    field_errors(file, all).into_iter().map(in_field).collect::<Vec<_>>().into()
}
