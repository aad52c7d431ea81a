//! Who a token speaks for: `/oauth/userinfo`, and the same in an `id_token`.
//!
//! Source: the contract's example of `/oauth/userinfo`. The contract documents only the scope `openid` of an
//! `id_token`; its claims follow OpenID Connect Core 1.0, section 2.

use std::sync::Arc;

use compact_str::CompactString;
use serde_json::{Map, Value, json};

use crate::apis::intandem::jwt::jwt;
use crate::apis::intandem::platform::oauth::SERVICE_LASTS;
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Caller, Context, Reply, State};

/// Who says so: the host of the API's own OAuth contract.
const ISSUER: &str = "https://api.vcita.biz";

/// `GET /oauth/userinfo`: who the token speaks for.
pub fn userinfo(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
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
    let find = |kind: &str, id: Option<&CompactString>| state.store.get(kind, id?).cloned();
    let (business, staff, client) = (
        find("business", person.owner.as_ref()),
        find("staff", person.subject("staff")),
        find("client", person.subject("client")),
    );
    let who = staff.or(client);
    let of = |record: &Option<Arc<Record>>, name: &str| {
        record.as_ref().map_or(FieldValue::Null, |record| record.get(name).clone())
    };
    let id = |record: &Option<Arc<Record>>| record.as_ref().map(|record| record.id.clone());
    let directory = match of(&business, "directory_uid") {
        FieldValue::Null => person.subject("directory").cloned().into(),
        known => known,
    };
    let subject = id(&who).or_else(|| person.subject("directory").cloned()).or_else(|| person.owner.clone());
    vec![
        ("sub", subject.into()),
        ("type", person.kind.as_str().into()),
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
        .with("kind", person.kind.as_str())
        .with("business_uid", person.owner.clone())
        .with("staff_uid", person.subject("staff").cloned())
        .with("client_uid", person.subject("client").cloned())
}

/// The person in such fields.
pub(super) fn person(record: &Record) -> Caller {
    let named = |name: &str| record.get(name).as_text().map(CompactString::from);
    let subject = |kind: &str| Some((CompactString::from(kind), named(&format!("{kind}_uid"))?));
    Caller {
        kind: record.get("kind").as_text().unwrap_or("staff").into(),
        owner: named("business_uid"),
        subjects: ["staff", "client"].into_iter().filter_map(subject).collect(),
        sees_all: false,
    }
}
