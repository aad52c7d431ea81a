use crate::diagnostics::{Diagnostic, YamlNode};
use crate::quirks::{Effect, Stage, Target};
use crate::request::Query;

/// The effect `page: {size, at_most, offset}`: how a list is paged. `size` names the parameter with the page size, which
/// is limited to `at_most`; `offset` names a parameter that counts pages instead of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// The parameter with the page size.
    size: String,
    /// The largest page size, if it is limited.
    at_most: Option<usize>,
    /// The parameter that counts pages, if there is one.
    offset: Option<String>,
}

impl Effect for Page {
    fn name() -> &'static str {
        "page"
    }

    fn parse(node: &YamlNode) -> Result<Self, Diagnostic> {
        let mut entries = node.entries("`page`")?;
        let size = entries.require("size")?.text()?.to_owned();
        let at_most = entries.take("at_most").map(YamlNode::count).transpose()?;
        let at_most = at_most.map(|count| usize::try_from(count).unwrap_or(usize::MAX));
        let offset = entries.take("offset").map(YamlNode::text).transpose()?.map(str::to_owned);
        entries.finish()?;
        match (at_most, &offset) {
            (None, None) => Err(node.expected("`at_most: …`, `offset: …` or both")),
            _ => Ok(Self { size, at_most, offset }),
        }
    }

    fn stage(&self) -> Stage {
        Stage::Rewrite
    }

    fn apply(&self, target: Target<'_>) -> bool {
        match target {
            Target::Query(query) => self.rewrite(query),
            _ => false,
        }
    }

    fn describe(&self) -> String {
        let most = self.at_most.map(|most| format!("limits {} to {most}", self.size));
        let pages = self.offset.as_ref().map(|offset| format!("counts pages in {offset}"));
        most.into_iter().chain(pages).collect::<Vec<_>>().join(" and ")
    }
}

impl Page {
    /// Rewrites the query in terms of lists that count records.
    fn rewrite(&self, query: &mut Query) -> bool {
        let number = |name: &str| query.get(name).and_then(|text| text.trim().parse::<usize>().ok());
        let sent = number(&self.size);
        let size = match (sent, self.at_most) {
            (Some(sent), Some(most)) => Some(sent.min(most)),
            (sent, _) => sent,
        };
        let offset = self.offset.as_deref().and_then(|name| Some((name, number(name)?)));
        let skipped = offset.zip(size).map(|((name, pages), size)| (name, pages, pages.saturating_mul(size)));
        let mut is_changed = false;
        if let Some(size) = size.filter(|_| size != sent) {
            query.set(&self.size, &size.to_string());
            is_changed = true;
        }
        if let Some((name, pages, records)) = skipped
            && pages != records
        {
            query.set(name, &records.to_string());
            is_changed = true;
        }
        is_changed
    }
}
