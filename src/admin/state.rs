//! `GET /state`.

use http::StatusCode;

use super::{Context, json_response};
use crate::request::{Query, Response};

pub(super) fn get(ctx: &Context<'_>) -> Response {
    let query = Query::parse(ctx.request.query.as_deref());
    json_response(StatusCode::OK, &ctx.session.state_json(ctx.engine, query.get("kind")))
}
