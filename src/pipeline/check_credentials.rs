use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use super::{Engine, Flow, negotiate, parameters};
use crate::openapi::{Credential, ResponseSpec};
use crate::request::{ApiError, Checking, Context, ErrorKind, Response};

/// The rule that a request without credentials violates.
const RULE: &str = "security";

/// Rejects a request without the credentials that the contract requires, if everything is checked as documented. Their
/// values are not checked. An API that declares its own tokens has other rules.
pub(super) fn check_credentials(engine: &Engine, ctx: &mut Context<'_>) -> Flow {
    if ctx.state.settings.checking != Checking::Documented || engine.api.tokens.are_declared() {
        return Ok(());
    }
    let alternatives = &ctx.operation.security;
    let is_sent = |credential: &Credential| is_sent(ctx, credential);
    if alternatives.is_empty() || alternatives.iter().any(|required| required.iter().all(is_sent)) {
        return Ok(());
    }
    let mut missing = alternatives.iter().flatten().filter(|credential| !is_sent(credential));
    let pointer = missing.next().map(pointer).unwrap_or_default();
    let names = |required: &Vec<Credential>| required.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
    let names: Vec<String> = alternatives.iter().map(names).collect();
    let message = format!("The credentials are missing: {}", names.join(", or "));
    let responses = &ctx.operation.responses;
    let kind = match !responses.contains(401) && responses.contains(403) {
        true => ErrorKind::Unauthorized,
        false => ErrorKind::Unauthenticated,
    };
    if kind == ErrorKind::Unauthenticated {
        let challenges = challenges(alternatives);
        ctx.headers.extend(challenges.map(|challenge| (WWW_AUTHENTICATE, challenge)));
    }
    Err(ApiError::new(kind, message).violation(&pointer, RULE).into())
}

/// The documented response to missing credentials; `None` for any other error, and if the contract has none with a body.
pub(super) fn documented_response(ctx: &Context<'_>, error: &ApiError) -> Option<Response> {
    error.violation.as_ref().filter(|(_, rule)| rule == RULE)?;
    let status = if error.kind == ErrorKind::Unauthorized { StatusCode::FORBIDDEN } else { StatusCode::UNAUTHORIZED };
    let documented = ctx.operation.documented(status.as_u16())?;
    let media = negotiate::choose(documented, ctx.request).or_else(|| ResponseSpec::first(documented))?;
    Some(negotiate::write(ctx, status.as_u16(), media, media.example(None)?))
}

/// Whether a request has a credential.
fn is_sent(ctx: &Context<'_>, credential: &Credential) -> bool {
    match credential {
        Credential::Authorization(scheme) => ctx.request.headers.get_all(AUTHORIZATION).into_iter().any(|header| {
            let sent = header.to_str().ok().and_then(|sent| sent.trim().split_once(' '));
            sent.is_some_and(|(name, value)| name.eq_ignore_ascii_case(scheme) && is_well_formed(scheme, value.trim()))
        }),
        Credential::Header(name) => ctx.request.headers.get(name.as_str()).is_some_and(|value| !value.is_empty()),
        Credential::Query(name) => ctx.query.get(name).is_some_and(|value| !value.is_empty()),
        Credential::Cookie(name) => parameters::cookies(ctx, name).iter().any(|value| !value.is_empty()),
        Credential::Invisible => true,
    }
}

/// Whether the value behind a scheme can be one: name and password for `basic` (RFC 7617), anything for others.
fn is_well_formed(scheme: &str, value: &str) -> bool {
    match scheme {
        "basic" => BASE64_STANDARD.decode(value).is_ok_and(|pair| pair.contains(&b':')),
        _ => !value.is_empty(),
    }
}

/// Where a credential is expected, as a JSON pointer.
fn pointer(credential: &Credential) -> String {
    match credential {
        Credential::Authorization(_) => "/header/Authorization".to_owned(),
        Credential::Header(name) => format!("/header/{name}"),
        Credential::Query(name) => format!("/query/{name}"),
        Credential::Cookie(name) => format!("/cookie/{name}"),
        Credential::Invisible => String::new(),
    }
}

/// The challenges of the schemes of the Authorization header (RFC 9110, section 11.6.1).
fn challenges(alternatives: &[Vec<Credential>]) -> impl Iterator<Item = HeaderValue> {
    let mut schemes: Vec<&str> = Vec::new();
    for credential in alternatives.iter().flatten() {
        if let Credential::Authorization(scheme) = credential
            && !schemes.contains(&scheme.as_str())
        {
            schemes.push(scheme);
        }
    }
    let challenge = |scheme: &str| {
        let challenge = match scheme {
            "basic" => "Basic realm=\"api\", charset=\"UTF-8\"".to_owned(),
            "bearer" => "Bearer".to_owned(),
            other => other.to_owned(),
        };
        HeaderValue::from_str(&challenge).ok()
    };
    schemes.into_iter().filter_map(challenge).collect::<Vec<_>>().into_iter()
}
