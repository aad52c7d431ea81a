//! What of a session is not shown: credentials.

use serde_json::Value;

use crate::request::{Place, Sensitive, State, kind_of, redact_credentials};

/// A value that has the form of a secret.
const SECRET: &str = "4f7a9c21d8e35b60";

/// The ids of records that are credentials, such as those of tokens.
pub(super) fn credential_ids(state: &State) -> Vec<String> {
    let is_credential =
        |kind: &str, id: &str| kind_of(Place { name: kind, ..Place::default() }, id) == Some(Sensitive::Credential);
    let kinds = state.store.kinds().map(|(kind, _)| kind).filter(|kind| is_credential(kind, SECRET));
    let ids = kinds.flat_map(|kind| state.store.all(kind).filter(move |record| is_credential(kind, &record.id)));
    ids.map(|record| record.id.to_string()).collect()
}

/// A value without credentials. `known` are hidden wherever they stand.
pub(super) fn redacted(mut value: Value, known: &[String]) -> Value {
    redact_credentials(&mut value, "", known);
    value
}
