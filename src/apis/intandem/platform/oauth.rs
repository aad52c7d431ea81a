//! Tokens for apps: `/oauth/token` and `/oauth/service/token`. In Rust: grants, HTTP Basic and PKCE are algorithms.
//!
//! An app authenticates with the body, or with HTTP Basic (RFC 6749, section 2.3.1); no other token is needed. For a code it
//! gets a token of the user of [`super::authorization`] with an `id_token`, for its own credentials a token of the app.
//! Refreshing is undocumented and follows RFC 6749, section 6; the refresh token stays the same. A code that is used twice
//! revokes the tokens that it gave (section 4.1.2).
//!
//! Source: the contract of `/oauth/token`; catalogue-platform, rows tok-oauth-service-none,
//! tok-oauth-token-client-credentials and se-app-create-credentials.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use compact_str::{CompactString, format_compact};
use http::header::AUTHORIZATION;
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use crate::apis::intandem::platform::identity;
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Caller, Context, ErrorKind, Reply, decode_basic};

/// Validity of a token in seconds: twenty years of 365.25 days and one day.
const TOKEN_VALIDITY: i64 = 631_139_040;

/// Validity of a service token and of an `id_token` in seconds.
pub(super) const SERVICE_TOKEN_VALIDITY: i64 = 3_600;

/// `POST /oauth/token`.
pub fn issue_token(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let app = authenticate_app(ctx, "client_id", "client_secret")?;
    let created = ctx.state.now().as_second();
    match ctx.body_text("grant_type") {
        Some("client_credentials") => {
            let fields = app_fields(&app);
            Ok(respond(ctx, &app, fields, TOKEN_VALIDITY, created.into()))
        }
        Some("authorization_code") => exchange_code(ctx, &app),
        Some("refresh_token") => exchange_refresh_token(ctx, &app),
        _ => Err(ApiError::invalid("grant_type", "The grant type is not supported.")),
    }
}

/// `POST /oauth/service/token`.
pub fn issue_service_token(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let app = authenticate_app(ctx, "service_id", "service_secret")?;
    let created = ctx.state.now_text();
    let fields = app_fields(&app);
    Ok(respond(ctx, &app, fields, SERVICE_TOKEN_VALIDITY, created.into()))
}

/// Whether a scope requests an `id_token`.
pub(super) fn is_openid(scope: &str) -> bool {
    scope.split(' ').any(|part| part == "openid")
}

/// The error for an unknown app or a wrong secret.
pub(super) fn unknown_client() -> ApiError {
    let message = "Client authentication failed. The client_id or client_secret is invalid.";
    ApiError::new(ErrorKind::Unauthenticated, message)
}

/// Exchanges a code for a token of the user, a refresh token and an `id_token`. The code cannot be used again.
fn exchange_code(ctx: &mut Context<'_>, app: &Record) -> Result<Reply, ApiError> {
    let code = ctx.body_text("code").ok_or_else(|| ApiError::missing("code"))?;
    let redirect_uri = ctx.body_text("redirect_uri").ok_or_else(|| ApiError::missing("redirect_uri"))?;
    let code = ctx.state.store.get("authorization_code", code).cloned().ok_or_else(|| invalid_grant().unknown())?;
    if code.text("app_code_name") == app.id && code.get("is_used").is_true() {
        revoke(ctx, &code.id);
        return Err(invalid_grant());
    }
    let is_valid = code.text("app_code_name") == app.id
        && code.text("redirect_uri") == redirect_uri
        && code.get("exp").as_integer().is_some_and(|expiry| expiry > ctx.state.now().as_second())
        && verify_pkce(ctx.body_text("code_verifier"), &code);
    if !is_valid {
        return Err(invalid_grant());
    }
    let mut used = Record::clone(&code);
    used.fields.set("is_used", true);
    ctx.state.store.put(used);
    let refresh_token = format_compact!("{:032x}{:032x}", ctx.state.ids.number(), ctx.state.ids.number());
    let fields = identity::claims_record(&identity::person_from(&code))
        .with("app_code_name", &app.id)
        .with("scope", code.get("scope").clone())
        .with("code", &code.id);
    ctx.state.store.put(Record::new("refresh_token", refresh_token.clone(), fields));
    let user = identity::person_from(&code);
    let id_token = identity::id_token(ctx.state, app, &user, code.get("nonce").as_text());
    let reply = respond_with_user_token(ctx, app, &user, &code.id);
    Ok(reply.and("refresh_token", refresh_token).and("id_token", id_token))
}

/// Exchanges a refresh token for another token of the same user.
fn exchange_refresh_token(ctx: &mut Context<'_>, app: &Record) -> Result<Reply, ApiError> {
    let refresh_token = ctx.body_text("refresh_token").ok_or_else(|| ApiError::missing("refresh_token"))?;
    let grant =
        ctx.state.store.get("refresh_token", refresh_token).cloned().ok_or_else(|| invalid_grant().unknown())?;
    if grant.text("app_code_name") != app.id {
        return Err(invalid_grant());
    }
    let user = identity::person_from(&grant);
    let reply = respond_with_user_token(ctx, app, &user, grant.text("code")).and("refresh_token", &grant.id);
    Ok(match is_openid(grant.text("scope")) {
        true => reply.and("id_token", identity::id_token(ctx.state, app, &user, None)),
        false => reply,
    })
}

/// Revokes the tokens that a code gave, also by refreshing.
fn revoke(ctx: &mut Context<'_>, code: &str) {
    for kind in ["token", "refresh_token"] {
        let given = ctx.state.store.all(kind).filter(|token| token.get("code").as_text() == Some(code));
        let given: Vec<CompactString> = given.map(|token| token.id.clone()).collect();
        for id in given {
            ctx.state.store.remove(kind, &id);
        }
    }
}

/// The error for an invalid code or refresh token. The contract documents it with status 401, where RFC 6749 has 400.
fn invalid_grant() -> ApiError {
    let message = "The grant is invalid, expired or used, was issued to another client or for another redirect_uri.";
    ApiError::new(ErrorKind::Unauthorized, message)
}

/// Whether a verifier matches the challenge of the request for the code (RFC 7636, section 4.6).
fn verify_pkce(verifier: Option<&str>, code: &Record) -> bool {
    let challenge = code.get("code_challenge").as_text();
    match (code.get("code_challenge_method").as_text(), verifier) {
        (None, _) => true,
        (Some("S256"), Some(verifier)) => challenge == Some(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)).as_str()),
        (Some(_), verifier) => challenge == verifier,
    }
}

/// The app whose id and secret the Authorization header or the body has.
fn authenticate_app(ctx: &Context<'_>, id: &str, secret: &str) -> Result<Arc<Record>, ApiError> {
    let basic = basic_credentials(ctx);
    let (id, secret) = match &basic {
        Some((id, secret)) => (Some(id.as_str()), Some(secret.as_str())),
        None => (ctx.body_text(id), ctx.body_text(secret)),
    };
    let matches = |app: &&Arc<Record>| {
        id.is_some() && app.get("client_id").as_text() == id && app.get("client_secret").as_text() == secret
    };
    let app = ctx.state.store.all("app").find(matches).cloned();
    app.ok_or_else(|| unknown_client().unknown())
}

/// Id and secret of HTTP Basic, each percent-encoded (RFC 6749, section 2.3.1).
fn basic_credentials(ctx: &Context<'_>) -> Option<(String, String)> {
    let (scheme, encoded) = ctx.request.headers.get(AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let (id, secret) = decode_basic(encoded)?;
    let decode = |text: &str| percent_decode_str(text).decode_utf8().ok().map(String::from);
    Some((decode(&id)?, decode(&secret)?))
}

fn app_fields(app: &Record) -> Fields {
    Fields::new().with("kind", "app").with("directory_uid", app.get("directory_uid").clone())
}

/// Responds with a token of a user. It can be revoked with the code that gave it.
fn respond_with_user_token(ctx: &mut Context<'_>, app: &Record, user: &Caller, code: &str) -> Reply {
    let created = ctx.state.now().as_second();
    let owner = identity::claims_record(user).with("code", code);
    respond(ctx, app, owner, TOKEN_VALIDITY, created.into())
}

fn respond(ctx: &mut Context<'_>, app: &Record, owner: Fields, validity: i64, created: FieldValue) -> Reply {
    let expires = ctx.state.now().as_second().saturating_add(validity);
    let token = mint(ctx, owner.with("app_code_name", &app.id).with("exp", expires));
    Reply::bare()
        .and("access_token", token)
        .and("created_at", created)
        .and("expires_in", validity)
        .and("token_type", "Bearer")
}

/// Stores a new token.
fn mint(ctx: &mut Context<'_>, fields: Fields) -> CompactString {
    let value = format_compact!("{:032x}{:032x}", ctx.state.ids.number(), ctx.state.ids.number());
    ctx.state.store.put(Record::new("token", value.clone(), fields));
    value
}
