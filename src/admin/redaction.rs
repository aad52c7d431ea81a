//! What of a session is not shown: credentials.

use serde_json::Value;

use crate::request::{State, is_credential_id, is_credential_kind, redact_credentials};

/// The ids of records that are credentials, such as those of tokens.
pub(super) fn credential_ids(state: &State) -> Vec<String> {
    let kinds = state.store.kinds().map(|(kind, _)| kind).filter(|kind| is_credential_kind(kind));
    let ids = kinds.flat_map(|kind| state.store.all(kind).filter(move |record| is_credential_id(kind, &record.id)));
    ids.map(|record| record.id.to_string()).collect()
}

/// A value without credentials. `known` are hidden wherever they stand.
pub(super) fn redacted(mut value: Value, known: &[String]) -> Value {
    redact_credentials(&mut value, "", known);
    value
}
