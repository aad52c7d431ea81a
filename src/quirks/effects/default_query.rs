use crate::diagnostics::{Diagnostic, YamlNode};
use crate::quirks::{Effect, Stage, Target};

/// The effect `default_query: {name: value}`: the operation is served as if the query had these parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DefaultQuery(Vec<(String, String)>);

impl Effect for DefaultQuery {
    fn name() -> &'static str {
        "default_query"
    }

    fn parse(node: &YamlNode) -> Result<Self, Diagnostic> {
        let pairs = node.entries("`default_query`")?.rest().into_iter();
        let pairs = pairs.map(|(key, node)| Ok((key.name.clone(), node.text()?.to_owned())));
        pairs.collect::<Result<_, Diagnostic>>().map(Self)
    }

    fn stage(&self) -> Stage {
        Stage::Rewrite
    }

    fn apply(&self, target: Target<'_>) -> bool {
        let Target::Query(query) = target else { return false };
        let before = query.clone();
        for (name, value) in &self.0 {
            query.set(name, value);
        }
        *query != before
    }

    fn describe(&self) -> String {
        let pairs: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("responds as if the query had {}", pairs.join(" and "))
    }
}
