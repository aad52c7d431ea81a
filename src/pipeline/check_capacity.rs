use http::Method;

use super::{Engine, Flow};
use crate::model::MAX_RECORDS;
use crate::request::{ApiError, Context, ErrorKind};

/// Rejects a request that can add records when the state is full.
pub(super) fn check_capacity(_: &Engine, ctx: &mut Context<'_>) -> Flow {
    let can_add = ctx.request.method == Method::POST || ctx.request.method == Method::PUT;
    match can_add && ctx.state.store.len() >= MAX_RECORDS {
        true => Err(ApiError::new(ErrorKind::Full, format!("This world holds {MAX_RECORDS} records; reset it")).into()),
        false => Ok(()),
    }
}
