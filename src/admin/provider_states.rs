//! `POST /states`: provider states of contract tests.
//!
//! The body is what Pact's verifier sends before an interaction, `{"state", "params", "action"}`. On setup:
//!
//! - the state [`state::START`] resets the session;
//! - a state whose params are a request ([`state::SetupRequest`]) is reached by sending that request;
//! - any other state holds if the records exist that its params name.
//!
//! The response is 200 with the values that the state defines by name, or 409 with the reason why it cannot be reached.
//! A teardown does nothing, because the first state of the next fixture resets the session.

use std::sync::Arc;

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Answer, Context, ok};
use crate::fixtures::{ProviderState, state};
use crate::request::Problem;
use crate::scenarios::InProcess;

/// The body. Further fields, such as the consumer, are ignored.
#[derive(Deserialize)]
struct StateChange {
    state: String,
    #[serde(default)]
    params: Map<String, Value>,
    #[serde(default)]
    action: Action,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    #[default]
    Setup,
    Teardown,
}

pub(super) fn post(ctx: &Context<'_>) -> Answer {
    let form = "expected {\"state\", \"params\", \"action\": \"setup\" or \"teardown\"}";
    let StateChange { state, params, action } =
        serde_json::from_slice(&ctx.request.body).map_err(|cause| Problem::at("", format!("{form}: {cause}")))?;
    match action {
        Action::Teardown => ok(&json!({})),
        Action::Setup => {
            let session = Arc::clone(ctx.mock.sessions().default_session());
            let usage = Some(ctx.mock.usage());
            let mock = InProcess { engine: ctx.engine, session, now: ctx.request.at, usage };
            let values = state::set_up(&mock, &ProviderState { state, params })
                .map_err(|message| Problem::new(StatusCode::CONFLICT, message))?;
            ok(&Value::Object(values))
        }
    }
}
