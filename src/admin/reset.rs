//! `POST /reset`.

use http::StatusCode;
use serde_json::json;

use super::{Context, json_response};
use crate::request::Response;

pub(super) fn post(ctx: &Context<'_>) -> Response {
    ctx.session.reset();
    json_response(StatusCode::OK, &json!({"status": "reset"}))
}
