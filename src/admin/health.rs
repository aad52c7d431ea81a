//! `GET /health`, `GET /ready`, `GET /info`.

use serde_json::json;

use super::{Answer, Context, done, ok};

pub(super) fn get(_: &Context<'_>) -> Answer {
    done("ok")
}

/// Both ports listen before the first request can arrive, so a server that answers is ready.
pub(super) fn ready(_: &Context<'_>) -> Answer {
    done("ready")
}

pub(super) fn info(ctx: &Context<'_>) -> Answer {
    let (sessions, engine) = (ctx.mock.sessions(), ctx.engine);
    let (entries, bytes) = sessions.journal().usage();
    ok(&json!({
        "version": env!("CARGO_PKG_VERSION"),
        "api": engine.api().name,
        "operations": engine.contract().operations.len(),
        "quirks": engine.quirks().iter().count(),
        "sessions": {"count": sessions.count(), "limit": sessions.limits().count},
        "journal": {"entries": entries, "bytes": bytes},
    }))
}
