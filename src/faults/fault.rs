use compact_str::CompactString;
use serde_json::{Map, Value};

use super::fault_match::{self, FaultMatch};
use super::kinds::{self, FaultKind};
use crate::diagnostics::{FieldError, JsonFields};
use crate::model::is_short_id;

/// The id of a fault: 1 to 64 letters, digits, `_` and `-`.
pub type FaultId = CompactString;

/// A match and one kind of fault with its settings.
#[derive(Debug)]
pub struct Fault {
    /// Its id; empty until it is added to a list, unless it was given.
    pub(super) id: FaultId,
    /// Which requests it applies to.
    pub(super) matches: FaultMatch,
    /// The name of its kind.
    pub(super) kind_name: &'static str,
    /// Its kind with the settings.
    pub(super) kind: Box<dyn FaultKind>,
    /// The settings as they are written.
    settings: Value,
}

impl Fault {
    /// Reads a fault.
    ///
    /// # Errors
    /// All errors, by their place in the object.
    pub fn read(fault: Map<String, Value>) -> Result<Self, Vec<FieldError>> {
        let known: Vec<&str> = ["id"].into_iter().chain(fault_match::FIELDS).chain(kinds::KIND_NAMES).collect();
        let settings = fault.clone();
        let mut fields = JsonFields::of(fault, &known);
        let id = fields.text("id").unwrap_or_default();
        if !id.is_empty() && !is_short_id(&id) {
            fields.reject("id", "an id has 1 to 64 letters, digits, `_` and `-`");
        }
        let matches = FaultMatch::read(&mut fields);
        let kind = kinds::read(&mut fields);
        let fault = kind.map(|(kind_name, kind)| {
            let settings = settings.get(kind_name).cloned().unwrap_or_default();
            Self { id: id.into(), matches, kind_name, kind, settings }
        });
        fields.finish()?;
        // Without an error there is a kind.
        fault.ok_or_else(Vec::new)
    }

    /// The fault with an id if it has none.
    #[must_use]
    pub fn or_named(mut self, id: &str) -> Self {
        if self.id.is_empty() {
            self.id = id.into();
        }
        self
    }

    /// Its id.
    pub fn id(&self) -> &FaultId {
        &self.id
    }

    /// Which requests it applies to.
    pub fn matches(&self) -> &FaultMatch {
        &self.matches
    }

    /// The fault as it is written.
    pub fn to_json(&self) -> Value {
        let mut fault = Map::from_iter([("id".to_owned(), Value::from(self.id.as_str()))]);
        fault.extend(self.matches.to_json());
        fault.insert(self.kind_name.to_owned(), self.settings.clone());
        fault.into()
    }
}
