//! Apps: `POST /platform/v1/apps`. The id of an app is its code name.
//!
//! Source: catalogue-platform, rows se-app-create-credentials, val-scopes and val-app-id-is-code-name.

use compact_str::{CompactString, format_compact};

use crate::model::{Fields, Record};
use crate::request::{ApiError, Context, ErrorKind, Reply};

/// `POST /platform/v1/apps`: creates an app with the credentials by which it gets tokens.
pub fn create(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let chosen = ctx.body_text("app_code_name").map(CompactString::from);
    if let Some(id) = &chosen
        && ctx.state.store.get("app", id).is_some()
    {
        return Err(ApiError::new(ErrorKind::Invalid, "App code name has already been taken").field("app_code_name"));
    }
    let id = chosen.unwrap_or_else(|| ctx.state.ids.uid());
    let number = 4_000 + ctx.state.store.all("app").count() as i64;
    let mut secret = || format_compact!("{:032x}{:032x}", ctx.state.ids.number(), ctx.state.ids.number());
    let (client, secret) = (secret(), secret());
    let fields =
        Fields::new().with("app_code_name", &id).with("directory_uid", ctx.caller.subject("directory").cloned());
    let mut app = Record::clone(&ctx.insert("app", id, fields));
    for (name, value) in ctx.body.as_object().into_iter().flatten().filter(|(name, _)| *name != "app_code_name") {
        app.fields.set(name, value);
    }
    app.fields.set("app_id", format_compact!("{number}"));
    app.fields.set("client_id", client);
    app.fields.set("client_secret", secret);
    let app = ctx.state.store.put(app);
    Ok(Reply::empty().and_fields(&app))
}
