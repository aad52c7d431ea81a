//! `/sessions/{session}/faults`.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Answer, Context, json_response, no_content, ok};
use crate::faults::{Fault, MAX_FAULTS};
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
    ctx.engine.check_fault(&fault)?;
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

fn fault_json(fault: &Fault, applied: u64) -> Value {
    let mut shown = fault.to_json();
    shown["applied"] = applied.into();
    shown
}
