//! A state without credentials. The tokens of a scenario stay: they are made for tests and stand in the scenario's file.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use super::write::is_of_scenario;
use crate::model::{FieldValue, Record};
use crate::pipeline::Engine;
use crate::request::{Redactor, Response, State, is_credential_id, is_credential_kind, redact_target, shown_header};

/// The state without records that are credentials, with other credentials hidden, and without idempotency keys whose request or
/// response has a credential.
pub(super) fn without_secrets(engine: &Engine, mut state: State) -> State {
    let tokens: Vec<String> = state.store.all("token").filter(|token| is_of_scenario(engine, token)).map(id).collect();
    let mut redactor = Redactor::new(&credentials(engine, &state));
    state.store.replace_all(|record| match () {
        () if is_of_scenario(engine, record) => Some(Arc::clone(record)),
        () if is_credential(record) => None,
        () => Some(redact_record(&mut redactor, record)),
    });
    Arc::make_mut(&mut state.idempotency)
        .retain(|key, body, response| !has_secret(&mut redactor, &tokens, key, body, response));
    state
}

/// Hides credentials in the response of a fault.
pub(super) fn redact_fault(fault: &mut Value) {
    let mut redactor = Redactor::new(&[]);
    if let Some(Value::Object(settings)) = fault.get_mut("status") {
        settings.iter_mut().for_each(|(name, value)| redactor.redact(value, name));
    }
}

fn id(record: &Arc<Record>) -> String {
    record.id.to_string()
}

fn is_credential(record: &Record) -> bool {
    is_credential_kind(&record.kind) && is_credential_id(&record.kind, &record.id)
}

/// The ids of all records that are credentials, except the tokens of the scenario.
fn credentials(engine: &Engine, state: &State) -> Vec<String> {
    let kinds = state.store.kinds().map(|(kind, _)| kind).filter(|kind| is_credential_kind(kind));
    let records = kinds.flat_map(|kind| {
        let deleted = state.store.deleted(kind).into_iter().map(|(_, record)| record);
        state.store.all(kind).chain(deleted)
    });
    records.filter(|record| is_credential(record) && !is_of_scenario(engine, record)).map(id).collect()
}

fn redact_record(redactor: &mut Redactor, record: &Arc<Record>) -> Arc<Record> {
    let mut hidden = Vec::new();
    for (name, value) in record.fields.iter() {
        let before = json!(value);
        let mut after = before.clone();
        redactor.redact(&mut after, name);
        if after != before {
            hidden.push((name, FieldValue::from(&after)));
        }
    }
    if hidden.is_empty() {
        return Arc::clone(record);
    }
    let mut shown = Record::clone(record);
    hidden.into_iter().for_each(|(name, value)| shown.fields.set(name, value));
    Arc::new(shown)
}

/// Whether a request with an idempotency key or its response has a credential, apart from a token of the scenario.
fn has_secret(redactor: &mut Redactor, tokens: &[String], key: &[u8], body: &Bytes, response: &Response) -> bool {
    let key = String::from_utf8_lossy(key);
    let mut parts = key.split('\n').skip(1).map(str::to_owned);
    let [path, query, caller] = std::array::from_fn(|_| parts.next().unwrap_or_default());
    let target = format!("{path}?{query}");
    let is_shown = |(name, value): &(http::HeaderName, http::HeaderValue)| {
        shown_header(name.as_str(), value.as_bytes()) == String::from_utf8_lossy(value.as_bytes())
    };
    (!caller.is_empty() && !tokens.iter().any(|token| caller.contains(token.as_str())))
        || redact_target(&target) != target
        || has_secret_in_body(redactor, body)
        || has_secret_in_body(redactor, &response.body)
        || !response.headers.iter().all(is_shown)
}

/// Whether a body has a credential, or is not JSON, so that this is unknown.
fn has_secret_in_body(redactor: &mut Redactor, body: &[u8]) -> bool {
    if body.is_empty() {
        return false;
    }
    let Ok(before) = serde_json::from_slice::<Value>(body) else { return true };
    let mut after = before.clone();
    redactor.redact(&mut after, "");
    after != before
}
