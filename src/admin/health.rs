//! `GET /health`, `GET /ready`, `GET /info`.

use serde_json::{Value, json};

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
    let url = |prefix: &str| ctx.admin.server.api.map(|address| format!("http://{address}{prefix}"));
    let gateways = engine.api().gateways.list.iter();
    let gateways: Vec<Value> = gateways
        .map(|gateway| {
            json!({"name": gateway.name.as_str(), "title": gateway.title, "prefix": gateway.prefix(), "url": url(gateway.prefix())})
        })
        .collect();
    ok(&json!({
        "version": env!("CARGO_PKG_VERSION"),
        "api": engine.api().name,
        "url": url(""),
        "scenario": ctx.admin.server.scenario,
        "instance": ctx.admin.server.instance,
        "gateways": gateways,
        "operations": engine.contract().operations.len(),
        "quirks": engine.quirks().iter().count(),
        "sessions": {"count": sessions.count(), "limit": sessions.limits().count},
        "journal": {"entries": entries, "bytes": bytes},
    }))
}
