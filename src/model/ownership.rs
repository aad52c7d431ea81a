use compact_str::{CompactString, format_compact};

use super::{Record, Store};

/// The field in which a token names a record of a kind.
pub fn token_field(kind: &str) -> CompactString {
    format_compact!("{kind}_uid")
}

/// The records that own others, and the fields that name them: the `owner` section of `standin.yaml`.
///
/// The default is an API without owners.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ownership {
    /// The kind of the owning records; empty if the API has none.
    pub kind: CompactString,
    /// The field in which a token names the owner.
    pub token_field: CompactString,
    /// The fields in which a record names its owner.
    pub fields: Vec<String>,
    /// Fields of an owner, besides its id, by which a caller may name it.
    pub names: Vec<String>,
    /// The field of an owner that holds its time zone (IANA name).
    pub time_zone: Option<String>,
    /// The field of an owner that lists the features it has.
    pub features: Option<String>,
    /// Fields of a new record that are taken from its owner if the request omits them, with the field of the owner
    /// (`currency: currency`).
    pub inherited: Vec<(String, String)>,
    /// Fields of documented examples that show the owner, with the field of the owner (`business_name: name`).
    pub shown: Vec<(String, String)>,
    /// The kinds of records that tokens can stand for.
    pub subjects: Vec<Subject>,
}

/// A kind of record that a token can stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The kind of record.
    pub kind: CompactString,
    /// The field in which a token names it.
    pub token_field: CompactString,
    /// The fields in which other records name it. A new record whose field is empty gets the caller's.
    pub fields: Vec<String>,
    /// Whether a caller of this kind sees only records that name it or name none of its kind.
    pub private: bool,
    /// Kinds of records through which other records belong to a subject.
    pub through: Vec<Through>,
}

/// A kind of record that belongs to a subject, and the fields in which other records name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Through {
    /// The kind of record.
    pub kind: CompactString,
    /// The fields in which other records name it.
    pub fields: Vec<String>,
}

impl Ownership {
    /// Whether the API has owners.
    pub fn is_declared(&self) -> bool {
        !self.kind.is_empty()
    }

    /// Whether a field names an owner or a subject.
    pub fn is_reference(&self, name: &str) -> bool {
        let of_subjects = self.subjects.iter().flat_map(|subject| &subject.fields);
        self.fields.iter().chain(of_subjects).any(|field| field == name)
    }

    /// Whether a field names the owner.
    pub fn is_field(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field == name)
    }

    /// The id of the owner that a record names.
    pub fn of<'r>(&self, record: &'r Record) -> Option<&'r str> {
        self.fields.iter().find_map(|name| record.get(name).as_text())
    }

    /// The owner of that id.
    pub fn owner<'s>(&self, store: &'s Store, id: &str) -> Option<&'s std::sync::Arc<Record>> {
        if self.is_declared() { store.get(&self.kind, id) } else { None }
    }

    /// The subject of that kind.
    pub fn subject(&self, kind: &str) -> Option<&Subject> {
        self.subjects.iter().find(|subject| subject.kind == kind)
    }

    /// Whether an owner has a feature.
    pub fn has_feature(&self, store: &Store, owner: &str, feature: &str) -> bool {
        let (Some(field), Some(owner)) = (&self.features, self.owner(store, owner)) else { return false };
        owner.get(field).as_list().iter().any(|known| known.as_text() == Some(feature))
    }
}

impl Subject {
    /// The id of the subject that a record names.
    pub fn of<'r>(&self, record: &'r Record) -> Option<&'r str> {
        self.fields.iter().find_map(|name| record.get(name).as_text())
    }
}
