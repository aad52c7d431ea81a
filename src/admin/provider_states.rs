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

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Context, error, json_response};
use crate::fixtures::{ProviderState, state};
use crate::request::Response;

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

pub(super) fn post(ctx: &Context<'_>) -> Response {
    let StateChange { state, params, action } = match serde_json::from_slice(&ctx.request.body) {
        Ok(change) => change,
        Err(cause) => {
            let form = "expected {\"state\", \"params\", \"action\": \"setup\" or \"teardown\"}";
            return error(StatusCode::BAD_REQUEST, &format!("{form}: {cause}"));
        }
    };
    match action {
        Action::Teardown => json_response(StatusCode::OK, &json!({})),
        Action::Setup => {
            match state::set_up(ctx.engine, ctx.session, &ProviderState { state, params }, ctx.request.at) {
                Ok(values) => json_response(StatusCode::OK, &Value::Object(values)),
                Err(message) => error(StatusCode::CONFLICT, &message),
            }
        }
    }
}
