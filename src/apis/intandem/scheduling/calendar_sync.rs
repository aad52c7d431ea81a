//! Connections to external calendars: `/business/scheduling/v1/external_calendar_items` and the two `calendar_syncs`.
//! Quirks check that the staff member and its sync exist: the paths reject in different forms.
//!
//! Source: catalogue-platform, rows sm-calendar-sync, sm-calendar-private-connect, val-calendar-other-sync and
//! val-calendar-disabled.

use std::sync::Arc;

use crate::model::{Fields, Record};
use crate::request::{ApiError, Context, ErrorKind, Reply};

/// Code names of apps, and the calendar provider of each.
const PROVIDERS: [(&str, &str); 3] =
    [("googlewaysync", "google_v3"), ("outlookwaysync", "outlook_v1.0"), ("mockcalendarwaysync", "mock_provider")];

/// `POST …/calendar_syncs`: creates a sync without an account, replacing an earlier one of the staff member.
pub fn create(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let staff = find_staff(ctx)?;
    let app = ctx.body_text("app_code_name").unwrap_or_default();
    let provider = PROVIDERS.iter().find(|(known, _)| *known == app).map(|(_, provider)| *provider);
    let provider = provider.or_else(|| ctx.body_text("provider"));
    let provider = provider.ok_or_else(|| ApiError::invalid("app_code_name", "Invalid app_code_name"))?;
    let mut fields = Fields::new()
        .with("business_uid", staff.get("business_uid").clone())
        .with("staff_uid", &staff.id)
        .with("provider", provider)
        .with("enabled", false)
        .with("is_external_app", true);
    for name in ["should_import", "should_export", "is_private_import", "is_private_export"] {
        fields.set(name, ctx.body_field(&[name]).as_bool().unwrap_or(name == "should_import"));
    }
    for name in ["is_staff_disable_ics", "is_business_disable_ics"] {
        fields.set(name, false);
    }
    let before = of_staff(ctx, &staff.id);
    if let Some(before) = before {
        ctx.state.store.remove("calendar_sync", &before.id);
    }
    let id = ctx.state.ids.uid();
    let sync = ctx.insert("calendar_sync", id, fields);
    Ok(Reply::empty().and("uid", &sync.id))
}

/// `PUT …/connect` and `bulk_deactivate`: the first request sets the account. Unknown items are ignored.
pub fn connect(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let sync = find(ctx)?;
    Ok(change(ctx, &sync, &[("enabled", true)]))
}

/// `PUT …/bulk_create`: as [`connect`], but rejects a disabled account.
pub fn connect_many(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let sync = find(ctx)?;
    if !sync.text("account").is_empty() && !sync.get("enabled").is_true() {
        return Err(ApiError::invalid("staff", "staff account is disabled"));
    }
    Ok(change(ctx, &sync, &[("enabled", true)]))
}

/// `PUT …/disable` and `disconnect`.
pub fn disable(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let sync = find(ctx)?;
    Ok(change(ctx, &sync, &[("enabled", false)]))
}

/// `PUT …/start_export`.
pub fn start_export(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let sync = find(ctx)?;
    Ok(change(ctx, &sync, &[("enabled", true), ("should_export", true)]))
}

/// `PUT …/stop_import`.
pub fn stop_import(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let sync = find(ctx)?;
    Ok(change(ctx, &sync, &[("should_import", false)]))
}

/// The calendar sync of the staff member that the body names.
///
/// # Errors
/// Invalid, when the staff member or the sync does not exist; conflict, when it is of another provider or account.
fn find(ctx: &Context<'_>) -> Result<Arc<Record>, ApiError> {
    let staff = find_staff(ctx)?;
    let sync = of_staff(ctx, &staff.id);
    let sync =
        sync.ok_or_else(|| ApiError::invalid("staff", "staff is not registered to any calendar sync").unknown())?;
    let differs = |name: &str| {
        let known = sync.text(name);
        !known.is_empty() && known != sent(ctx, name)
    };
    if differs("provider") || differs("account") {
        let message = "staff already registered to other calendar sync";
        return Err(ApiError::new(ErrorKind::Conflict, message));
    }
    Ok(sync)
}

/// The staff member that the body names. An administrator needs no business: that of the staff member counts. Source:
/// catalogue-platform, row tok-calendar-staff-self.
fn find_staff(ctx: &Context<'_>) -> Result<Arc<Record>, ApiError> {
    if !ctx.caller.sees_all_owners() {
        ctx.owner()?;
    }
    let staff = ctx.owned_record("staff", ctx.body_text("staff_uid").unwrap_or_default());
    staff.ok_or_else(|| ApiError::invalid("staff", "staff is not exists").unknown())
}

fn sent<'e>(ctx: &Context<'e>, name: &str) -> &'e str {
    ctx.body.get("calendar_sync").and_then(|sync| sync.get(name)?.as_str()).unwrap_or_default()
}

fn change(ctx: &mut Context<'_>, sync: &Record, flags: &[(&str, bool)]) -> Reply {
    let mut changed = sync.clone();
    changed.fields.set("account", sent(ctx, "account"));
    for (name, value) in flags {
        changed.fields.set(name, *value);
    }
    let sync = ctx.state.store.put(changed);
    Reply::empty().and("uid", &sync.id).and_fields(&sync)
}

fn of_staff(ctx: &Context<'_>, staff: &str) -> Option<Arc<Record>> {
    ctx.state.store.all("calendar_sync").find(|sync| sync.text("staff_uid") == staff).cloned()
}
