use std::sync::Arc;

use compact_str::CompactString;
use smallvec::{SmallVec, smallvec};

use crate::contract::Member;
use crate::store::{Datum, Record};

/// What a behaviour answers: named parts, before anybody has decided how the family writes them.
#[derive(Clone, Debug, Default)]
pub struct Payload {
    /// The parts by name: `client_package`, or `clients`, or `client` and `token`.
    pub parts: SmallVec<[(CompactString, Part); 1]>,
    /// The status, where it is not the documented success.
    pub status: Option<u16>,
    /// What becomes of the parts.
    pub form: Form,
}

/// What becomes of the parts of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Form {
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
pub enum Part {
    /// One record.
    View(View),
    /// A list of records.
    Views(Vec<View>),
    /// Anything else.
    Datum(Datum),
}

/// A record together with what is worked out from others at the moment of answering.
///
/// A view offers every field that any family shows; the shape of the documented answer picks.
#[derive(Clone, Debug)]
pub struct View {
    record: Arc<Record>,
    worked_out: Vec<(&'static str, Datum)>,
    /// A bit for each length that one of their names has: most names that are looked for have another.
    lengths: u64,
    left_out: Option<&'static str>,
}

impl Payload {
    /// An answer without content.
    pub fn empty() -> Self {
        Self::default()
    }

    /// One record under its name.
    pub fn one(name: &str, view: View) -> Self {
        Self { parts: smallvec![(name.into(), Part::View(view))], ..Self::default() }
    }

    /// A list under its name.
    pub fn many(name: &str, views: Vec<View>) -> Self {
        Self { parts: smallvec![(name.into(), Part::Views(views))], ..Self::default() }
    }

    /// An answer of parts that depend on what was asked.
    pub fn bare() -> Self {
        Self { form: Form::Bare, ..Self::default() }
    }

    /// The way to another URL.
    pub fn redirect(to: String) -> Self {
        Self { form: Form::Redirect(to), ..Self::default() }
    }

    /// The same answer with the fields of a record, without an envelope.
    #[must_use]
    pub fn and_fields(self, record: &Record) -> Self {
        record.fields.iter().fold(self, |payload, (name, value)| payload.and(name, value.clone()))
    }

    /// The same answer with another status than the documented success.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The same answer with one more part.
    #[must_use]
    pub fn and(mut self, name: &str, datum: impl Into<Datum>) -> Self {
        self.parts.push((name.into(), Part::Datum(datum.into())));
        self
    }
}

impl View {
    /// A record as it is.
    pub fn of(record: &Arc<Record>) -> Self {
        Self { record: Arc::clone(record), worked_out: Vec::new(), lengths: 0, left_out: None }
    }

    /// The same view with something worked out; it wins over a field of that name.
    #[must_use]
    pub fn with(mut self, name: &'static str, datum: impl Into<Datum>) -> Self {
        let datum = datum.into();
        self.lengths |= length_bit(name);
        match self.worked_out.iter_mut().find(|(known, _)| *known == name) {
            Some((_, before)) => *before = datum,
            None => {
                // Few views have one thing that is worked out: none or some.
                if self.worked_out.is_empty() {
                    self.worked_out.reserve(6);
                }
                self.worked_out.push((name, datum));
            }
        }
        self
    }

    /// The same view without a name that the documented answer has only on request.
    #[must_use]
    pub fn without(mut self, name: &'static str) -> Self {
        self.left_out = Some(name);
        self
    }

    /// Whether a name is left out.
    pub fn leaves_out(&self, name: &str) -> bool {
        self.left_out == Some(name)
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
    pub fn get(&self, name: &str) -> Option<&Datum> {
        self.worked_out(name).or_else(|| self.record.fields.get(name))
    }

    /// The same, for a name that is asked for again and again.
    pub(super) fn member(&self, member: &Member) -> Option<&Datum> {
        self.worked_out(&member.name).or_else(|| self.record.fields.get_hinted(&member.name, &member.hint))
    }

    fn worked_out(&self, name: &str) -> Option<&Datum> {
        if self.lengths & length_bit(name) == 0 {
            return None;
        }
        self.worked_out.iter().find(|(known, _)| *known == name).map(|(_, datum)| datum)
    }

    /// Everything that is known: the fields, then what was worked out.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Datum)> {
        let hidden = |name: &str| self.worked_out.iter().any(|(known, _)| *known == name);
        let fields = self.record.fields.iter().filter(move |(name, _)| !hidden(name));
        fields.chain(self.worked_out.iter().map(|(name, datum)| (*name, datum)))
    }
}

fn length_bit(name: &str) -> u64 {
    1 << (name.len() % 64)
}
