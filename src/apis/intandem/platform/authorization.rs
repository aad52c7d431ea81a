//! In Rust: OAuth 2.0, PKCE and OpenID Connect are algorithms.
//!
//! Authorization in a browser: `/oauth/authorize`, and `/app/oauth/authorize` of the web application.
//!
//! The contract names the parameters and says that the code is valid once and for a short time. The rest follows OAuth
//! 2.0 (RFC 6749, section 4.1), PKCE (RFC 7636) and OpenID Connect Core 1.0 (section 3.2, for `id_token`).
//!
//! There is no login page and no consent. The user is the staff member or the client whose token the request has; else
//! the staff member whom `login_hint` names by email or id; else the owner of the first business of the app's
//! directory.

use std::sync::Arc;

use smallvec::smallvec;

use compact_str::{CompactString, format_compact};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::apis::intandem::platform::{identity, oauth};
use crate::model::{FieldValue, Record};
use crate::request::{ApiError, Caller, Context, Reply, State};

/// Validity of a code in seconds: the maximum that RFC 6749, section 4.1.2, recommends.
const CODE_VALIDITY: i64 = 600;

/// Characters that are not encoded in a query or a fragment.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Parameters of the redirect: names and values.
type RedirectParameters = Vec<(&'static str, String)>;

/// An error of the redirect: its code in RFC 6749 and a description.
type RedirectError = (&'static str, &'static str);

/// `GET …/oauth/authorize`. Redirects only to URLs that the app has registered.
pub fn authorize(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let client = parameter(ctx, "client_id").ok_or_else(|| ApiError::missing("client_id"))?;
    let to = parameter(ctx, "redirect_uri").ok_or_else(|| ApiError::missing("redirect_uri"))?.to_owned();
    let app = ctx.state.store.all("app").find(|app| app.text("client_id") == client).cloned();
    let app = app.ok_or_else(|| oauth::unknown_client().unknown())?;
    if !is_registered(&app, &to) {
        return Err(ApiError::invalid("redirect_uri", "The redirect_uri is not one of the app's."));
    }
    let (separator, parameters) = match parameter(ctx, "response_type") {
        Some("code") => (if to.contains('?') { '&' } else { '?' }, create_code(ctx, &app, &to)),
        Some("id_token") => ('#', id_token(ctx, &app)),
        Some(_) => ('?', Err(("unsupported_response_type", "The response type is not supported."))),
        None => ('?', Err(("invalid_request", "The parameter response_type is missing."))),
    };
    let mut parameters = parameters.unwrap_or_else(|(error, description)| {
        vec![("error", error.to_owned()), ("error_description", description.to_owned())]
    });
    parameters.extend(parameter(ctx, "state").map(|state| ("state", state.to_owned())));
    let pairs = parameters.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, UNRESERVED)));
    Ok(Reply::redirect(format!("{to}{separator}{}", pairs.collect::<Vec<_>>().join("&"))))
}

/// Creates a code, which the app exchanges for a token of the user.
fn create_code(ctx: &mut Context<'_>, app: &Record, to: &str) -> Result<RedirectParameters, RedirectError> {
    let user = find_user(ctx, app)?;
    let challenge = parameter(ctx, "code_challenge");
    let method = challenge.map(|_| parameter(ctx, "code_challenge_method").unwrap_or("plain"));
    if method.is_some_and(|method| !matches!(method, "plain" | "S256")) {
        return Err(("invalid_request", "The transform algorithm of the code challenge is not supported."));
    }
    let to_owned = |text: Option<&str>| text.map(CompactString::from);
    let expires = ctx.state.now().as_second().saturating_add(CODE_VALIDITY);
    let fields = identity::claims_record(&user)
        .with("app_code_name", &app.id)
        .with("redirect_uri", to)
        .with("scope", to_owned(parameter(ctx, "scope")))
        .with("nonce", to_owned(parameter(ctx, "nonce")))
        .with("code_challenge", to_owned(challenge))
        .with("code_challenge_method", to_owned(method))
        .with("exp", expires);
    remove_old_codes(ctx.state);
    let code = format_compact!("{:032x}", ctx.state.ids.number());
    ctx.state.store.put(Record::new("authorization_code", code.clone(), fields));
    Ok(vec![("code", code.into())])
}

/// Removes the codes that expired some time ago: until then, the second use of a code revokes what the first one gave.
fn remove_old_codes(state: &mut State) {
    let until = state.now().as_second() - CODE_VALIDITY;
    let is_old = |code: &Record| code.get("exp").as_integer().is_some_and(|expiry| expiry < until);
    // They are in the order in which they expire.
    let old = state.store.all("authorization_code").take_while(|code| is_old(code));
    for id in old.map(|code| code.id.clone()).collect::<Vec<_>>() {
        state.store.remove("authorization_code", &id);
    }
}

/// Identifies the user directly, without a token for the API.
fn id_token(ctx: &Context<'_>, app: &Record) -> Result<RedirectParameters, RedirectError> {
    if !oauth::is_openid(parameter(ctx, "scope").unwrap_or_default()) {
        return Err(("invalid_scope", "An id_token needs the scope openid."));
    }
    let nonce = parameter(ctx, "nonce").ok_or(("invalid_request", "The parameter nonce is missing."))?;
    let user = find_user(ctx, app)?;
    Ok(vec![("id_token", identity::id_token(ctx.state, app, &user, Some(nonce)))])
}

/// The user who grants the app access.
fn find_user(ctx: &Context<'_>, app: &Record) -> Result<Caller, RedirectError> {
    let (caller, store) = (ctx.caller, &ctx.state.store);
    if matches!(caller.kind.as_str(), "staff" | "client") {
        return Ok(caller.clone());
    }
    let directory = app.get("directory_uid").as_text();
    let is_allowed = |business: &str| match &caller.owner {
        Some(caller) => caller == business,
        None => store
            .get("business", business)
            .is_some_and(|business| directory.is_none_or(|directory| business.text("directory_uid") == directory)),
    };
    let mut staff = store.all("staff").filter(|staff| is_allowed(staff.text("business_uid")));
    let found: Option<&Arc<Record>> = match parameter(ctx, "login_hint") {
        Some(hint) => staff.find(|staff| staff.id == hint || staff.text("email") == hint),
        None => staff.find(|staff| staff.text("role") == "owner"),
    };
    let staff = found.ok_or(("login_required", "Nobody of that name can log in."))?;
    Ok(Caller {
        kind: "staff".into(),
        owner: Some(staff.text("business_uid").into()),
        subjects: smallvec![("staff".into(), staff.id.clone())],
        sees_all: false,
    })
}

fn is_registered(app: &Record, to: &str) -> bool {
    let others = app.get("oauth_redirect_uris").as_list().iter().filter_map(FieldValue::as_text);
    let mut known = std::iter::once(app.text("redirect_uri")).chain(others);
    known.any(|known| known == to || !known.is_empty() && without_loopback_port(known) == without_loopback_port(to))
}

/// A redirect URI without the port of a loopback host, where any port is allowed (RFC 8252, section 7.3); other URIs stay as
/// they are.
fn without_loopback_port(uri: &str) -> String {
    let Some(rest) = uri.strip_prefix("http://") else { return uri.to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if is_port(port) => host,
        _ => authority,
    };
    match host {
        "127.0.0.1" | "[::1]" | "localhost" => format!("http://{host}{path}"),
        _ => uri.to_owned(),
    }
}

fn parameter<'e>(ctx: &Context<'e>, name: &str) -> Option<&'e str> {
    ctx.query.get(name).filter(|value| !value.is_empty())
}
