//! The identity behind a token: `/oauth/userinfo`, and the claims of an `id_token`. In Rust: claims of signed tokens.
//!
//! Source: the contract's example of `/oauth/userinfo`. The contract only mentions the scope `openid`; the content of
//! an `id_token` follows OpenID Connect Core 1.0, section 2.

use std::sync::Arc;

use compact_str::CompactString;
use serde_json::{Map, Value, json};

use crate::apis::intandem::jwt::jwt;
use crate::apis::intandem::platform::oauth::SERVICE_TOKEN_VALIDITY;
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Caller, Context, Reply, State};

/// The issuer of an `id_token`: the host of the OAuth contract.
const ISSUER: &str = "https://api.vcita.biz";

/// `GET /oauth/userinfo`.
pub fn read_userinfo(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let claims = claims(ctx.state, ctx.caller);
    Ok(claims.into_iter().fold(Reply::empty(), |reply, (name, claim)| reply.and(name, claim)))
}

/// A JWT that identifies the user to the app, signed with the app's secret (OpenID Connect Core 1.0, section 10.1).
pub(super) fn id_token(state: &State, app: &Record, caller: &Caller, nonce: Option<&str>) -> String {
    let now = state.now().as_second();
    let claims = claims(state, caller).into_iter().filter(|(_, claim)| !claim.is_null());
    let mut payload: Map<String, Value> = claims.map(|(name, claim)| (name.to_owned(), json!(claim))).collect();
    let times = [("iat", now), ("exp", now.saturating_add(SERVICE_TOKEN_VALIDITY))];
    payload.extend(times.map(|(name, time)| (name.to_owned(), time.into())));
    payload.insert("iss".to_owned(), ISSUER.into());
    payload.insert("aud".to_owned(), app.text("client_id").into());
    payload.extend(nonce.map(|nonce| ("nonce".to_owned(), nonce.into())));
    jwt(&payload.into(), app.text("client_secret").as_bytes())
}

/// The claims about a user, or about the directory or business of a token without one.
fn claims(state: &State, caller: &Caller) -> Vec<(&'static str, FieldValue)> {
    let find = |kind: &str, id: Option<&CompactString>| state.store.get(kind, id?).cloned();
    let (business, staff, client) = (
        find("business", caller.owner.as_ref()),
        find("staff", caller.subject("staff")),
        find("client", caller.subject("client")),
    );
    let user = staff.or(client);
    let of = |record: &Option<Arc<Record>>, name: &str| {
        record.as_ref().map_or(FieldValue::Null, |record| record.get(name).clone())
    };
    let id = |record: &Option<Arc<Record>>| record.as_ref().map(|record| record.id.clone());
    let directory = match of(&business, "directory_uid") {
        FieldValue::Null => caller.subject("directory").cloned().into(),
        known => known,
    };
    let subject = id(&user).or_else(|| caller.subject("directory").cloned()).or_else(|| caller.owner.clone());
    vec![
        ("sub", subject.into()),
        ("type", caller.kind.as_str().into()),
        ("email", of(&user, "email")),
        ("role", of(&user, "role")),
        ("business_id", id(&business).into()),
        ("business_uid", id(&business).into()),
        ("business_name", of(&business, "name")),
        ("directory_uid", directory),
    ]
}

/// A user as fields of a token, a code or a refresh token.
pub(super) fn claims_record(caller: &Caller) -> Fields {
    Fields::new()
        .with("kind", caller.kind.as_str())
        .with("business_uid", caller.owner.clone())
        .with("staff_uid", caller.subject("staff").cloned())
        .with("client_uid", caller.subject("client").cloned())
}

/// The user in such fields.
pub(super) fn person_from(record: &Record) -> Caller {
    let named = |name: &str| record.get(name).as_text().map(CompactString::from);
    let subject = |kind: &str| Some((CompactString::from(kind), named(&format!("{kind}_uid"))?));
    Caller {
        kind: record.get("kind").as_text().unwrap_or("staff").into(),
        owner: named("business_uid"),
        subjects: ["staff", "client"].into_iter().filter_map(subject).collect(),
        sees_all: false,
    }
}
