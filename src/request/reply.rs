use std::sync::Arc;

use compact_str::CompactString;
use smallvec::{SmallVec, smallvec};

use crate::model::{FieldValue, Record};
use crate::openapi::Member;

/// What a behaviour answers: named parts, before anybody has decided how the family writes them.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The parts by name: `client_package`, or `clients`, or `client` and `token`.
    pub parts: SmallVec<[(CompactString, ReplyPart); 1]>,
    /// The status, where it is not the documented success.
    pub status: Option<u16>,
    /// What becomes of the parts.
    pub form: ReplyMode,
}

/// What becomes of the parts of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReplyMode {
    /// The shape of the documented answer picks among them, and what it has beyond them is `null`.
    #[default]
    Documented,
    /// They are the answer, no more and no less: what is in it depends on what was asked.
    Bare,
    /// Nothing: the answer sends the caller to that URL.
    Redirect(String),
}

/// One part of an answer.
#[derive(Clone, Debug)]
pub enum ReplyPart {
    /// One record.
    RecordView(RecordView),
    /// A list of records.
    Views(Vec<RecordView>),
    /// Anything else.
    FieldValue(FieldValue),
}

/// A record together with what is worked out from others at the moment of answering.
///
/// A view offers every field that any family shows; the shape of the documented answer picks.
#[derive(Clone, Debug)]
pub struct RecordView {
    record: Arc<Record>,
    computed: Vec<(&'static str, FieldValue)>,
    /// A bit for each length that one of their names has: most names that are looked for have another.
    lengths: u64,
    hidden: Option<&'static str>,
}

impl Reply {
    /// An answer without content.
    pub fn empty() -> Self {
        Self::default()
    }

    /// One record under its name.
    pub fn one(name: &str, view: RecordView) -> Self {
        Self { parts: smallvec![(name.into(), ReplyPart::RecordView(view))], ..Self::default() }
    }

    /// A list under its name.
    pub fn many(name: &str, views: Vec<RecordView>) -> Self {
        Self { parts: smallvec![(name.into(), ReplyPart::Views(views))], ..Self::default() }
    }

    /// An answer of parts that depend on what was asked.
    pub fn bare() -> Self {
        Self { form: ReplyMode::Bare, ..Self::default() }
    }

    /// The way to another URL.
    pub fn redirect(to: String) -> Self {
        Self { form: ReplyMode::Redirect(to), ..Self::default() }
    }

    /// The same answer with the fields of a record, without an envelope.
    #[must_use]
    pub fn and_fields(self, record: &Record) -> Self {
        record.fields.iter().fold(self, |reply, (name, value)| reply.and(name, value.clone()))
    }

    /// The same answer with another status than the documented success.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The same answer with one more part.
    #[must_use]
    pub fn and(mut self, name: &str, datum: impl Into<FieldValue>) -> Self {
        self.parts.push((name.into(), ReplyPart::FieldValue(datum.into())));
        self
    }
}

impl RecordView {
    /// A record as it is.
    pub fn of(record: &Arc<Record>) -> Self {
        Self { record: Arc::clone(record), computed: Vec::new(), lengths: 0, hidden: None }
    }

    /// The same view with something worked out; it wins over a field of that name.
    #[must_use]
    pub fn with(mut self, name: &'static str, datum: impl Into<FieldValue>) -> Self {
        let datum = datum.into();
        self.lengths |= length_bit(name);
        match self.computed.iter_mut().find(|(known, _)| *known == name) {
            Some((_, before)) => *before = datum,
            None => {
                // Few views have one thing that is worked out: none or some.
                if self.computed.is_empty() {
                    self.computed.reserve(6);
                }
                self.computed.push((name, datum));
            }
        }
        self
    }

    /// The same view without a name that the documented answer has only on request.
    #[must_use]
    pub fn without(mut self, name: &'static str) -> Self {
        self.hidden = Some(name);
        self
    }

    /// Whether a name is left out.
    pub fn hides(&self, name: &str) -> bool {
        self.hidden == Some(name)
    }

    /// The record.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The id of the record: it is called `id` in one family and `uid` in another.
    pub fn id(&self) -> &CompactString {
        &self.record.id
    }

    /// What is shown under that name, if anything is known under it.
    pub fn get(&self, name: &str) -> Option<&FieldValue> {
        self.computed(name).or_else(|| self.record.fields.get(name))
    }

    /// The same, for a name that is asked for again and again.
    pub(super) fn member(&self, member: &Member) -> Option<&FieldValue> {
        self.computed(&member.name).or_else(|| self.record.fields.get_hinted(&member.name, &member.hint))
    }

    fn computed(&self, name: &str) -> Option<&FieldValue> {
        if self.lengths & length_bit(name) == 0 {
            return None;
        }
        self.computed.iter().find(|(known, _)| *known == name).map(|(_, datum)| datum)
    }

    /// Everything that is known: the fields, then what was worked out.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FieldValue)> {
        let hidden = |name: &str| self.computed.iter().any(|(known, _)| *known == name);
        let fields = self.record.fields.iter().filter(move |(name, _)| !hidden(name));
        fields.chain(self.computed.iter().map(|(name, datum)| (*name, datum)))
    }
}

fn length_bit(name: &str) -> u64 {
    1 << (name.len() % 64)
}
