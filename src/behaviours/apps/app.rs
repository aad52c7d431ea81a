//! Apps: `POST /platform/v1/apps`. An app goes by its code name.
//!
//! Facts: rows `se-app-create-credentials`, `val-scopes` and `val-app-id-is-code-name` of the catalogue of other domains.

use compact_str::{CompactString, format_compact};

use crate::exchange::{Exchange, Payload, Refusal, RefusalKind};
use crate::store::Fields;

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
    let mut fields = Fields::new();
    for (name, value) in exchange.body.as_object().into_iter().flatten() {
        fields.set(name, value);
    }
    fields.set("app_code_name", &id);
    fields.set("app_id", format_compact!("{number}"));
    fields.set("client_id", client);
    fields.set("client_secret", secret);
    fields.set("directory_uid", exchange.caller.directory.clone());
    let app = exchange.keep("app", id, fields);
    Ok(Payload::empty().and_fields(&app))
}
