//! Reads the entries of a mapping by name and reports the unknown ones.

use super::{Collector, Diagnostic, Key, Span, YamlNode, YamlValue, nearest};

/// The entries of a mapping while it is read. Entries that are not requested are unknown.
pub struct YamlMap<'t> {
    /// Where the mapping begins.
    pub span: Span,
    pub(super) what: &'t str,
    pub(super) left: Vec<Option<&'t (Key, YamlNode)>>,
    pub(super) requested: Vec<&'t str>,
    /// Requested entries whose value is `null`.
    pub(super) empty: Vec<&'t Key>,
}

impl<'t> YamlMap<'t> {
    /// The value of an entry; `None` if it is missing. If it is `null`, that is reported when reading ends.
    pub fn take(&mut self, name: &'t str) -> Option<&'t YamlNode> {
        let (key, value) = self.take_entry(name)?;
        if value.node == YamlValue::Null {
            self.empty.push(key);
            return None;
        }
        Some(value)
    }

    /// The value of an entry that may be `null`; `None` if it is missing or `null`.
    pub fn take_nullable(&mut self, name: &'t str) -> Option<&'t YamlNode> {
        self.take_entry(name).map(|(_, value)| value).filter(|value| value.node != YamlValue::Null)
    }

    /// The value of an entry, also if it is `null`; `None` if it is missing.
    pub fn take_present(&mut self, name: &'t str) -> Option<&'t YamlNode> {
        self.take_entry(name).map(|(_, value)| value)
    }

    fn take_entry(&mut self, name: &'t str) -> Option<&'t (Key, YamlNode)> {
        self.requested.push(name);
        self.left.iter_mut().find(|slot| slot.is_some_and(|(key, _)| key.name == name))?.take()
    }

    /// The value of an entry.
    ///
    /// # Errors
    /// If the entry is missing.
    pub fn require(&mut self, name: &'t str) -> Result<&'t YamlNode, Diagnostic> {
        if let Some(value) = self.take_nullable(name) {
            return Ok(value);
        }
        // A similar name is more likely mistyped than this one forgotten. It is reported once.
        let near = nearest(name, self.left.iter().flatten().map(|(key, _)| key.name.as_str()));
        let mistyped =
            near.and_then(|near| self.left.iter_mut().find(|slot| slot.is_some_and(|(key, _)| key.name == near)));
        Err(match mistyped.and_then(Option::take) {
            Some((key, _)) => Diagnostic::unknown(key.span, &format!("entry of {}", self.what), &key.name, &[name]),
            None => Diagnostic::missing(self.span, self.what, name),
        })
    }

    /// The entries that were not requested yet, for mappings whose keys are the user's names.
    pub fn rest(&mut self) -> Vec<&'t (Key, YamlNode)> {
        self.left.iter_mut().filter_map(Option::take).collect()
    }

    /// Ends reading.
    ///
    /// # Errors
    /// The first entry that is unknown, with the most similar known name as help, or that has no value.
    pub fn finish(self) -> Result<(), Diagnostic> {
        self.problems().next().map_or(Ok(()), Err)
    }

    /// Ends reading, and reports each entry that is unknown or has no value.
    pub fn finish_with(self, diagnostics: &mut Collector) {
        for diagnostic in self.problems() {
            diagnostics.add(diagnostic);
        }
    }

    fn problems(self) -> impl Iterator<Item = Diagnostic> {
        let Self { what, left, requested, empty, .. } = self;
        let unknown =
            move |key: &Key| Diagnostic::unknown(key.span, &format!("entry of {what}"), &key.name, &requested);
        let without_value = |key: &Key| {
            Diagnostic::new(key.span, format!("`{}` has no value", key.name)).help("write a value, or remove the entry")
        };
        let unknown = left.into_iter().flatten().map(move |(key, _)| unknown(key));
        unknown.chain(empty.into_iter().map(without_value))
    }
}
