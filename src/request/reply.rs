use std::sync::Arc;

use compact_str::CompactString;
use http::StatusCode;
use smallvec::{SmallVec, smallvec};

use crate::model::{FieldValue, Record};
use crate::openapi::Member;

/// A handler's reply: named parts. The dialect of the path decides how they are written.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The parts by name: `client_package`, or `clients`, or `client` and `token`.
    pub parts: SmallVec<[(CompactString, ReplyPart); 1]>,
    /// The status, if it is not the documented success.
    pub status: Option<u16>,
    /// The status that is sent in its place, but with the same documented response.
    pub overridden_status: Option<StatusCode>,
    /// How the parts become a response.
    pub form: ReplyMode,
}

/// How the parts of a reply become a response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReplyMode {
    /// In the shape of the documented response: other parts are left out, missing ones are `null`.
    #[default]
    Documented,
    /// As they are: what the response has depends on the request.
    Bare,
    /// Not at all: the response redirects to a URL.
    Redirect(String),
}

/// One part of a reply.
#[derive(Clone, Debug)]
pub enum ReplyPart {
    /// One record.
    RecordView(RecordView),
    /// A list of records.
    Views(Vec<RecordView>),
    /// Any other value.
    FieldValue(FieldValue),
}

/// A record with fields that are computed when it is shown.
///
/// A view has all fields that any path shows; the shape of the documented response selects among them.
#[derive(Clone, Debug)]
pub struct RecordView {
    record: Arc<Record>,
    computed: Vec<(&'static str, FieldValue)>,
    /// A bit for each length of a computed name, modulo 64: most names that are looked up have another length.
    lengths: u64,
    hidden: Option<CompactString>,
    added: Vec<(CompactString, AddedField)>,
}

/// A field that the documented response does not have.
#[derive(Clone, Debug)]
pub enum AddedField {
    /// A value that is written as it is.
    Value(FieldValue),
    /// The value of a documented field, in its documented form.
    CopyOf(CompactString),
}

impl Reply {
    /// A reply without parts.
    pub fn empty() -> Self {
        Self::default()
    }

    /// One record under a name.
    pub fn one(name: &str, view: RecordView) -> Self {
        Self { parts: smallvec![(name.into(), ReplyPart::RecordView(view))], ..Self::default() }
    }

    /// A list of records under a name.
    pub fn many(name: &str, views: Vec<RecordView>) -> Self {
        Self { parts: smallvec![(name.into(), ReplyPart::Views(views))], ..Self::default() }
    }

    /// A reply whose parts are written as they are.
    pub fn bare() -> Self {
        Self { form: ReplyMode::Bare, ..Self::default() }
    }

    /// A redirect to a URL.
    pub fn redirect(url: String) -> Self {
        Self { form: ReplyMode::Redirect(url), ..Self::default() }
    }

    /// The same reply with the fields of a record as parts.
    #[must_use]
    pub fn and_fields(self, record: &Record) -> Self {
        record.fields.iter().fold(self, |reply, (name, value)| reply.and(name, value.clone()))
    }

    /// The same reply with another status than the documented success.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The same reply with one more part.
    #[must_use]
    pub fn and(mut self, name: &str, value: impl Into<FieldValue>) -> Self {
        self.parts.push((name.into(), ReplyPart::FieldValue(value.into())));
        self
    }
}

impl RecordView {
    /// A record without computed fields.
    pub fn of(record: &Arc<Record>) -> Self {
        Self { record: Arc::clone(record), computed: Vec::new(), lengths: 0, hidden: None, added: Vec::new() }
    }

    /// The same view with a computed field, which replaces a field of that name.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<FieldValue>) -> Self {
        let value = value.into();
        self.lengths |= length_bit(name);
        match self.computed.iter_mut().find(|(known, _)| *known == name) {
            Some((_, before)) => *before = value,
            None => {
                // A view has no computed fields or several.
                if self.computed.is_empty() {
                    self.computed.reserve(6);
                }
                self.computed.push((name, value));
            }
        }
        self
    }

    /// The same view without a field that is shown on request only.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.hidden = Some(name.into());
        self
    }

    /// Adds a field that the response has in the place of the documented field of that name, else after all documented
    /// fields.
    pub fn add(&mut self, name: &str, field: AddedField) {
        self.added.push((name.into(), field));
    }

    /// The field that the response has in the place of a documented one.
    pub(super) fn added_field(&self, name: &str) -> Option<&AddedField> {
        self.added.iter().find(|(added, _)| added.len() == name.len() && added == name).map(|(_, field)| field)
    }

    /// The fields that the response has besides the documented ones or in their place.
    pub(super) fn added(&self) -> &[(CompactString, AddedField)] {
        &self.added
    }

    /// Whether a field is left out.
    pub fn hides(&self, name: &str) -> bool {
        self.hidden.as_deref() == Some(name)
    }

    /// The record.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The record, shared.
    pub fn shared_record(&self) -> Arc<Record> {
        Arc::clone(&self.record)
    }

    /// The id of the record; some paths call it `id`, others `uid`.
    pub fn id(&self) -> &CompactString {
        &self.record.id
    }

    /// The value of a name, computed or stored.
    pub fn get(&self, name: &str) -> Option<&FieldValue> {
        self.computed(name).or_else(|| self.record.fields.get(name))
    }

    /// The value of a member of a shape. The member remembers where records have it.
    pub(super) fn member(&self, member: &Member) -> Option<&FieldValue> {
        self.computed(&member.name).or_else(|| self.record.fields.get_hinted(&member.name, &member.hint))
    }

    fn computed(&self, name: &str) -> Option<&FieldValue> {
        if self.lengths & length_bit(name) == 0 {
            return None;
        }
        self.computed.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// All fields: the stored ones, then the computed ones.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FieldValue)> {
        let hidden = |name: &str| self.computed.iter().any(|(known, _)| *known == name);
        let fields = self.record.fields.iter().filter(move |(name, _)| !hidden(name));
        fields.chain(self.computed.iter().map(|(name, value)| (*name, value)))
    }
}

/// Whether a field of a record shows its id. Some paths call it `id`, others `uid`.
pub fn is_id_field(name: &str) -> bool {
    name == "id" || name == "uid"
}

fn length_bit(name: &str) -> u64 {
    1 << (name.len() % 64)
}
