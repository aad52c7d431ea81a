//! Entries of the journal as JSON.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use super::redaction::redacted;
use crate::model::{Change, merge_changes};
use crate::request::{Redactor, redact_target, shown_header, time_text};
use crate::session::{Call, Delivery, DeliveryStatus, Entry, EventEntry, HeaderLines};

/// An entry with its bodies, without credentials.
pub(super) fn entry_json(entry: &Entry, redactor: &mut Redactor) -> Value {
    let mut shown = json!({
        "seq": entry.seq,
        "session": entry.session.as_str(),
        "at": time_text(entry.at).as_str(),
    });
    let fields = shown.as_object_mut().expect("an object");
    add_call(fields, &entry.call, redactor);
    let changes: Vec<Value> = merge_changes(entry.changes.clone()).iter().map(change_json).collect();
    fields.insert("changes".to_owned(), redacted(changes.into(), redactor));
    if !entry.deliveries.is_empty() {
        fields.insert("notifications".to_owned(), redacted(deliveries_json(&entry.deliveries), redactor));
    }
    shown
}

/// An event of the clock, as [`entry_json`].
pub(super) fn event_json(entry: &EventEntry, redactor: &mut Redactor) -> Value {
    let event = &entry.event;
    let mut changes = event.changes.iter().map(change_json);
    let change = changes.next();
    let mut shown = json!({
        "seq": entry.seq,
        "session": entry.session.as_str(),
        "at": time_text(event.at).as_str(),
        "event": event.name,
        "kind": event.kind.as_str(),
        "id": event.id.as_str(),
        "change": change,
        "effects": changes.collect::<Vec<_>>(),
        "notifications": deliveries_json(&entry.deliveries),
    });
    if let Some(error) = &event.error {
        shown["error"] = error.as_str().into();
    }
    redacted(shown, redactor)
}

fn add_call(fields: &mut Map<String, Value>, call: &Call, redactor: &mut Redactor) {
    let quirks: Vec<&str> = call.quirks.iter().map(AsRef::as_ref).collect();
    let faults: Vec<&str> = call.faults.iter().map(|id| id.as_str()).collect();
    fields.extend([
        ("received".to_owned(), time_text(call.received).as_str().into()),
        ("ms".to_owned(), call.elapsed.map(|elapsed| elapsed.as_secs_f64() * 1e3).into()),
        ("method".to_owned(), call.method.as_str().into()),
        ("path".to_owned(), call.local_path().into()),
        ("operation".to_owned(), call.operation.as_deref().into()),
        ("status".to_owned(), call.status.as_u16().into()),
        ("caller".to_owned(), call.caller.as_str().into()),
        ("quirks".to_owned(), quirks.into()),
        ("faults".to_owned(), faults.into()),
        (
            "request".to_owned(),
            json!({
                "target": redact_target(&call.target()),
                "headers": headers_json(call.headers()),
                "body": redacted(body_json(call.body(), call.body_size), redactor),
            }),
        ),
        (
            "response".to_owned(),
            json!({
                "headers": headers_json(call.response_headers()),
                "body": redacted(body_json(call.response_body(), call.response_size), redactor),
            }),
        ),
    ]);
    if let Some(error) = &call.error {
        let violation = error.violation.as_ref();
        fields.insert(
            "error".to_owned(),
            json!({
                "code": error.code,
                "pointer": violation.map(|violation| violation.pointer.as_str()),
                "rule": violation.map(|violation| violation.rule.as_str()),
                "contract": violation.map(|violation| violation.location.as_str()),
                "nearest": error.nearest,
            }),
        );
    }
}

/// Headers by name, the values of equal names as a list.
pub(super) fn headers_json(headers: HeaderLines<'_>) -> Value {
    let mut shown = Map::new();
    for (name, value) in headers.iter() {
        let value = Value::from(shown_header(name, value));
        match shown.get_mut(name) {
            None => {
                shown.insert(name.to_owned(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    shown.into()
}

/// A body: JSON as it is, other text as text, anything else as base64. `size` is the size of the whole body in bytes.
fn body_json(body: &[u8], size: usize) -> Value {
    if body.len() < size {
        let text = String::from_utf8_lossy(body);
        return json!({"text": text, "size": size, "truncated": true});
    }
    match (serde_json::from_slice::<Value>(body), std::str::from_utf8(body)) {
        _ if body.is_empty() => Value::Null,
        (Ok(json), _) => json!({"json": json, "size": size}),
        (_, Ok(text)) => json!({"text": text, "size": size}),
        (_, Err(_)) => json!({"base64": BASE64_STANDARD.encode(body), "size": size}),
    }
}

/// Notifications to other servers, and what has become of them.
fn deliveries_json(deliveries: &[Arc<Delivery>]) -> Value {
    let shown = deliveries.iter().map(|delivery| {
        let sent = &delivery.notification;
        let mut shown =
            json!({"event": sent.event, "method": sent.method.as_str(), "url": sent.url, "payload": sent.payload});
        if let Some(violation) = &sent.violation {
            shown["violation"] = violation.as_str().into();
        }
        let more = match delivery.status() {
            DeliveryStatus::NotSent(reason) => json!({"delivery": "not sent", "reason": reason}),
            DeliveryStatus::Waiting => json!({"delivery": "waiting"}),
            DeliveryStatus::Delivered { attempts, status } => {
                json!({"delivery": "delivered", "attempts": attempts, "status": status})
            }
            DeliveryStatus::Failed { attempts, error } => {
                json!({"delivery": "failed", "attempts": attempts, "reason": error})
            }
        };
        if let (Some(shown), Value::Object(more)) = (shown.as_object_mut(), more) {
            shown.extend(more);
        }
        shown
    });
    shown.collect()
}

fn change_json(change: &Change) -> Value {
    let record = change.record();
    json!({
        "kind": record.kind.as_str(),
        "id": record.id.as_str(),
        "before": change.before.as_deref(),
        "after": change.after.as_deref(),
    })
}
