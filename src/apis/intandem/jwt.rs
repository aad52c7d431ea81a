//! The JSON Web Tokens that the API issues. In Rust: signatures.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

/// The signing key of all client tokens. It protects nothing: the tokens of a mock are public.
const CLIENT_KEY: &[u8] = b"standin";

/// The claims of a client's token, as `POST /platform/v1/clients` returns it.
///
/// Source: catalogue-sales, row client-jwt-shape.
pub struct ClientClaims<'a> {
    client: &'a str,
    business: &'a str,
    created: i64,
    refresh: i64,
    expires: i64,
    jti: &'a str,
}

impl<'a> ClientClaims<'a> {
    /// Claims that are valid for 28 days from `created`, with a refresh time a little earlier.
    pub fn created(client: &'a str, business: &'a str, created: Timestamp, jti: &'a str) -> Self {
        const VALID_SECONDS: i64 = 2_419_200;
        const REFRESH_SECONDS: i64 = 2_400_000;
        let created = created.as_second();
        Self { client, business, created, refresh: created + REFRESH_SECONDS, expires: created + VALID_SECONDS, jti }
    }

    /// Claims that are valid from 2020 to 2050: the token of a scenario is the same on every day.
    pub fn lasting(client: &'a str, business: &'a str, jti: &'a str) -> Self {
        const YEAR_2020: i64 = 1_577_836_800;
        const YEAR_2050: i64 = 2_524_608_000;
        Self { client, business, created: YEAR_2020, refresh: YEAR_2050, expires: YEAR_2050, jti }
    }
}

/// A client's token (HS256), and when it expires (Unix seconds).
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
    (jwt(&payload, CLIENT_KEY), claims.expires)
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
