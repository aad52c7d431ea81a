//! Who a token speaks for: `/oauth/userinfo`, and the same in an `id_token`.
//!
//! Facts: the contract's example of `/oauth/userinfo`. About an `id_token` the API's own files say no more than that there
//! is the scope `openid`; what is in it follows OpenID Connect Core 1.0, section 2.

use std::sync::Arc;

use compact_str::CompactString;
use serde_json::{Map, Value, json};

use crate::api::jwt;
use crate::apis::intandem::platform::oauth::SERVICE_LASTS;
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Caller, Context, Reply, State, TokenKind};

/// Who says so: the host of the API's own OAuth contract.
const ISSUER: &str = "https://api.vcita.biz";

/// `GET /oauth/userinfo`: who the token speaks for.
pub fn read_userinfo(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let claims = claims(ctx.state, ctx.caller);
    Ok(claims.into_iter().fold(Reply::empty(), |payload, (name, claim)| payload.and(name, claim)))
}

/// That the app's user is this person, as a JWT that the app can read and, with its secret, verify (section 10.1).
pub(super) fn id_token(state: &State, app: &Record, person: &Caller, nonce: Option<&str>) -> String {
    let now = state.now().as_second();
    let claims = claims(state, person).into_iter().filter(|(_, claim)| !claim.is_null());
    let mut payload: Map<String, Value> = claims.map(|(name, claim)| (name.to_owned(), json!(claim))).collect();
    let times = [("iat", now), ("exp", now.saturating_add(SERVICE_LASTS))];
    payload.extend(times.map(|(name, time)| (name.to_owned(), time.into())));
    payload.insert("iss".to_owned(), ISSUER.into());
    payload.insert("aud".to_owned(), app.text("client_id").into());
    payload.extend(nonce.map(|nonce| ("nonce".to_owned(), nonce.into())));
    jwt(&payload.into(), app.text("client_secret").as_bytes())
}

/// What is said about a person, or about whatever else a token speaks for.
fn claims(state: &State, person: &Caller) -> Vec<(&'static str, FieldValue)> {
    let find = |kind: &str, id: &Option<CompactString>| state.store.get(kind, id.as_deref()?).cloned();
    let (business, staff, client) =
        (find("business", &person.business), find("staff", &person.staff), find("client", &person.client));
    let who = staff.or(client);
    let of = |record: &Option<Arc<Record>>, name: &str| {
        record.as_ref().map_or(FieldValue::Null, |record| record.get(name).clone())
    };
    let id = |record: &Option<Arc<Record>>| record.as_ref().map(|record| record.id.clone());
    let directory = match of(&business, "directory_uid") {
        FieldValue::Null => person.directory.clone().into(),
        known => known,
    };
    let subject = id(&who).or_else(|| person.directory.clone()).or_else(|| person.business.clone());
    vec![
        ("sub", subject.into()),
        ("type", person.kind.name().into()),
        ("email", of(&who, "email")),
        ("role", of(&who, "role")),
        ("business_id", id(&business).into()),
        ("business_uid", id(&business).into()),
        ("business_name", of(&business, "name")),
        ("directory_uid", directory),
    ]
}

/// A person in the fields of a token, or of what a token is had for.
pub(super) fn claims_record(person: &Caller) -> Fields {
    Fields::new()
        .with("kind", person.kind.name())
        .with("business_uid", person.business.clone())
        .with("staff_uid", person.staff.clone())
        .with("client_uid", person.client.clone())
}

/// The person in such fields.
pub(super) fn person(record: &Record) -> Caller {
    let named = |name: &str| record.get(name).as_text().map(CompactString::from);
    Caller {
        kind: TokenKind::named(record.text("kind")).unwrap_or(TokenKind::Staff),
        business: named("business_uid"),
        staff: named("staff_uid"),
        client: named("client_uid"),
        directory: None,
    }
}
