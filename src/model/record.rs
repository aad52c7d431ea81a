use compact_str::CompactString;

use super::{FieldValue, Fields};

/// One thing that a world remembers: a client, a package, a payment request.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What it is, as the resources file names it (`client_package`).
    pub kind: CompactString,
    /// Its UID.
    pub id: CompactString,
    /// Its fields, under the API's own names, without the id.
    pub fields: Fields,
}

impl Record {
    /// The field of that name; [`FieldValue::Null`] when there is none.
    pub fn get(&self, name: &str) -> &FieldValue {
        self.fields.get(name).unwrap_or(&FieldValue::Null)
    }

    /// The field as text; empty when it is none.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).as_text().unwrap_or_default()
    }
}
