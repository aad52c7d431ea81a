//! `/sessions/{session}/snapshot`.

use bytes::Bytes;
use http::header::ACCEPT;
use http::{HeaderValue, StatusCode};

use super::sessions::session_json;
use super::{AdminFeed, Answer, Context, ok};
use crate::diagnostics::{SourceFile, field_errors};
use crate::request::{Problem, Response};
use crate::scenarios::{SnapshotFormat, load_state, write_snapshot};

/// The parameters of GET.
pub(super) const PARAMETERS: [&str; 2] = ["with_secrets", "format"];

/// The head of the response: [`stream`] writes the body.
pub(super) fn get(ctx: &Context<'_>) -> Answer {
    let content_type = HeaderValue::from_static(match format(ctx)? {
        SnapshotFormat::Json => "application/json",
        SnapshotFormat::Yaml => "application/yaml",
    });
    Ok(Response::with_type(StatusCode::OK, content_type, ""))
}

pub(super) fn stream(ctx: &Context<'_>) -> Result<AdminFeed, Problem> {
    let secrets = with_secrets(ctx)?;
    let format = format(ctx)?;
    let session = ctx.session()?;
    let text = write_snapshot(ctx.engine, session.state(), session.id(), ctx.request.at, (secrets, format));
    Ok(AdminFeed::Pieces(text.into_pieces().into_iter().map(Bytes::from).collect()))
}

pub(super) fn put(ctx: &Context<'_>) -> Answer {
    let text = std::str::from_utf8(&ctx.request.body).map_err(|_| Problem::at("", "the body is not UTF-8"))?;
    let id = ctx.session_id()?;
    let before = match ctx.mock.sessions().find(id.as_str()) {
        Some(session) => session.state(),
        None => ctx.mock.sessions().start().fork(),
    };
    let source = SourceFile::new("snapshot", text);
    let state = load_state(ctx.engine, &source, &before, ctx.request.at);
    let state = state.map_err(|diagnostics| field_errors(&source, diagnostics.list))?;
    let session = ctx.session_or_new()?;
    session.change(|before| *before = state);
    ok(&session_json(&session, ctx.request.at))
}

/// Whether the snapshot is to contain credentials.
fn with_secrets(ctx: &Context<'_>) -> Result<bool, Problem> {
    match ctx.query.get("with_secrets") {
        None | Some("false") => Ok(false),
        Some("true") if ctx.admin.access.secrets => Ok(true),
        Some("true") => {
            let detail = "snapshots with credentials need a server that was started with --with-secrets";
            Err(Problem::new(StatusCode::FORBIDDEN, detail))
        }
        Some(_) => Err(Problem::at("/query/with_secrets", "write true or false")),
    }
}

/// The form that `format` or the Accept header selects.
fn format(ctx: &Context<'_>) -> Result<SnapshotFormat, Problem> {
    let accept = ctx.request.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    match ctx.query.get("format") {
        Some("json") => Ok(SnapshotFormat::Json),
        Some("yaml") => Ok(SnapshotFormat::Yaml),
        Some(_) => Err(Problem::at("/query/format", "write json or yaml")),
        None if accept.starts_with("application/yaml") => Ok(SnapshotFormat::Yaml),
        None => Ok(SnapshotFormat::Json),
    }
}
