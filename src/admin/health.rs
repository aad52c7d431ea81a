//! `GET /health`.

use http::StatusCode;
use serde_json::json;

use super::{Context, json_response};
use crate::request::Response;

pub(super) fn get(_: &Context<'_>) -> Response {
    json_response(StatusCode::OK, &json!({"status": "ok"}))
}
