//! Apps: `POST /platform/v1/apps`. An app goes by its code name.
//!
//! Source: catalogue-platform, rows `se-app-create-credentials`, `val-scopes` and `val-app-id-is-code-name`.

use compact_str::{CompactString, format_compact};

use crate::exchange::{Exchange, Payload, Refusal, RefusalKind};
use crate::store::{Fields, Record};

/// `POST /platform/v1/apps`: the app, and the credentials with which it gets tokens.
pub fn create(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let chosen = exchange.sent_text("app_code_name").map(CompactString::from);
    if let Some(id) = &chosen
        && exchange.world.store.get("app", id).is_some()
    {
        return Err(Refusal::new(RefusalKind::Invalid, "App code name has already been taken").field("app_code_name"));
    }
    let id = chosen.unwrap_or_else(|| exchange.world.ids.uid());
    let number = 4_000 + exchange.world.store.all("app").count() as i64;
    let mut secret = || format_compact!("{:032x}{:032x}", exchange.world.ids.number(), exchange.world.ids.number());
    let (client, secret) = (secret(), secret());
    let fields = Fields::new().with("app_code_name", &id).with("directory_uid", exchange.caller.directory.clone());
    let mut app = Record::clone(&exchange.keep("app", id, fields));
    for (name, value) in exchange.body.as_object().into_iter().flatten().filter(|(name, _)| *name != "app_code_name") {
        app.fields.set(name, value);
    }
    app.fields.set("app_id", format_compact!("{number}"));
    app.fields.set("client_id", client);
    app.fields.set("client_secret", secret);
    let app = exchange.world.store.put(app);
    Ok(Payload::empty().and_fields(&app))
}
