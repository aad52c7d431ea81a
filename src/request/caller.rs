use compact_str::CompactString;
use smallvec::SmallVec;

use super::State;
use crate::model::Record;
use crate::openapi::{Resource, Resources};

/// The caller of a request, as its token and its headers identify it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The kind of the token, as `standin.yaml` names it; empty without a token.
    pub kind: CompactString,
    /// The id of the record that owns what the request is about (inTandem: the business). `None` if the token belongs to no
    /// owner and the request names none.
    pub owner: Option<CompactString>,
    /// The records that the token stands for, by kind: the staff member of a staff token, the client of a client token.
    pub subjects: SmallVec<[(CompactString, CompactString); 1]>,
    /// Whether a caller without an owner sees the records of all owners.
    pub sees_all: bool,
}

impl Caller {
    /// The caller of an operation that needs no token.
    pub fn anonymous() -> Self {
        Self { sees_all: true, ..Self::default() }
    }

    /// The id of the record of that kind that the token stands for.
    pub fn subject(&self, kind: &str) -> Option<&CompactString> {
        self.subjects.iter().find(|(known, _)| known == kind).map(|(_, id)| id)
    }

    /// The same as [`Caller::subject`], as text.
    pub fn subject_id(&self, kind: &str) -> Option<&str> {
        self.subject(kind).map(CompactString::as_str)
    }

    /// Whether the caller acts for the owner of a record.
    pub fn owns(&self, record: &Record, state: &State, resources: &Resources) -> bool {
        let ownership = &state.ownership;
        match resources.get(&record.kind).and_then(Resource::owner) {
            Some(owner) => match self.owner.as_deref() {
                Some(id) => record.text(owner) == id,
                None => self.sees_all_owners(),
            },
            // A kind without a resources entry names its owner in one of the API's owner fields.
            None => {
                let named = ownership.of(record);
                let exists = named.is_none_or(|named| ownership.owner(&state.store, named).is_some());
                !exists || named.is_none() || self.owner.is_none() || named == self.owner.as_deref()
            }
        }
    }

    /// Whether the caller sees the records of all owners.
    pub fn sees_all_owners(&self) -> bool {
        self.owner.is_none() && self.sees_all
    }
}
