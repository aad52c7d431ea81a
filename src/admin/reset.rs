//! `POST /reset`: the session `default`.

use super::{Answer, Context, done};

pub(super) fn post(ctx: &Context<'_>) -> Answer {
    ctx.mock.sessions().default_session().reset();
    done("reset")
}
