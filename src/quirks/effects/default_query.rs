use crate::diagnostics::{Diagnostic, YamlNode};
use crate::request::Query;

/// The effect `ask: {name: value}`: the call is answered as if its query said so besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultQuery(Vec<(String, String)>);

impl DefaultQuery {
    pub(in crate::quirks) fn read(tree: &YamlNode) -> Result<Self, Diagnostic> {
        let pairs = tree.entries("`ask`")?.rest().into_iter();
        let pairs = pairs.map(|(key, tree)| Ok((key.name.clone(), tree.text()?.to_owned())));
        pairs.collect::<Result<_, Diagnostic>>().map(Self)
    }

    /// What is asked for besides.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The query with that; nothing, when it says so already.
    pub fn apply(&self, query: &Query) -> Option<Query> {
        let mut bent = query.clone();
        for (name, value) in self.pairs() {
            bent.set(name, value);
        }
        (bent != *query).then_some(bent)
    }
}
