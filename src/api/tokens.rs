use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use compact_str::CompactString;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::request::{ApiError, Caller, ErrorKind, Query, State, TokenKind};

/// The key of every client's token that a world hands out. It protects nothing: the tokens of a mock are public.
const JWT_KEY: &[u8] = b"standin";

/// The credentials of an `Authorization` header, whichever way they are written: `Bearer x`, `Token x`,
/// `Token token="x"` (partners), `Token email="…", token="x"` or `Admin x`.
pub(super) fn credentials(headers: &HeaderMap) -> Option<&str> {
    let (scheme, rest) = headers.get(AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("token") {
        let mut parts = rest.split(',').map(str::trim);
        let named = parts.clone().find_map(|part| part.strip_prefix("token="));
        let value = named.or_else(|| parts.next())?.trim();
        return Some(value.trim_matches('"')).filter(|value| !value.is_empty());
    }
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("admin");
    (known && !rest.is_empty()).then_some(rest)
}

/// Who calls, and on whose behalf. Tokens are records of the kind `token`.
///
/// # Errors
/// Unauthenticated, when the token is missing, malformed, unknown or past its time; a foreign business, when
/// `X-On-Behalf-Of` names one that the token's directory does not own.
pub fn authenticate(state: &State, headers: &HeaderMap, query: &Query) -> Result<Caller, ApiError> {
    let value = credentials(headers).ok_or_else(ApiError::unauthenticated)?;
    let token = state.store.get("token", value).ok_or_else(ApiError::unauthenticated)?;
    let kind = TokenKind::named(token.text("kind")).ok_or_else(ApiError::unauthenticated)?;
    if token.get("exp").as_integer().is_some_and(|expiry| expiry <= state.now().as_second()) {
        return Err(ApiError::unauthenticated());
    }
    let named = |field: &str| Some(token.text(field)).filter(|id| !id.is_empty()).map(CompactString::from);
    let mut caller = Caller {
        kind,
        business: named("business_uid"),
        staff: named("staff_uid"),
        client: named("client_uid"),
        directory: named("directory_uid"),
    };
    let chooses = matches!(
        kind,
        TokenKind::Directory | TokenKind::App | TokenKind::Operator | TokenKind::Admin | TokenKind::Internal
    );
    if chooses {
        // Some callers name the business only in the query, and the real API takes it from there.
        let header = headers.get("x-on-behalf-of").and_then(|header| header.to_str().ok()).map(str::trim);
        let is_said = |wanted: &&str| !wanted.is_empty();
        let wanted = header.filter(is_said).or_else(|| query.get("business_id").filter(is_said));
        if let Some(wanted) = wanted {
            caller.business = Some(business_of(state, token.text("directory_uid"), kind, wanted)?);
        }
    }
    Ok(caller)
}

/// The business of that UID, nickname or external id, if the directory owns it.
fn business_of(state: &State, directory: &str, kind: TokenKind, wanted: &str) -> Result<CompactString, ApiError> {
    let foreign = || ApiError::new(ErrorKind::ForeignBusiness, "Unauthorized");
    let by_id = state.store.get("business", wanted);
    let by_name = || {
        let mut all = state.store.all("business");
        all.find(|business| ["nickname", "external_id"].iter().any(|field| business.text(field) == wanted))
    };
    let business = by_id.or_else(by_name).ok_or_else(foreign)?;
    let bound = matches!(kind, TokenKind::Directory | TokenKind::App);
    match bound && business.text("directory_uid") != directory {
        true => Err(foreign()),
        false => Ok(business.id.clone()),
    }
}

/// What a client's JWT says, as `POST /platform/v1/clients` returns it (row `client-jwt-shape` of the catalogue).
pub struct ClientClaims<'a> {
    client: &'a str,
    business: &'a str,
    created: i64,
    refresh: i64,
    expires: i64,
    jti: &'a str,
}

impl<'a> ClientClaims<'a> {
    /// Valid for 28 days from that moment, to be refreshed a little earlier.
    pub fn created(client: &'a str, business: &'a str, created: Timestamp, jti: &'a str) -> Self {
        const VALID_SECONDS: i64 = 2_419_200;
        const REFRESH_SECONDS: i64 = 2_400_000;
        let created = created.as_second();
        Self { client, business, created, refresh: created + REFRESH_SECONDS, expires: created + VALID_SECONDS, jti }
    }

    /// Valid from 2020 to 2050: a scenario's token, the same on every day.
    pub fn lasting(client: &'a str, business: &'a str, jti: &'a str) -> Self {
        const YEAR_2020: i64 = 1_577_836_800;
        const YEAR_2050: i64 = 2_524_608_000;
        Self { client, business, created: YEAR_2020, refresh: YEAR_2050, expires: YEAR_2050, jti }
    }
}

/// A client's token, HS256, and when it expires (Unix seconds).
pub fn client_jwt(claims: &ClientClaims<'_>) -> (String, i64) {
    let payload = json!({
        "entity_uid": claims.client,
        "extra": {"business_uid": claims.business},
        "exp": claims.expires,
        "refresh": claims.refresh,
        "created": claims.created,
        "type": "client",
        "jti": claims.jti,
    });
    (jwt(&payload, JWT_KEY), claims.expires)
}

/// A JWT with that payload, signed with that key (HS256).
pub fn jwt(payload: &Value, key: &[u8]) -> String {
    let encode = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let signed = format!("{}.{}", encode(&json!({"alg": "HS256"})), encode(payload));
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(signed.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    format!("{signed}.{signature}")
}
