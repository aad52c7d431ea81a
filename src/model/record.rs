//! Records.

use compact_str::CompactString;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::memory::Charge;
use super::{FieldValue, Fields};

/// One stored resource: a client, a package, a payment request.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its kind, as in the resources file (`client_package`).
    pub kind: CompactString,
    /// Its id, unique within the kind.
    pub id: CompactString,
    /// Its fields under the API's names, without the id.
    pub fields: Fields,
    /// The memory that it takes, while a store or a journal holds it.
    pub(super) charge: Charge,
}

impl Record {
    /// A record with a kind, an id and fields.
    pub fn new(kind: impl Into<CompactString>, id: impl Into<CompactString>, fields: Fields) -> Self {
        Self { kind: kind.into(), id: id.into(), fields, charge: Charge::default() }
    }

    /// How much memory it takes, bytes: an estimate. 0 if no store has held it.
    pub fn size(&self) -> usize {
        self.charge.size()
    }

    /// The kind and the id.
    pub(super) fn key(&self) -> (CompactString, CompactString) {
        (self.kind.clone(), self.id.clone())
    }

    /// The id as a number, if it is one that is counted.
    pub(super) fn number(&self) -> Option<u64> {
        self.id.parse().ok().filter(|_| self.id.len() < 16)
    }

    /// The value of a field; [`FieldValue::Null`] if there is none.
    pub fn get(&self, name: &str) -> &FieldValue {
        self.fields.get(name).unwrap_or(&FieldValue::Null)
    }

    /// The value of a field as text; empty if it is not text.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).as_text().unwrap_or_default()
    }
}

/// An object with the id and the fields.
impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("id", self.id.as_str())?;
        for (name, value) in self.fields.iter().filter(|(name, _)| *name != "id") {
            object.serialize_entry(name, value)?;
        }
        object.end()
    }
}
