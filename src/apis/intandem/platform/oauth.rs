//! Tokens for apps: `/oauth/token` and `/oauth/service/token`.
//!
//! Facts: the API's own contract of `/oauth/token`; rows `tok-oauth-service-none`, `tok-oauth-token-client-credentials`
//! and `se-app-create-credentials` of the catalogue of other domains. An app proves itself in the body; nobody else's
//! token is asked for. For a code it gets a token of the person who was at [`super::authorization`], for its own
//! credentials one of the app.
//!
//! The facts are silent about refreshing. It follows RFC 6749, section 6; the refresh token stays the same.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use compact_str::{CompactString, format_compact};
use sha2::{Digest, Sha256};

use crate::apis::intandem::platform::identity;
use crate::apis::intandem::platform::token::mint;
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, ErrorKind, Reply};

/// How long a token of an app works, in seconds: twenty years of 365.25 days and a day more.
const LASTS: i64 = 631_139_040;
/// The same for a service token, and for an `id_token`.
pub(super) const SERVICE_LASTS: i64 = 3_600;

/// `POST /oauth/token`.
pub fn issue_token(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let app = app(ctx, "client_id", "client_secret")?;
    let created = ctx.state.now().as_second();
    match ctx.body_text("grant_type") {
        Some("client_credentials") => {
            let fields = of_app(&app);
            Ok(answer(ctx, &app, fields, LASTS, created.into()))
        }
        Some("authorization_code") => exchange_code(ctx, &app),
        Some("refresh_token") => exchange_refresh_token(ctx, &app),
        _ => Err(ApiError::invalid("grant_type", "The grant type is not supported.")),
    }
}

/// `POST /oauth/service/token`.
pub fn issue_service_token(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let app = app(ctx, "service_id", "service_secret")?;
    let created = ctx.state.now_text();
    let fields = of_app(&app);
    Ok(answer(ctx, &app, fields, SERVICE_LASTS, created.into()))
}

/// Whether the scope asks who the person is.
pub(super) fn is_openid(scope: &str) -> bool {
    scope.split(' ').any(|word| word == "openid")
}

/// No app has that id, or another secret.
pub(super) fn unknown_client() -> ApiError {
    let words = "Client authentication failed. The client_id or client_secret is invalid.";
    ApiError::new(ErrorKind::Unauthenticated, words)
}

/// The person's token, and what renews it; the code is then used up.
fn exchange_code(ctx: &mut Context<'_>, app: &Record) -> Result<Reply, ApiError> {
    let code = ctx.body_text("code").ok_or_else(|| ApiError::missing("code"))?;
    let to = ctx.body_text("redirect_uri").ok_or_else(|| ApiError::missing("redirect_uri"))?;
    let code = ctx.state.store.get("authorization_code", code).cloned().ok_or_else(|| invalid_grant().unknown())?;
    let is_good = code.text("app_code_name") == app.id
        && code.text("redirect_uri") == to
        && !code.get("is_used").is_true()
        && code.get("exp").as_integer().is_some_and(|expiry| expiry > ctx.state.now().as_second())
        && verify_pkce(ctx.body_text("code_verifier"), &code);
    if !is_good {
        return Err(invalid_grant());
    }
    let mut used = Record::clone(&code);
    used.fields.set("is_used", true);
    ctx.state.store.put(used);
    let renews = format_compact!("{:032x}{:032x}", ctx.state.ids.number(), ctx.state.ids.number());
    let fields = identity::claims_record(&identity::person(&code))
        .with("app_code_name", &app.id)
        .with("scope", code.get("scope").clone());
    ctx.state.store.put(Record { kind: "refresh_token".into(), id: renews.clone(), fields });
    Ok(of_person(ctx, app, &code, renews))
}

/// Another token of the same person's.
fn exchange_refresh_token(ctx: &mut Context<'_>, app: &Record) -> Result<Reply, ApiError> {
    let renews = ctx.body_text("refresh_token").ok_or_else(|| ApiError::missing("refresh_token"))?;
    let grant = ctx.state.store.get("refresh_token", renews).cloned().ok_or_else(|| invalid_grant().unknown())?;
    if grant.text("app_code_name") != app.id {
        return Err(invalid_grant());
    }
    Ok(of_person(ctx, app, &grant, grant.id.clone()))
}

/// Why there is no token for a code or a refresh token. The contract has it under 401 and not, as the standard, under 400.
fn invalid_grant() -> ApiError {
    let words = "The grant is invalid, expired or used, was issued to another client or for another redirect_uri.";
    ApiError::new(ErrorKind::Unauthorized, words)
}

/// Whether a verifier is the one whose challenge came with the request for the code (RFC 7636, section 4.6).
fn verify_pkce(verifier: Option<&str>, code: &Record) -> bool {
    let challenge = code.get("code_challenge").as_text();
    match (code.get("code_challenge_method").as_text(), verifier) {
        (None, _) => true,
        (Some("S256"), Some(verifier)) => challenge == Some(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)).as_str()),
        (Some(_), verifier) => challenge == verifier,
    }
}

/// The app whose id and secret the body has.
fn app(ctx: &Context<'_>, id: &str, secret: &str) -> Result<Arc<Record>, ApiError> {
    let (id, secret) = (ctx.body_text(id), ctx.body_text(secret));
    let is_meant = |app: &&Arc<Record>| {
        id.is_some() && app.get("client_id").as_text() == id && app.get("client_secret").as_text() == secret
    };
    let app = ctx.state.store.all("app").find(is_meant).cloned();
    app.ok_or_else(|| unknown_client().unknown())
}

fn of_app(app: &Record) -> Fields {
    Fields::new().with("kind", "app").with("directory_uid", app.get("directory_uid").clone())
}

fn of_person(ctx: &mut Context<'_>, app: &Record, grant: &Record, renews: CompactString) -> Reply {
    let person = identity::person(grant);
    let created = ctx.state.now().as_second();
    let answer = answer(ctx, app, identity::claims_record(&person), LASTS, created.into());
    let answer = answer.and("refresh_token", renews);
    match is_openid(grant.text("scope")) {
        true => {
            let nonce = grant.get("nonce").as_text();
            answer.and("id_token", identity::id_token(ctx.state, app, &person, nonce))
        }
        false => answer,
    }
}

fn answer(ctx: &mut Context<'_>, app: &Record, whose: Fields, lasts: i64, created: FieldValue) -> Reply {
    let expires = ctx.state.now().as_second().saturating_add(lasts);
    let token = mint(ctx, whose.with("app_code_name", &app.id).with("exp", expires));
    Reply::bare()
        .and("access_token", token)
        .and("created_at", created)
        .and("expires_in", lasts)
        .and("token_type", "Bearer")
}
