//! `GET /schemas/{kind}`.

use http::StatusCode;

use super::records::kind;
use super::{Answer, Context, ok};
use crate::openapi::record_schema;
use crate::request::Problem;

pub(super) fn get(ctx: &Context<'_>) -> Answer {
    let kind = kind(ctx, 0)?;
    match record_schema(ctx.engine.contract(), kind) {
        Some(schema) => ok(&schema),
        None => {
            let detail = format!("no contract documents the fields of a {kind}");
            Err(Problem::new(StatusCode::NOT_FOUND, detail))
        }
    }
}
