//! What of a session is not shown: credentials.

use serde_json::Value;

use crate::request::{Redactor, State, is_credential_id, is_credential_kind};

/// Hides credentials, and the ids of records that are credentials, such as those of tokens, wherever they stand. One serves a
/// whole response.
pub(super) fn redactor(state: &State) -> Redactor {
    Redactor::new(&credential_ids(state))
}

/// The ids of records that are credentials.
pub(super) fn credential_ids(state: &State) -> Vec<String> {
    let kinds = state.store.kinds().map(|(kind, _)| kind).filter(|kind| is_credential_kind(kind));
    let ids = kinds.flat_map(|kind| state.store.all(kind).filter(move |record| is_credential_id(kind, &record.id)));
    ids.map(|record| record.id.to_string()).collect()
}

/// A value without credentials.
pub(super) fn redacted(mut value: Value, redactor: &mut Redactor) -> Value {
    redactor.redact(&mut value, "");
    value
}
