use http::Method;

use super::{Engine, Flow};
use crate::model::MAX_RECORDS;
use crate::request::{ApiError, Context, ErrorKind};

/// Rejects a request that can add records or values when the session is full, or the memory of all sessions.
pub(super) fn check_capacity(_: &Engine, ctx: &mut Context<'_>) -> Flow {
    let store = &ctx.state.store;
    let can_add = [Method::POST, Method::PUT, Method::PATCH].contains(&ctx.request.method);
    if !can_add {
        return Ok(());
    }
    if store.len() >= MAX_RECORDS && ctx.request.method != Method::PATCH {
        let message = format!("The session holds {MAX_RECORDS} records, the maximum; reset it");
        return Err(ApiError::new(ErrorKind::Full, message).into());
    }
    let room = store.meter().room_for_body(ctx.request.body.len());
    room.map_err(|full| ApiError::new(ErrorKind::Full, full.to_string()).into())
}
