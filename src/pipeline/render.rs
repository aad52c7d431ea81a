use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode};
use jiff::tz::TimeZone;
use serde_json::Value;

use super::{Engine, Flow, check_credentials, documented_error, negotiate, response_headers};
use crate::openapi::{MediaSpec, ResponseSpec, Shape};
use crate::request::{
    ApiError, Checking, Context, ContractViolation, Document, ErrorMeta, NEAREST_HEADER, Outcome, QUIRKS_HEADER,
    REJECTED_HEADER, Reply, ReplyMode, Response, ResponseMeta,
};

/// Writes the outcome in the dialect of the path and in a form that the client accepts, and describes the response in
/// `x-standin-*` headers.
pub(super) fn render_response(engine: &Engine, ctx: &mut Context<'_>) -> Flow {
    if ctx.outcome.response().is_some() {
        return Ok(());
    }
    let mut error_meta = None;
    let mut response = match std::mem::take(&mut ctx.outcome) {
        Outcome::Finished(response) | Outcome::Cached(response) => response,
        Outcome::Response(response) => *response,
        Outcome::Error(error) => {
            error_meta = Some(Box::new(describe_error(engine, ctx, &error)));
            let own = || engine.dialect(ctx).error(&error, ctx.operation_index.map(|_| ctx.operation)).into();
            let documented = check_credentials::documented_response(ctx, &error);
            documented.or_else(|| documented_error::write_error(engine, ctx, &error)).unwrap_or_else(own)
        }
        success => {
            let mut response = write_success(engine, ctx, success);
            // The contract's example of a header is sent only where the handler has set none.
            response.headers.append(&mut ctx.headers);
            response_headers::add_to_success(engine, ctx, &mut response);
            response
        }
    };
    response.headers.append(&mut ctx.headers);
    response.meta = ResponseMeta {
        operation: ctx.operation_index,
        quirks: ctx.state.applied_quirks(),
        caller: ctx.caller.kind.clone(),
        faults: ctx.faults.take(),
        error: error_meta,
    };
    write_headers(engine, &mut response);
    ctx.outcome = Outcome::Finished(response);
    Ok(())
}

fn write_success(engine: &Engine, ctx: &Context<'_>, outcome: Outcome) -> Response {
    match outcome {
        Outcome::Document(Document { status, content_type, body }) => {
            Response::with_type(status, content_type, body.to_string())
        }
        Outcome::Reply(reply) => write_reply(engine, ctx, &reply),
        Outcome::Body(body) => write_body(ctx, body),
        _ => write_empty(engine, ctx),
    }
}

/// Takes the outcome and builds the JSON document of a success; keeps any other outcome and returns `None`.
pub(super) fn take_document(engine: &Engine, ctx: &mut Context<'_>) -> Option<Document> {
    let json = HeaderValue::from_static("application/json");
    let kept = match std::mem::take(&mut ctx.outcome) {
        Outcome::Reply(reply) if !matches!(reply.form, ReplyMode::Redirect(_)) => {
            let (status, spec, zone) = success_form(ctx, &reply);
            match success_status(status) {
                Some(status) => {
                    let body = engine.dialect(ctx).success_document(spec, &reply, &zone);
                    let status = reply.overridden_status.unwrap_or(status);
                    return Some(Document { status, content_type: json, body });
                }
                None => Outcome::Reply(reply),
            }
        }
        Outcome::Body(body) => match (success_status(ctx.operation.success()), choose_form(ctx)) {
            (Some(status), Form::Undocumented) => return Some(Document { status, content_type: json, body }),
            (Some(status), Form::First(media) | Form::Other(media)) if media.is_json() => {
                return Some(Document { status, content_type: negotiate::content_type(media), body });
            }
            _ => Outcome::Body(body),
        },
        Outcome::Empty if has_empty_envelope(engine, ctx) => match success_status(ctx.operation.success()) {
            Some(status) => {
                let body = engine.dialect(ctx).success_document(None, &Reply::empty(), &TimeZone::UTC);
                return Some(Document { status, content_type: json, body });
            }
            None => Outcome::Empty,
        },
        outcome => outcome,
    };
    ctx.outcome = kept;
    None
}

fn success_status(status: u16) -> Option<StatusCode> {
    StatusCode::from_u16(status).ok().filter(StatusCode::is_success)
}

/// The status of a reply that is a success in the shape of its documented response, that shape, and its time zone.
pub(super) fn success_shape<'a>(ctx: &Context<'a>, reply: &Reply) -> Option<(StatusCode, Option<&'a Shape>, TimeZone)> {
    let documented = reply.form == ReplyMode::Documented;
    let (status, spec, zone) = success_form(ctx, reply);
    let status = success_status(status).filter(|_| documented)?;
    Some((status, spec.and_then(ResponseSpec::shape), zone))
}

/// The status of a reply, its documented response, and the time zone in which that has times.
fn success_form<'a>(ctx: &Context<'a>, reply: &Reply) -> (u16, Option<&'a ResponseSpec>, TimeZone) {
    let operation = ctx.operation;
    let success = operation.success();
    let own = reply.status.and_then(|status| operation.responses.get(status));
    let spec = own.or_else(|| operation.responses.get(success));
    let owner = ctx.caller.owner.as_deref().filter(|_| spec.is_some_and(ResponseSpec::needs_zone));
    let zone = owner.map_or(TimeZone::UTC, |owner| ctx.state.zone(owner));
    (reply.status.unwrap_or(success), spec, zone)
}

fn write_reply(engine: &Engine, ctx: &Context<'_>, reply: &Reply) -> Response {
    if let ReplyMode::Redirect(url) = &reply.form {
        return Response::redirect(reply.status.unwrap_or_else(|| ctx.operation.success()), url);
    }
    let (status, spec, zone) = success_form(ctx, reply);
    let status = reply.overridden_status.map_or(status, |status| status.as_u16());
    engine.dialect(ctx).success(status, spec, reply, &zone).into()
}

/// In which form a documented body is sent.
enum Form<'a> {
    /// The contract documents no body.
    Undocumented,
    /// The first documented form.
    First(&'a MediaSpec),
    /// Another documented form, which the client prefers.
    Other(&'a MediaSpec),
    /// The client accepts no documented form.
    NotAcceptable,
}

fn choose_form<'a>(ctx: &Context<'a>) -> Form<'a> {
    let spec = ctx.operation.success_response();
    let Some(first) = spec.and_then(ResponseSpec::first) else { return Form::Undocumented };
    match spec.and_then(|spec| negotiate::choose(spec, ctx.request)) {
        Some(other) if first.kind != other.kind => Form::Other(other),
        None if ctx.state.settings.checking == Checking::Documented => Form::NotAcceptable,
        _ => Form::First(first),
    }
}

fn write_body(ctx: &Context<'_>, body: Value) -> Response {
    let status = body_status(ctx);
    match choose_form(ctx) {
        Form::Undocumented => Response::json(status, body.to_string()),
        Form::First(media) | Form::Other(media) if media.is_xml() => {
            let document = media.document().filter(|_| is_example(ctx, &body)).cloned();
            negotiate::write(ctx, status, media, document.unwrap_or(body))
        }
        Form::First(media) => negotiate::write(ctx, status, media, body),
        Form::Other(media) if media.is_json() => negotiate::write(ctx, status, media, body),
        // The body was made for the first form: another one has its own example.
        Form::Other(media) => negotiate::write(ctx, status, media, media.example(None).unwrap_or(body)),
        Form::NotAcceptable => Response::empty(StatusCode::NOT_ACCEPTABLE),
    }
}

/// The status of a success: 201 if PUT has created the record and that is documented, else the documented one.
fn body_status(ctx: &Context<'_>) -> u16 {
    let has_created = ctx.created.is_some() && ctx.request.method == Method::PUT;
    if has_created && ctx.operation.responses.contains(201) { 201 } else { ctx.operation.success() }
}

/// Whether a body is the documented example, not a stored record.
fn is_example(ctx: &Context<'_>, body: &Value) -> bool {
    let role = &ctx.operation.role;
    let is_unknown = |kind: &str, item: usize| ctx.state.store.get(kind, &ctx.path[item]).is_none();
    let sample = || ctx.operation.success_response()?.first()?.sample();
    role.resource.as_deref().zip(role.item).is_some_and(|(kind, item)| is_unknown(kind, item)) || sample() == Some(body)
}

fn write_empty(engine: &Engine, ctx: &Context<'_>) -> Response {
    let status = body_status(ctx);
    match has_empty_envelope(engine, ctx) {
        true => engine.dialect(ctx).success(status, None, &Reply::empty(), &TimeZone::UTC).into(),
        false => Response::empty(StatusCode::from_u16(status).unwrap_or(StatusCode::OK)),
    }
}

/// Whether a success has the envelope of the dialect although the contract documents no body. 204 and redirects have none.
fn has_empty_envelope(engine: &Engine, ctx: &Context<'_>) -> bool {
    let status = ctx.operation.success();
    engine.dialect(ctx).requires_token() && status < 300 && status != 204
}

fn describe_error(engine: &Engine, ctx: &mut Context<'_>, error: &ApiError) -> ErrorMeta {
    let violation = error.violation.as_ref().map(|(pointer, rule)| ContractViolation {
        pointer: pointer.clone(),
        rule: rule.clone(),
        location: ctx.operation.location(),
    });
    let code = error.kind.code(&engine.api.ownership.kind);
    ErrorMeta { kind: error.kind, code, violation, nearest: ctx.nearest.take() }
}

/// Describes the response in `x-standin-*` headers.
fn write_headers(engine: &Engine, Response { headers, meta, .. }: &mut Response) {
    if let Some(error) = &meta.error {
        // Without an operation, the status and the nearest route say everything.
        let reason = meta.operation.map(|_| error.to_string());
        let reason = reason.and_then(|reason| HeaderValue::from_bytes(reason.as_bytes()).ok());
        headers.extend(reason.map(|reason| (REJECTED_HEADER, reason)));
        let nearest = error.nearest.as_deref().and_then(|nearest| HeaderValue::from_str(nearest).ok());
        headers.extend(nearest.map(|nearest| (NEAREST_HEADER, nearest)));
    }
    let ids = match meta.quirks.as_slice() {
        [] => None,
        [one] => Some(engine.quirk_ids[*one].clone()),
        quirks => {
            let mut ids = String::with_capacity(256);
            for index in quirks {
                ids.push_str(if ids.is_empty() { "" } else { ", " });
                ids.push_str(&engine.quirks.at(*index).id);
            }
            HeaderValue::from_maybe_shared(Bytes::from(ids)).ok()
        }
    };
    headers.extend(ids.map(|ids| (QUIRKS_HEADER, ids)));
}
