//! Calendars elsewhere: `/business/scheduling/v1/external_calendar_items` and the two `calendar_syncs`.
//!
//! Source: catalogue-platform, rows `sm-calendar-sync`, `sm-calendar-private-connect`, `val-calendar-other-sync` and
//! `val-calendar-disabled`. Quirks check that the staff and their calendar sync exist, because each path has its own
//! error response.

use std::sync::Arc;

use crate::exchange::{Exchange, Payload, Refusal, RefusalKind};
use crate::store::{Fields, Record};

/// Which app ties to whose calendars.
const PROVIDERS: [(&str, &str); 3] =
    [("googlewaysync", "google_v3"), ("outlookwaysync", "outlook_v1.0"), ("mockcalendarwaysync", "mock_provider")];

/// `POST …/calendar_syncs`: a sync without an account, in place of the one that the member of staff had.
pub fn create(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let business = exchange.business()?;
    let staff = exchange.own("staff", exchange.sent_text("staff_uid").unwrap_or_default());
    let staff = staff.ok_or_else(|| Refusal::invalid("staff", "staff is not exists").unknown())?;
    let app = exchange.sent_text("app_code_name").unwrap_or_default();
    let provider = PROVIDERS.iter().find(|(known, _)| *known == app).map(|(_, provider)| *provider);
    let provider = provider.or_else(|| exchange.sent_text("provider"));
    let provider = provider.ok_or_else(|| Refusal::invalid("app_code_name", "Invalid app_code_name"))?;
    let mut fields = Fields::new()
        .with("business_uid", business)
        .with("staff_uid", &staff.id)
        .with("provider", provider)
        .with("enabled", false)
        .with("is_external_app", true);
    for name in ["should_import", "should_export", "is_private_import", "is_private_export"] {
        fields.set(name, exchange.sent(&[name]).as_bool().unwrap_or(name == "should_import"));
    }
    for name in ["is_staff_disable_ics", "is_business_disable_ics"] {
        fields.set(name, false);
    }
    let before = of_staff(exchange, &staff.id);
    if let Some(before) = before {
        exchange.world.store.remove("calendar_sync", &before.id);
    }
    let id = exchange.world.ids.uid();
    let sync = exchange.keep("calendar_sync", id, fields);
    Ok(Payload::empty().and("uid", &sync.id))
}

/// `PUT …/connect`, `bulk_create` and `bulk_deactivate`: the first of them settles the account. Items that nobody knows
/// are passed over.
pub fn connect(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    change(exchange, &[("enabled", true)])
}

/// `PUT …/disable` and `disconnect`.
pub fn disable(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    change(exchange, &[("enabled", false)])
}

/// `PUT …/start_export`.
pub fn start_export(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    change(exchange, &[("enabled", true), ("should_export", true)])
}

/// `PUT …/stop_import`.
pub fn stop_import(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    change(exchange, &[("should_import", false)])
}

fn change(exchange: &mut Exchange<'_>, to: &[(&str, bool)]) -> Result<Payload, Refusal> {
    exchange.business()?;
    let staff = exchange.own("staff", exchange.sent_text("staff_uid").unwrap_or_default());
    let staff = staff.ok_or_else(|| Refusal::invalid("staff", "staff is not exists").unknown())?;
    let sync = of_staff(exchange, &staff.id);
    let sync =
        sync.ok_or_else(|| Refusal::invalid("staff", "staff is not registered to any calendar sync").unknown())?;
    let named = |name: &str| exchange.sent(&["calendar_sync", name]).as_str().unwrap_or_default();
    let (provider, account) = (named("provider"), named("account"));
    let is_other = |known: &str, named: &str| !known.is_empty() && known != named;
    if is_other(sync.text("provider"), provider) || is_other(sync.text("account"), account) {
        let message = "staff already registered to other calendar sync";
        return Err(Refusal::new(RefusalKind::Conflict, message));
    }
    let is_new = sync.text("account").is_empty();
    if exchange.operation.path.ends_with("/bulk_create") && !is_new && !sync.get("enabled").is_true() {
        return Err(Refusal::invalid("staff", "staff account is disabled"));
    }
    let mut changed = Record::clone(&sync);
    changed.fields.set("account", account);
    for (name, value) in to {
        changed.fields.set(name, *value);
    }
    let sync = exchange.world.store.put(changed);
    Ok(Payload::empty().and("uid", &sync.id).and_fields(&sync))
}

fn of_staff(exchange: &Exchange<'_>, staff: &str) -> Option<Arc<Record>> {
    exchange.world.store.all("calendar_sync").find(|sync| sync.text("staff_uid") == staff).cloned()
}
