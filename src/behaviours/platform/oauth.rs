//! OAuth: `/oauth/token`, `/oauth/service/token` and `/oauth/userinfo`.
//!
//! Facts: rows `tok-oauth-service-none`, `tok-oauth-token-client-credentials` and `se-app-create-credentials` of the
//! catalogue of other domains. An app proves itself in the body; nobody else's token is asked for.

use std::sync::Arc;

use crate::behaviours::platform::token::mint;
use crate::exchange::{Exchange, Payload, Refusal, RefusalKind};
use crate::store::{Datum, Fields, Record};

/// How long a token of an app works, in seconds: twenty years of 365.25 days and a day more.
const LASTS: i64 = 631_139_040;
const SERVICE_LASTS: i64 = 3_600;

/// `POST /oauth/token`.
pub fn token(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let app = app(exchange, "client_id", "client_secret")?;
    match exchange.sent_text("grant_type") {
        Some("authorization_code" | "client_credentials" | "refresh_token") => {}
        _ => return Err(Refusal::new(RefusalKind::Missing, "The grant type is not supported.")),
    }
    let created = exchange.world.now().as_second();
    Ok(answer(exchange, &app, LASTS, created.into()))
}

/// `POST /oauth/service/token`.
pub fn service_token(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let app = app(exchange, "service_id", "service_secret")?;
    let created = exchange.world.now_text();
    Ok(answer(exchange, &app, SERVICE_LASTS, created.into()))
}

/// `GET /oauth/userinfo`: who the token speaks for.
pub fn userinfo(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let (caller, store) = (exchange.caller, &exchange.world.store);
    let find = |kind: &str, id: &Option<compact_str::CompactString>| store.get(kind, id.as_deref()?).cloned();
    let (business, staff, client) =
        (find("business", &caller.business), find("staff", &caller.staff), find("client", &caller.client));
    let person = staff.or(client);
    let of = |record: &Option<Arc<Record>>, name: &str| record.as_ref().map(|record| record.get(name).clone());
    let id = |record: &Option<Arc<Record>>| record.as_ref().map(|record| record.id.clone());
    let directory = of(&business, "directory_uid").or_else(|| caller.directory.as_deref().map(Datum::from));
    let subject = id(&person).or_else(|| caller.directory.clone()).or_else(|| caller.business.clone());
    Ok(Payload::empty()
        .and("sub", subject)
        .and("type", caller.kind.name())
        .and("email", of(&person, "email"))
        .and("role", of(&person, "role"))
        .and("business_id", id(&business))
        .and("business_uid", id(&business))
        .and("business_name", of(&business, "name"))
        .and("directory_uid", directory))
}

/// The app whose id and secret the body has.
fn app(exchange: &Exchange<'_>, id: &str, secret: &str) -> Result<Arc<Record>, Refusal> {
    let (id, secret) = (exchange.sent_text(id), exchange.sent_text(secret));
    let is_meant = |app: &&Arc<Record>| {
        id.is_some() && app.get("client_id").as_text() == id && app.get("client_secret").as_text() == secret
    };
    let words = "Client authentication failed. The client_id or client_secret is invalid.";
    let app = exchange.world.store.all("app").find(is_meant).cloned();
    app.ok_or_else(|| Refusal::new(RefusalKind::Unauthenticated, words).unknown())
}

fn answer(exchange: &mut Exchange<'_>, app: &Record, lasts: i64, created: Datum) -> Payload {
    let expires = exchange.world.now().as_second().saturating_add(lasts);
    let fields = Fields::new()
        .with("kind", "app")
        .with("directory_uid", app.get("directory_uid").clone())
        .with("app_code_name", &app.id)
        .with("exp", expires);
    let token = mint(exchange, fields);
    Payload::empty()
        .and("access_token", token)
        .and("created_at", created)
        .and("expires_in", lasts)
        .and("token_type", "Bearer")
}
