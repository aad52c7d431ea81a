//! `GET /sessions/{session}/sample`: a request to try an operation with.

use http::StatusCode;
use http::header::AUTHORIZATION;
use serde_json::{Map, Value, json};

use super::{Answer, Context, ok};
use crate::fixtures::sample_request;
use crate::request::Problem;
use crate::scenarios::Credentials;
use crate::session::Session;

/// The parameters of the route.
pub(super) const PARAMETERS: [&str; 1] = ["operation"];

/// A request that the session would accept, if one is found, in the form that `POST …/send` takes. The session does not change.
pub(super) fn get(ctx: &Context<'_>) -> Answer {
    let state = ctx.session()?.state();
    let key = ctx.query.get("operation").unwrap_or_default();
    let operations = &ctx.engine.contract().operations;
    let Some(operation) = operations.iter().find(|operation| *operation.key == *key) else {
        let detail = format!("the API has no operation `{key}`; write one as `GET /operations` lists them");
        return Err(Problem::new(StatusCode::NOT_FOUND, detail));
    };
    let credentials = Credentials::of(ctx.engine, &state);
    let session = Session::new(state);
    let Some(sample) = sample_request(ctx.engine, &credentials, &session, operation) else {
        return Err(Problem::new(StatusCode::NOT_FOUND, format!("no request is known for `{key}`")));
    };
    let gateways = &ctx.engine.api().gateways;
    let target = sample.target();
    let query = target.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
    let mut headers: Map<String, Value> =
        sample.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    headers.extend(sample.authorization(&credentials).map(|value| (AUTHORIZATION.to_string(), value.into())));
    ok(&json!({
        "method": sample.method,
        "path": format!("{}{query}", sample.prefixed_path(gateways)),
        "headers": headers,
        "body": sample.body,
    }))
}
