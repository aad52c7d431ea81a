//! The credentials of requests: tokens get names, other schemes keep their form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;

use crate::request::decode_basic;
use crate::scenarios::{Credentials, PlainRequest, Received};

/// Schemes of the `Authorization` header (RFC 9110, section 11) that may be written. Another first word may be a secret.
const SCHEMES: [&str; 19] = [
    "bearer",
    "basic",
    "digest",
    "token",
    "apikey",
    "api-key",
    "key",
    "jwt",
    "oauth",
    "dpop",
    "hawk",
    "hoba",
    "mutual",
    "negotiate",
    "ntlm",
    "signature",
    "sharedkey",
    "aws4-hmac-sha256",
    "privatetoken",
];
/// Parameters of schemes that are no secrets.
const PUBLIC_PARAMETERS: [&str; 10] =
    ["realm", "uri", "algorithm", "qop", "nc", "signedheaders", "headers", "version", "charset", "oauth_version"];

/// A credential and what replaces it.
pub(super) type Pair = (String, String);

/// Names the tokens of requests. Unknown tokens become `recorded_1` and so on, and are added to the credentials. Returns what
/// replaces each credential elsewhere.
pub(in crate::recorder) fn name_tokens(
    recorded: &mut [(PlainRequest, Received)],
    credentials: &mut Credentials,
) -> Vec<Pair> {
    let mut hidden: Vec<Pair> = Vec::new();
    for (request, _) in recorded {
        for (header, value) in std::mem::take(&mut request.headers) {
            if header != AUTHORIZATION.as_str() {
                request.headers.push((header, value));
                continue;
            }
            let (scheme, token) = split(&value, credentials);
            let name = name_of(scheme, token, credentials);
            if request.token.is_none() && credentials.authorization(&name).as_ref() == Some(&value) {
                request.token = Some(name);
                continue;
            }
            // The scheme is not that of the token: the header stays, without the credential.
            let replaced = replacement(scheme, token, &name, &mut hidden);
            request.headers.push((header, format!("{scheme} {replaced}").trim_start().to_owned()));
        }
    }
    let tokens = credentials.tokens.iter().map(|(name, token)| (token.clone(), format!("token-{name}")));
    hidden.extend(tokens);
    hidden
}

/// The scheme, empty if there is none that may be written, and the credential.
fn split<'v>(value: &'v str, credentials: &Credentials) -> (&'v str, &'v str) {
    let declared = |name: &str| {
        let tokens = &credentials.api.tokens;
        tokens.schemes.iter().any(|scheme| scheme.name.eq_ignore_ascii_case(name))
            || tokens
                .kinds
                .iter()
                .filter_map(|kind| kind.scheme.as_deref())
                .any(|scheme| scheme.eq_ignore_ascii_case(name))
    };
    match value.trim().split_once(' ') {
        Some((scheme, rest)) if SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) || declared(scheme) => {
            (scheme, rest.trim())
        }
        _ => ("", value.trim()),
    }
}

/// The name of a token, which is new if the token is unknown.
fn name_of(scheme: &str, token: &str, credentials: &mut Credentials) -> String {
    if let Some((name, _)) = credentials.tokens.iter().find(|(_, known)| known == token) {
        return name.clone();
    }
    let count = credentials.tokens.iter().filter(|(name, _)| name.starts_with("recorded_")).count();
    let name = format!("recorded_{}", count + 1);
    credentials.tokens.push((name.clone(), token.to_owned()));
    let mut kinds = credentials.api.tokens.kinds.iter();
    if let Some(kind) = kinds.find(|kind| kind.scheme.as_deref() == Some(scheme)) {
        credentials.kinds.push((name.clone(), kind.name.to_string()));
    }
    name
}

/// The credential of a scheme in its form, with the parts that are secrets replaced. Adds these parts to `hidden`.
fn replacement(scheme: &str, token: &str, name: &str, hidden: &mut Vec<Pair>) -> String {
    let mut hide = |value: &str, new: &str| {
        if value.len() >= 3 && !hidden.iter().any(|(known, _)| known == value) {
            hidden.push((value.to_owned(), new.to_owned()));
        }
    };
    if scheme.eq_ignore_ascii_case("basic")
        && let Some((user, password)) = decode_basic(token)
    {
        hide(&user, &format!("user-{name}"));
        hide(&password, &format!("password-{name}"));
        return STANDARD.encode(format!("user-{name}:password-{name}"));
    }
    // `Digest username="…", uri="/", response="…"` and the like.
    if token.contains('=') && token.contains(',') {
        let part = |part: &str| {
            let (key, value) = part.trim().split_once('=').unwrap_or(("", part.trim()));
            let (bare, quote) = (value.trim_matches('"'), if value.starts_with('"') { "\"" } else { "" });
            if key.is_empty() || PUBLIC_PARAMETERS.contains(&key.to_ascii_lowercase().as_str()) {
                return part.trim().to_owned();
            }
            // What follows a key id names the service, not the caller.
            let (secret, scope) =
                bare.split_at(if key == "Credential" { bare.find('/').unwrap_or(bare.len()) } else { bare.len() });
            let new = format!("{}-{name}", key.to_ascii_lowercase());
            hide(secret, &new);
            format!("{key}={quote}{new}{scope}{quote}")
        };
        return token.split(',').map(part).collect::<Vec<_>>().join(", ");
    }
    format!("token-{name}")
}
