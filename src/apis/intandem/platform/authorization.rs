//! The way in through a browser: `/oauth/authorize`, and `/app/oauth/authorize` of the web application.
//!
//! The API's own files name the parameters and say that a code comes back, is good once and not for long. The rest is
//! OAuth 2.0 (RFC 6749, section 4.1), PKCE (RFC 7636) and OpenID Connect Core 1.0 (section 3.2, for `id_token`).
//!
//! Nobody sits in front of the mock to log in and to consent. So a call that has a token of staff or of a client is
//! theirs; else `login_hint` names staff by e-mail or id; else it is the owner of the first business that the app's
//! directory has. All of them consent.

use std::sync::Arc;

use smallvec::smallvec;

use compact_str::{CompactString, format_compact};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::apis::intandem::platform::{identity, oauth};
use crate::model::Record;
use crate::request::{ApiError, Caller, Context, Reply};

/// How long a code is good, in seconds: the most that RFC 6749, section 4.1.2, recommends.
const CODE_LASTS: i64 = 600;

/// What a query or fragment takes as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is sent back in the redirect: names and values.
type Response = Vec<(&'static str, String)>;

/// What went wrong, as the app reads it: a code of RFC 6749 and words.
type Mistake = (&'static str, &'static str);

/// `GET …/oauth/authorize`. Nothing is sent to a URL that the app has not registered.
pub fn authorize(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let client = asked(ctx, "client_id").ok_or_else(|| ApiError::missing("client_id"))?;
    let to = asked(ctx, "redirect_uri").ok_or_else(|| ApiError::missing("redirect_uri"))?.to_owned();
    let app = ctx.state.store.all("app").find(|app| app.text("client_id") == client).cloned();
    let app = app.ok_or_else(|| oauth::unknown_client().unknown())?;
    if !is_registered(&app, &to) {
        return Err(ApiError::invalid("redirect_uri", "The redirect_uri is not one of the app's."));
    }
    let (separator, answer) = match asked(ctx, "response_type") {
        Some("code") => (if to.contains('?') { '&' } else { '?' }, code(ctx, &app, &to)),
        Some("id_token") => ('#', id_token(ctx, &app)),
        Some(_) => ('?', Err(("unsupported_response_type", "The response type is not supported."))),
        None => ('?', Err(("invalid_request", "The parameter response_type is missing."))),
    };
    let mut answer = answer
        .unwrap_or_else(|(error, words)| vec![("error", error.to_owned()), ("error_description", words.to_owned())]);
    answer.extend(asked(ctx, "state").map(|state| ("state", state.to_owned())));
    let pairs = answer.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, UNRESERVED)));
    Ok(Reply::redirect(format!("{to}{separator}{}", pairs.collect::<Vec<_>>().join("&"))))
}

/// A code, for which the app gets a token of the person's.
fn code(ctx: &mut Context<'_>, app: &Record, to: &str) -> Result<Response, Mistake> {
    let person = person(ctx, app)?;
    let challenge = asked(ctx, "code_challenge");
    let method = challenge.map(|_| asked(ctx, "code_challenge_method").unwrap_or("plain"));
    if method.is_some_and(|method| !matches!(method, "plain" | "S256")) {
        return Err(("invalid_request", "The transform algorithm of the code challenge is not supported."));
    }
    let owned = |text: Option<&str>| text.map(CompactString::from);
    let expires = ctx.state.now().as_second().saturating_add(CODE_LASTS);
    let fields = identity::claims_record(&person)
        .with("app_code_name", &app.id)
        .with("redirect_uri", to)
        .with("scope", owned(asked(ctx, "scope")))
        .with("nonce", owned(asked(ctx, "nonce")))
        .with("code_challenge", owned(challenge))
        .with("code_challenge_method", owned(method))
        .with("exp", expires);
    let code = format_compact!("{:032x}", ctx.state.ids.number());
    ctx.state.store.put(Record { kind: "authorization_code".into(), id: code.clone(), fields });
    Ok(vec![("code", code.into())])
}

/// Who the person is, at once and without a token for the API.
fn id_token(ctx: &Context<'_>, app: &Record) -> Result<Response, Mistake> {
    if !oauth::is_openid(asked(ctx, "scope").unwrap_or_default()) {
        return Err(("invalid_scope", "An id_token needs the scope openid."));
    }
    let nonce = asked(ctx, "nonce").ok_or(("invalid_request", "The parameter nonce is missing."))?;
    let person = person(ctx, app)?;
    Ok(vec![("id_token", identity::id_token(ctx.state, app, &person, Some(nonce)))])
}

/// Who grants the app what it asks for.
fn person(ctx: &Context<'_>, app: &Record) -> Result<Caller, Mistake> {
    let (caller, store) = (ctx.caller, &ctx.state.store);
    if matches!(caller.kind.as_str(), "staff" | "client") {
        return Ok(caller.clone());
    }
    let directory = app.get("directory_uid").as_text();
    let is_near = |business: &str| match &caller.owner {
        Some(own) => own == business,
        None => store
            .get("business", business)
            .is_some_and(|business| directory.is_none_or(|directory| business.text("directory_uid") == directory)),
    };
    let mut staff = store.all("staff").filter(|staff| is_near(staff.text("business_uid")));
    let found: Option<&Arc<Record>> = match asked(ctx, "login_hint") {
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
    let more = app.get("oauth_redirect_uris").as_list();
    app.text("redirect_uri") == to || more.iter().any(|known| known.as_text() == Some(to))
}

fn asked<'e>(ctx: &Context<'e>, name: &str) -> Option<&'e str> {
    ctx.query.get(name).filter(|value| !value.is_empty())
}
