use crate::diagnostics::{Diagnostic, YamlNode};
use crate::request::Query;

/// The effect `page: {size, at_most, offset}`: how a list takes its pages. `size` names the parameter that says how many
/// are on a page, which are no more than `at_most`; `offset` names one that counts pages and not records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The parameter that says how many are on a page.
    pub size: String,
    /// How many there are at most, where that is limited.
    pub at_most: Option<usize>,
    /// The parameter that counts pages, where there is one.
    pub offset: Option<String>,
}

impl Page {
    pub(in crate::quirks) fn read(tree: &YamlNode) -> Result<Self, Diagnostic> {
        let mut entries = tree.entries("`page`")?;
        let size = entries.require("size")?.text()?.to_owned();
        let at_most = entries.take("at_most").map(YamlNode::count).transpose()?;
        let at_most = at_most.map(|count| usize::try_from(count).unwrap_or(usize::MAX));
        let offset = entries.take("offset").map(YamlNode::text).transpose()?.map(str::to_owned);
        entries.finish()?;
        match (at_most, &offset) {
            (None, None) => Err(tree.expected("`at_most: …`, `offset: …` or both")),
            _ => Ok(Self { size, at_most, offset }),
        }
    }

    /// The query in the words of lists that count records; nothing, when it says the same.
    pub fn apply(&self, query: &Query) -> Option<Query> {
        let number = |name: &str| query.get(name).and_then(|text| text.trim().parse::<usize>().ok());
        let asked = number(&self.size);
        let size = match (asked, self.at_most) {
            (Some(asked), Some(most)) => Some(asked.min(most)),
            (asked, _) => asked,
        };
        let offset = self.offset.as_deref().and_then(|name| Some((name, number(name)?)));
        let skipped = offset.zip(size).map(|((name, pages), size)| (name, pages, pages.saturating_mul(size)));
        let mut bent = query.clone();
        if size != asked {
            bent.set(&self.size, &size?.to_string());
        }
        if let Some((name, pages, records)) = skipped
            && pages != records
        {
            bent.set(name, &records.to_string());
        }
        (bent != *query).then_some(bent)
    }
}
