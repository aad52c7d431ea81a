//! Messages: `POST /platform/v1/messages` and `/v2/conversations/{conversation_id}/messages`.
//!
//! Facts: rows `se-message-conversation` and `val-message-field-name` of the catalogue of other domains.

use std::sync::Arc;

use crate::apis::intandem::clients::matter;
use crate::model::{FieldValue, Record};
use crate::request::Context;

/// A message stands in the conversation that it names, else in the client's own, which is made when there is none; a
/// title that is sent becomes that of the conversation. It goes out by text and by email unless it says otherwise.
pub fn assign_conversation(ctx: &mut Context<'_>, message: &Arc<Record>) -> Arc<Record> {
    let said = |name: &str| ctx.body_field(&["message", name]).as_str().filter(|text| !text.is_empty());
    let title = said("conversation_title").map(str::to_owned);
    let client = said("client_id").and_then(|client| ctx.owned_record("client", client));
    let named = said("conversation_uid").and_then(|uid| ctx.owned_record("matter", uid));
    let has_channels = said("channels").is_some();
    let of_client = |client: &Arc<Record>| matter::of_client(ctx.state, &client.id).next().map(Arc::clone);
    let known = named.or_else(|| client.as_ref().and_then(of_client));
    let conversation = match (known, client) {
        (Some(known), _) => known,
        (None, Some(client)) => matter::create(ctx, &client),
        (None, None) => return Arc::clone(message),
    };
    if let Some(title) = title {
        let mut titled = Record::clone(&conversation);
        titled.fields.set("title", title);
        ctx.state.store.put(titled);
    }
    let mut changed = Record::clone(message);
    changed.fields.set("conversation_uid", &conversation.id);
    if !has_channels {
        changed.fields.set("channels", vec![FieldValue::from("sms"), FieldValue::from("email")]);
    }
    let message = ctx.state.store.put(changed);
    set_channel(ctx, &message)
}

/// A message that was written into a conversation says to whom it goes and when it was.
pub fn set_channel(ctx: &mut Context<'_>, message: &Arc<Record>) -> Arc<Record> {
    let conversation = ctx.owned_record("matter", message.text("conversation_uid"));
    let business = ctx.caller.business.as_deref().unwrap_or_default();
    let now = ctx.state.now().to_zoned(ctx.state.zone(business));
    let mut changed = Record::clone(message);
    if let Some(conversation) = conversation {
        // It goes by way of its client (row `val-message-field-name`).
        changed.fields.set("channel_uid", conversation.get("client_uid").clone());
    }
    changed.fields.set("created_at_h", now.strftime("%b %-d, %-I:%M %P").to_string());
    ctx.state.store.put(changed)
}
