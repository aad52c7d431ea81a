use super::{Engine, Flow, negotiate, response_headers};
use crate::request::Context;

/// Responds with the error with which an operation responds to every request: it is withdrawn, or not implemented yet.
pub(super) fn respond_with_only_error(engine: &Engine, ctx: &mut Context<'_>) -> Flow {
    let Some((status, spec)) = ctx.operation.only_error() else { return Ok(()) };
    let mut response = negotiate::write_documented(ctx, (status, spec), |media| media.example(None));
    response_headers::add_documented(engine, spec, &mut response);
    Err(response.into())
}
