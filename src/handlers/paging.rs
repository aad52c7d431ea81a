//! Which part of a list a query asks for: by page number, by offset or by cursor, under the names that contracts use.

use crate::openapi::{Operation, PageParameter, Parameter};
use crate::request::Query;

/// Limits and defaults of pages.
#[derive(Clone, Copy)]
pub(crate) struct Paging {
    /// Number of the first page.
    pub(crate) first: usize,
    /// Size of a page that the query does not set.
    pub(crate) default_size: usize,
    /// Maximum size of a page.
    pub(crate) max_size: usize,
}

/// The maximum size of any page, also where the contract documents none or a larger one.
pub(crate) const MAX_SIZE: usize = 1000;

impl Default for Paging {
    /// Pages of 25 records, of at most 100 if the query asks for more.
    fn default() -> Self {
        Self { first: 1, default_size: 25, max_size: 100 }
    }
}

/// The part of a list that is on one page.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    /// Number of the page.
    pub(crate) number: usize,
    /// Maximum number of records.
    pub(crate) size: usize,
    position: Position,
}

#[derive(Clone, Debug)]
enum Position {
    Offset(usize),
    After(String),
    Before(String),
}

impl Window {
    /// The page that a query asks for. All known names of parameters count.
    pub(crate) fn new(query: &Query, paging: Paging) -> Self {
        Self::read(query, paging, &PageParameter::of)
    }

    /// The page that a query asks for with the parameters that an operation declares, and the default and the maximum
    /// size of its contract.
    pub(crate) fn declared(query: &Query, operation: &Operation) -> Self {
        let declared = || page_parameters(operation);
        let size = declared().find(|(meaning, _)| *meaning == PageParameter::Size).map(|(_, parameter)| parameter);
        let bound = |name: &str| {
            let schema = size?.schema.follow(size?.schema.raw());
            usize::try_from(schema.get(name)?.as_u64()?).ok()
        };
        let max_size = bound("maximum").unwrap_or(MAX_SIZE).clamp(1, MAX_SIZE);
        // A list that cannot be continued is complete.
        let is_paged = declared().any(|(meaning, _)| meaning != PageParameter::Size);
        let default_size = if is_paged { Paging::default().default_size } else { max_size };
        let default_size = bound("default").filter(|size| *size > 0).unwrap_or(default_size);
        // Where pages are counted from 0, the contract says so.
        let number = declared().find(|(meaning, _)| *meaning == PageParameter::Number);
        let is_from_zero = number.is_some_and(|(_, parameter)| {
            let schema = parameter.schema.follow(parameter.schema.raw());
            ["default", "minimum"].iter().any(|key| schema.get(*key).and_then(serde_json::Value::as_u64) == Some(0))
                && schema.get("default").and_then(serde_json::Value::as_u64) != Some(1)
        });
        let first = usize::from(!is_from_zero);
        let paging = Paging { first, default_size: default_size.min(max_size), max_size };
        let meaning = |name: &str| {
            let known = declared().find(|(_, parameter)| parameter.name == name);
            known.map(|(meaning, _)| meaning).or_else(|| PageParameter::common(name))
        };
        Self::read(query, paging, &meaning)
    }

    /// The page that the body of a search asks for, if it asks for one.
    pub(crate) fn searched(self, body: &Query) -> Self {
        let asks = body.iter().any(|(name, _)| PageParameter::of(name).is_some());
        let paging = Paging { first: 1, default_size: self.size, max_size: MAX_SIZE };
        if asks { Self::read(body, paging, &PageParameter::of) } else { self }
    }

    fn read(query: &Query, paging: Paging, meaning: &dyn Fn(&str) -> Option<PageParameter>) -> Self {
        let sent = |wanted: PageParameter| {
            let mut parameters = query.iter().filter(|(_, value)| !value.is_empty());
            parameters.find(|(name, _)| meaning(name) == Some(wanted)).map(|(_, value)| value)
        };
        let number = |wanted: PageParameter| sent(wanted).and_then(|text| text.parse::<usize>().ok());
        let size = number(PageParameter::Size).filter(|size| *size > 0).unwrap_or(paging.default_size);
        let size = size.clamp(1, paging.max_size.min(MAX_SIZE));
        let page = number(PageParameter::Number).unwrap_or(paging.first).max(paging.first);
        let skipped = number(PageParameter::Offset).unwrap_or((page - paging.first).saturating_mul(size));
        let position = match (sent(PageParameter::After), sent(PageParameter::Before)) {
            (Some(id), _) => Position::After(id.to_owned()),
            (None, Some(id)) => Position::Before(id.to_owned()),
            (None, None) => Position::Offset(skipped),
        };
        Self { number: page, size, position }
    }

    /// The id, or the token, after which the page begins.
    pub(crate) fn cursor(&self) -> Option<&str> {
        match &self.position {
            Position::After(id) => Some(id),
            Position::Offset(_) | Position::Before(_) => None,
        }
    }

    /// The number of records before the page, if it depends on no record.
    pub(crate) fn offset(&self) -> Option<usize> {
        match self.position {
            Position::Offset(skipped) => Some(skipped),
            Position::After(_) | Position::Before(_) => None,
        }
    }

    /// The number of records before the page in a list of `total` records; `find` is the index of a record by its id. A
    /// cursor that names no record is the number of records before the page.
    pub(crate) fn skipped(&self, total: usize, find: impl Fn(&str) -> Option<usize>) -> usize {
        let index = |id: &str| find(id);
        match &self.position {
            Position::Offset(skipped) => *skipped,
            Position::After(id) => index(id).map(|at| at + 1).or_else(|| id.parse().ok()).unwrap_or(total),
            Position::Before(id) => index(id).map_or(0, |at| at.saturating_sub(self.size)),
        }
    }

    /// The elements on the page of a list that has no cursors.
    pub(crate) fn cut<T>(self, all: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
        let skipped = self.skipped(0, |_| None);
        all.skip(skipped).take(self.size)
    }
}

/// The declared query parameters of an operation that select a page.
pub(crate) fn page_parameters(operation: &Operation) -> impl Iterator<Item = (PageParameter, &Parameter)> {
    operation.parameters.iter().filter_map(|parameter| Some((parameter.page?, parameter)))
}
