//! Messages: `POST /platform/v1/messages` and `/v2/conversations/{conversation_id}/messages`.
//!
//! Source: catalogue-platform, rows se-message-conversation and val-message-field-name.

use std::sync::Arc;

use crate::apis::intandem::clients::matter;
use crate::model::{FieldValue, Record};
use crate::request::Context;

/// Puts a new message into the conversation of the request, else into the first conversation of the client, which is
/// created if needed. A title in the request becomes the title of the conversation. The default channels are text
/// message and email.
pub fn assign_conversation(ctx: &mut Context<'_>, message: &Arc<Record>) -> Arc<Record> {
    let sent = |name: &str| ctx.body_field(&["message", name]).as_str().filter(|text| !text.is_empty());
    let title = sent("conversation_title").map(str::to_owned);
    let client = sent("client_id").and_then(|client| ctx.owned_record("client", client));
    let requested = sent("conversation_uid").and_then(|uid| ctx.owned_record("matter", uid));
    let has_channels = sent("channels").is_some();
    let of_client = |client: &Arc<Record>| matter::of_client(ctx.state, &client.id).next().map(Arc::clone);
    let existing = requested.or_else(|| client.as_ref().and_then(of_client));
    let conversation = match (existing, client) {
        (Some(existing), _) => existing,
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

/// Sets the channel and the displayed time of a new message in a conversation.
pub fn set_channel(ctx: &mut Context<'_>, message: &Arc<Record>) -> Arc<Record> {
    let conversation = ctx.owned_record("matter", message.text("conversation_uid"));
    let business = ctx.caller.owner.as_deref().unwrap_or_default();
    let now = ctx.state.now().to_zoned(ctx.state.zone(business));
    let mut changed = Record::clone(message);
    if let Some(conversation) = conversation {
        // The channel is that of the client. Source: catalogue-platform, row val-message-field-name.
        changed.fields.set("channel_uid", conversation.get("client_uid").clone());
    }
    changed.fields.set("created_at_h", now.strftime("%b %-d, %-I:%M %P").to_string());
    ctx.state.store.put(changed)
}
