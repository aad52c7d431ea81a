//! Reads the entries of a mapping by name and reports the unknown ones.

use super::{Collector, Diagnostic, Key, Span, YamlNode, YamlValue, nearest};

/// The entries of a mapping while it is read. Entries that are not requested are unknown.
pub struct YamlMap<'t> {
    /// Where the mapping begins.
    pub span: Span,
    pub(super) what: &'t str,
    pub(super) left: Vec<Option<&'t (Key, YamlNode)>>,
    pub(super) requested: Vec<&'t str>,
}

impl<'t> YamlMap<'t> {
    /// The value of an entry; `None` if it is missing or `null`.
    pub fn take(&mut self, name: &'t str) -> Option<&'t YamlNode> {
        self.requested.push(name);
        let slot = self.left.iter_mut().find(|slot| slot.is_some_and(|(key, _)| key.name == name))?;
        slot.take().map(|(_, value)| value).filter(|value| value.node != YamlValue::Null)
    }

    /// The value of an entry.
    ///
    /// # Errors
    /// If the entry is missing.
    pub fn require(&mut self, name: &'t str) -> Result<&'t YamlNode, Diagnostic> {
        if let Some(value) = self.take(name) {
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
    /// The first unknown entry, with the most similar known name as help.
    pub fn finish(self) -> Result<(), Diagnostic> {
        self.unknown().next().map_or(Ok(()), Err)
    }

    /// Ends reading, and reports each unknown entry.
    pub fn finish_with(self, diagnostics: &mut Collector) {
        for diagnostic in self.unknown() {
            diagnostics.add(diagnostic);
        }
    }

    fn unknown(self) -> impl Iterator<Item = Diagnostic> {
        let Self { what, left, requested, .. } = self;
        let unknown =
            move |key: &Key| Diagnostic::unknown(key.span, &format!("entry of {what}"), &key.name, &requested);
        left.into_iter().flatten().map(move |(key, _)| unknown(key))
    }
}
