//! Messages: `POST /platform/v1/messages`.
//!
//! Facts: row `se-message-conversation` of the catalogue of other domains.

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
    exchange.world.store.put(changed)
}
