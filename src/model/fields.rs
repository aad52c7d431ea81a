//! The fields of records and objects.

use std::sync::Arc;

use compact_str::CompactString;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::FieldValue;
use super::field_names::{FieldNames, Hint, KnownNames};

/// The number of fields for which there is space when the names of a record become its own.
const MORE: usize = 6;

/// The fields of an object in the order in which they were set.
///
/// Records of one kind share their names. A record stores values only, up to the last one that differs from its default.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    names: Names,
    values: Vec<FieldValue>,
}

#[derive(Clone, Debug)]
enum Names {
    Own(Vec<CompactString>),
    Shared(Arc<FieldNames>),
}

impl Default for Names {
    fn default() -> Self {
        Self::Own(Vec::new())
    }
}

impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Fields {
    /// No fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// No fields, with capacity for `count`.
    pub fn with_capacity(count: usize) -> Self {
        Self { names: Names::Own(Vec::with_capacity(count)), values: Vec::with_capacity(count) }
    }

    /// Fields with shared names, and values for the first of them; the others have their defaults.
    pub fn shared(names: &Arc<FieldNames>, values: Vec<FieldValue>) -> Self {
        debug_assert!(values.len() <= names.len());
        Self { names: Names::Shared(Arc::clone(names)), values }
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&FieldValue> {
        self.at(self.index(name)?)
    }

    /// Sets a field. A new one is added at the end.
    pub fn set(&mut self, name: &str, value: impl Into<FieldValue>) {
        let value = value.into();
        match self.index(name) {
            Some(index) => {
                self.fill(index + 1);
                self.values[index] = value;
            }
            None => self.push(name, value),
        }
    }

    /// The names, if other records of the kind share them.
    pub(super) fn shared_names(&self) -> Option<&FieldNames> {
        match &self.names {
            Names::Own(_) => None,
            Names::Shared(names) => Some(names),
        }
    }

    /// Shares the names with other records of the kind that have the same ones.
    pub(super) fn share_names(&mut self, known: &mut KnownNames) {
        if let Names::Own(own) = &self.names
            && let Some(names) = known.shared(own)
        {
            self.names = Names::Shared(Arc::clone(names));
        }
    }

    /// The value at an index.
    pub(super) fn at(&self, index: usize) -> Option<&FieldValue> {
        self.values.get(index).or_else(|| self.defaults().get(index - self.values.len()))
    }

    /// The explicit values; the fields after them have their defaults.
    pub(super) fn values(&self) -> impl Iterator<Item = &FieldValue> {
        self.values.iter()
    }

    /// The size of names that no other record shares, bytes.
    pub(super) fn own_names_size(&self) -> usize {
        match &self.names {
            Names::Own(names) => names.len() * size_of::<CompactString>(),
            Names::Shared(_) => 0,
        }
    }

    /// The defaults of the fields after the last value.
    fn defaults(&self) -> &[FieldValue] {
        match &self.names {
            Names::Own(_) => &[],
            Names::Shared(names) => names.defaults(self.values.len()),
        }
    }

    /// Stores the values up to an index explicitly.
    fn fill(&mut self, end: usize) {
        let missing = end.saturating_sub(self.values.len());
        if missing > 0 {
            let defaults = self.defaults();
            let more = defaults[..missing.min(defaults.len())].to_vec();
            self.values.extend(more);
        }
    }

    /// The fields with one more, whose name is new.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<FieldValue>) -> Self {
        debug_assert!(self.get(name).is_none(), "{name} is set twice");
        self.push(name, value.into());
        self
    }

    /// The value of a field, searched first at the cached index.
    pub fn get_hinted(&self, name: &str, hint: &Hint) -> Option<&FieldValue> {
        let names = match &self.names {
            Names::Shared(names) => match hint.among(names) {
                Some(index) => return index.and_then(|index| self.at(index)),
                None => Some(&**names),
            },
            Names::Own(names) => match hint.last().filter(|index| names.get(*index).is_some_and(|known| known == name))
            {
                Some(index) => return Some(&self.values[index]),
                None => None,
            },
        };
        let index = self.index(name);
        hint.remember(names, index);
        index.and_then(|index| self.at(index))
    }

    /// All fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FieldValue)> {
        let name = |index: usize| match &self.names {
            Names::Own(names) => names[index].as_str(),
            Names::Shared(names) => names.at(index),
        };
        self.values.iter().chain(self.defaults()).enumerate().map(move |(index, value)| (name(index), value))
    }

    fn index(&self, name: &str) -> Option<usize> {
        match &self.names {
            Names::Own(names) => names.iter().position(|known| known == name),
            Names::Shared(names) => names.index(name, 0),
        }
    }

    fn push(&mut self, name: &str, value: FieldValue) {
        self.fill(usize::MAX);
        match &mut self.names {
            Names::Own(names) => names.push(name.into()),
            Names::Shared(names) => {
                // One new field is often followed by others.
                let mut own = Vec::with_capacity(names.len() + MORE);
                own.extend(names.iter().map(CompactString::from).chain([name.into()]));
                self.names = Names::Own(own);
                self.values.reserve(MORE);
            }
        }
        self.values.push(value);
    }
}

impl IntoIterator for Fields {
    type Item = (CompactString, FieldValue);
    type IntoIter = std::iter::Zip<std::vec::IntoIter<CompactString>, std::vec::IntoIter<FieldValue>>;

    fn into_iter(mut self) -> Self::IntoIter {
        self.fill(usize::MAX);
        let names = match self.names {
            Names::Own(names) => names,
            Names::Shared(names) => names.iter().map(CompactString::from).collect(),
        };
        names.into_iter().zip(self.values)
    }
}

impl FromIterator<(CompactString, FieldValue)> for Fields {
    fn from_iter<I: IntoIterator<Item = (CompactString, FieldValue)>>(fields: I) -> Self {
        let (names, values) = fields.into_iter().unzip();
        Self { names: Names::Own(names), values }
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len() + self.defaults().len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
