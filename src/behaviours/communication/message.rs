//! Messages: `POST /platform/v1/messages` and `/v2/conversations/{conversation_id}/messages`.
//!
//! Source: catalogue-platform, rows `se-message-conversation` and `val-message-field-name`.

use std::sync::Arc;

use crate::behaviours::clients::matter;
use crate::exchange::Exchange;
use crate::store::{Datum, Record};

/// A message stands in the conversation that it names, else in the client's own, which is made when there is none; a
/// title that is sent becomes that of the conversation. It goes out by text and by email unless it says otherwise.
pub fn sent(exchange: &mut Exchange<'_>, message: &Arc<Record>) -> Arc<Record> {
    let said = |name: &str| exchange.sent(&["message", name]).as_str().filter(|text| !text.is_empty());
    let title = said("conversation_title").map(str::to_owned);
    let client = said("client_id").and_then(|client| exchange.own("client", client));
    let named = said("conversation_uid").and_then(|uid| exchange.own("matter", uid));
    let has_channels = said("channels").is_some();
    let of_client = |client: &Arc<Record>| matter::of_client(exchange.world, &client.id).next().map(Arc::clone);
    let known = named.or_else(|| client.as_ref().and_then(of_client));
    let conversation = match (known, client) {
        (Some(known), _) => known,
        (None, Some(client)) => matter::create(exchange, &client),
        (None, None) => return Arc::clone(message),
    };
    if let Some(title) = title {
        let mut titled = Record::clone(&conversation);
        titled.fields.set("title", title);
        exchange.world.store.put(titled);
    }
    let mut changed = Record::clone(message);
    changed.fields.set("conversation_uid", &conversation.id);
    if !has_channels {
        changed.fields.set("channels", vec![Datum::from("sms"), Datum::from("email")]);
    }
    let message = exchange.world.store.put(changed);
    written(exchange, &message)
}

/// A message that was written into a conversation says to whom it goes and when it was.
pub fn written(exchange: &mut Exchange<'_>, message: &Arc<Record>) -> Arc<Record> {
    let conversation = exchange.own("matter", message.text("conversation_uid"));
    let business = exchange.caller.business.as_deref().unwrap_or_default();
    let now = exchange.world.now().to_zoned(exchange.world.zone(business));
    let mut changed = Record::clone(message);
    if let Some(conversation) = conversation {
        // It goes by way of its client (row `val-message-field-name`).
        changed.fields.set("channel_uid", conversation.get("client_uid").clone());
    }
    changed.fields.set("created_at_h", now.strftime("%b %-d, %-I:%M %P").to_string());
    exchange.world.store.put(changed)
}
