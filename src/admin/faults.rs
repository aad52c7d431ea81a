//! `/sessions/{session}/faults`.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Answer, Context, json_response, no_content, ok};
use crate::diagnostics::{FieldError, JsonFields, nearest};
use crate::faults::{Fault, MAX_FAULTS};
use crate::pipeline::Engine;
use crate::request::Problem;

pub(super) fn list(ctx: &Context<'_>) -> Answer {
    let state = ctx.session()?.state();
    let faults: Vec<Value> = state.faults.iter().map(|(fault, applied)| fault_json(fault, applied)).collect();
    ok(&json!({"faults": faults}))
}

pub(super) fn create(ctx: &Context<'_>) -> Answer {
    let fields: Map<String, Value> = match serde_json::from_slice(&ctx.request.body) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => return Err(Problem::at("", "write an object with a match and one kind of fault")),
        Err(error) => return Err(Problem::at("", format!("the body is no JSON: {error}"))),
    };
    let fault = Fault::read(fields)?;
    check(ctx.engine, &fault)?;
    let session = ctx.session_or_new()?;
    let added = session.change(|state| (!state.faults.is_full()).then(|| state.faults.add(fault)));
    let Some(fault) = added else {
        let detail = format!("the session has {MAX_FAULTS} faults, the maximum; `DELETE` removes them");
        return Err(Problem::new(StatusCode::CONFLICT, detail));
    };
    Ok(json_response(StatusCode::CREATED, &fault_json(&fault, 0)))
}

pub(super) fn clear(ctx: &Context<'_>) -> Answer {
    ctx.session()?.change(|state| state.faults.clear());
    no_content()
}

pub(super) fn delete(ctx: &Context<'_>) -> Answer {
    let session = ctx.session()?;
    let id = ctx.path.get(1).map_or("", String::as_str);
    match session.change(|state| state.faults.remove(id)) {
        true => no_content(),
        false => {
            let detail = format!("the session has no fault `{id}`; `GET /sessions/{}/faults` lists them", session.id());
            Err(Problem::new(StatusCode::NOT_FOUND, detail))
        }
    }
}

/// Rejects a fault for an operation or a kind of token that does not exist.
fn check(engine: &Engine, fault: &Fault) -> Result<(), Vec<FieldError>> {
    let mut errors = JsonFields::of(Map::new(), &[]);
    let rule = fault.matches();
    let operations = &engine.contract().operations;
    if let Some(operation) = rule.operation.as_ref().filter(|operation| !operation.is_pattern())
        && !operations.iter().any(|known| known.key == operation.as_str())
    {
        let near = nearest(operation.as_str(), operations.iter().map(|operation| operation.key.as_str()));
        let advice =
            near.map_or_else(|| "`standin routes` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
        errors.reject("operation", format!("there is no operation `{}`; {advice}", operation.as_str()));
    }
    let tokens = &engine.api().tokens;
    if let Some(kind) = rule.token.as_ref().filter(|kind| tokens.kind(kind).is_none()) {
        let known = tokens.kind_names().join(", ");
        let known = if known.is_empty() { "the API has no tokens".to_owned() } else { format!("there are {known}") };
        errors.reject("token", format!("there is no kind of token `{kind}`; {known}"));
    }
    errors.finish()
}

fn fault_json(fault: &Fault, applied: u64) -> Value {
    let mut shown = fault.to_json();
    shown["applied"] = applied.into();
    shown
}
