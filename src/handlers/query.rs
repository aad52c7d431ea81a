//! Filters, order and pages of lists, as query parameters ask for them.

use serde_json::Value;

pub(crate) use super::condition::Aliases;
use super::condition::{Condition, bracket_conditions, is_same_or_plural};
use super::filter::Filter;
use super::json_filters;
use super::paging::{Paging, Window};
use super::sorting;
use crate::model::{FieldValue, SortOrder};
use crate::openapi::{Operation, PageParameter, Parameter, ParameterLocation};
use crate::request::{ApiError, ErrorKind, Query, RecordView};

/// One page of a list.
#[derive(Default)]
pub(crate) struct Page {
    /// The records on the page.
    pub(crate) views: Vec<RecordView>,
    /// Number of records on all pages.
    pub(crate) total: usize,
    /// Number of the page.
    pub(crate) number: usize,
    /// Maximum number of records on a page.
    pub(crate) size: usize,
    /// Number of records before the page.
    pub(crate) skipped: usize,
}

/// Maximum size of the records on a page, bytes: a response takes several times as much while it is written.
const MAX_PAGE_BYTES: usize = 64 << 20;

/// Names of the parameter for the order.
const SORT: &[&str] = &["sort", "order_by", "sort_by", "sortBy", "orderBy"];

/// Names of the parameter for a text search.
const SEARCH: &[&str] = &["search", "q", "search_term", "query"];

/// Names of the parameter for the order in OData.
const ODATA_SORT: &[&str] = &["$orderby", "orderby"];

/// Names of the parameter for a filter expression.
const FILTER: &[&str] = &["$filter", "filter"];

/// Names of parameters for the direction of the order, if it is `asc` or `desc`.
const DIRECTION: &[&str] = &["order", "direction", "sort_order", "sortOrder", "sort_direction", "sort_dir", "sort"];

/// Names of other parameters that do not filter by a field.
const NO_FILTERS: &[&str] = &["order", "fields", "include", "expand", "filter", "$select", "$expand", "$count"];

/// Filters, order and page that a query asks for.
pub(crate) struct ListQuery<'a> {
    query: &'a Query,
    aliases: Aliases<'a>,
    conditions: Vec<Condition<'a>>,
    /// Lowercase text that a text field must contain; empty matches all records.
    term: String,
    /// Whether a record matches a condition on a field that it lacks.
    matches_without_field: bool,
    /// An expression that a record must match.
    filter: Option<Filter>,
    /// The field to sort by, with its direction, where the names of these parameters are inferred.
    order: Option<String>,
    /// Whether a condition also finds a field whose name is written in another style, or in the plural.
    finds_any_style: bool,
    /// A documented record: lists show its values for fields that a record lacks.
    example: Option<&'a Value>,
    window: Window,
}

impl<'a> ListQuery<'a> {
    /// A query with filters in brackets (`filter[matter_uid][eq]=x`, `updated_at[gte]=2026-01-01`) and a text search.
    pub(crate) fn new(query: &'a Query, aliases: Aliases<'a>) -> Self {
        Self {
            query,
            aliases,
            conditions: bracket_conditions(query, aliases),
            term: search_term(query),
            matches_without_field: false,
            filter: None,
            order: None,
            finds_any_style: false,
            example: None,
            window: Window::new(query, Paging::default()),
        }
    }

    /// A query that also filters by every other parameter that the operation declares, and takes the default size of a
    /// page from the contract.
    pub(crate) fn declared(query: &'a Query, operation: &Operation) -> Self {
        let declared = |name: &str| -> Option<&Parameter> {
            operation.parameters.iter().find(|known| known.location == ParameterLocation::Query && known.name == name)
        };
        let mut conditions = bracket_conditions(query, &[]);
        conditions.retain(|condition| condition.field != "page");
        let has_no_page = |parameter: &Parameter| parameter.page.is_none();
        let is_declared = |name: &str| declared(name).is_some_and(has_no_page);
        conditions.extend(field_conditions(query, &is_declared));
        let window = Window::declared(query, operation);
        Self { conditions, matches_without_field: true, window, ..Self::new(query, &[]) }
    }

    /// The same as [`ListQuery::declared`], also with declared parameters for a filter expression and for the direction of
    /// the order, with names of fields in any style, and with the values of an example that the list shows for fields that a
    /// record lacks.
    pub(crate) fn inferred(query: &'a Query, operation: &Operation, example: Option<&'a Value>) -> Self {
        let is_declared = |name: &str| operation.parameters.iter().any(|known| known.name == name);
        let sent: Vec<(&str, &str)> =
            query.iter().filter(|(name, value)| !value.is_empty() && is_declared(name)).collect();
        let filter = sent.iter().find(|(name, _)| FILTER.contains(name)).and_then(|(_, text)| Filter::parse(text));
        Self { filter, order: order_of(&sent), finds_any_style: true, example, ..Self::declared(query, operation) }
    }

    /// The same query with what the body of a search asks for: `POST /boats/search`.
    #[must_use]
    pub(crate) fn searched(mut self, body: &'a Query) -> Self {
        self.conditions.extend(field_conditions(body, &|_| true));
        let sent: Vec<(&str, &str)> = body.iter().filter(|(_, value)| !value.is_empty()).collect();
        let named = |names: &[&str]| sent.iter().find(|(name, _)| names.contains(name)).map(|(_, value)| *value);
        let term = search_term(body);
        if !term.is_empty() {
            self.term = term;
        }
        self.filter = named(FILTER).and_then(Filter::parse).or(self.filter);
        self.order = order_of(&sent).or_else(|| named(SORT).map(str::to_owned)).or(self.order);
        self.window = self.window.searched(body);
        self
    }

    /// The same query without the text search, for lists that search in a way of their own.
    #[must_use]
    pub(crate) fn without_search(self) -> Self {
        Self { term: String::new(), ..self }
    }

    /// Whether it reads fields of records: it has a condition, a search or an order.
    pub(crate) fn reads_fields(&self) -> bool {
        let has_order = || self.order.is_some() || SORT.iter().any(|name| self.query.get(name).is_some());
        !self.conditions.is_empty() || !self.term.is_empty() || self.filter.is_some() || has_order()
    }

    /// The matching records on all pages, in order.
    pub(crate) fn select(&self, views: impl Iterator<Item = RecordView>) -> Vec<RecordView> {
        self.select_first(views, usize::MAX).0
    }

    /// The first of the matching records in their order, at least `count`, and the number of all.
    fn select_first(&self, views: impl Iterator<Item = RecordView>, count: usize) -> (Vec<RecordView>, usize) {
        let views: Vec<RecordView> = views.filter(|view| self.matches(view)).collect();
        let total = views.len();
        match self.order() {
            Some(order) => (sorting::first(views, order, self.aliases, count), total),
            None => (views, total),
        }
    }

    /// The page that the query asks for.
    ///
    /// # Errors
    /// If its records are too large for one response.
    pub(crate) fn page(&self, views: impl Iterator<Item = RecordView>) -> Result<Page, ApiError> {
        self.page_after(views, None)
    }

    /// The id, or the token, after which the page begins.
    pub(crate) fn cursor(&self) -> Option<&str> {
        self.window.cursor()
    }

    /// The page that the query asks for. A record that was deleted stands in its place, and only says where the page begins.
    ///
    /// # Errors
    /// If its records are too large for one response.
    pub(crate) fn page_after(
        &self,
        views: impl Iterator<Item = RecordView>,
        removed: Option<&str>,
    ) -> Result<Page, ApiError> {
        let size = self.window.size;
        // Only a page that begins at a record needs the whole list.
        if let (Some(skipped), None) = (self.window.offset(), removed) {
            let (views, total) = self.select_first(views, skipped.saturating_add(size));
            return self.page_of(views.into_iter().skip(skipped).take(size).collect(), total, skipped);
        }
        let mut views = self.select(views);
        let find = |id: &str| views.iter().position(|view| view.id() == id);
        let mut skipped = self.window.skipped(views.len(), find);
        if let Some(index) = removed.and_then(find) {
            views.remove(index);
            skipped = skipped.min(index);
        }
        let total = views.len();
        self.page_of(views.into_iter().skip(skipped).take(size).collect(), total, skipped)
    }

    /// Whether neither filters nor an order are asked for: the list is that of the store, in its order.
    pub(crate) fn is_whole(&self) -> bool {
        self.conditions.is_empty() && self.filter.is_none() && self.term.is_empty() && self.order().is_none()
    }

    /// The order that is asked for, if it has one key and nothing else is asked for: the list is that of the store, in this
    /// order.
    pub(crate) fn sole_order(&self) -> Option<SortOrder<'_>> {
        let has_no_filter = self.conditions.is_empty() && self.filter.is_none() && self.term.is_empty();
        self.order().filter(|_| has_no_filter && self.aliases.is_empty()).and_then(sorting::single)
    }

    /// The number of records before the page, and its maximum size, in a list of `total` records. `find` is the index of a
    /// record by its id.
    pub(crate) fn range(&self, total: usize, find: impl Fn(&str) -> Option<usize>) -> (usize, usize) {
        (self.window.skipped(total, find), self.window.size)
    }

    /// The records of the page, where nothing else of it is needed. `records` returns all but the first ones.
    ///
    /// # Errors
    /// If they are too large for one response.
    pub(crate) fn views<I: Iterator<Item = RecordView>>(
        &self,
        records: impl FnOnce(usize) -> I,
    ) -> Result<Vec<RecordView>, ApiError> {
        let page = match self.window.offset().filter(|_| self.is_whole()) {
            Some(skipped) => self.page_of(records(skipped).take(self.window.size).collect(), 0, skipped),
            None => self.page(records(0)),
        };
        Ok(page?.views)
    }

    /// The page with these records, `skipped` of `total` being before it.
    ///
    /// # Errors
    /// If they are too large for one response.
    pub(crate) fn page_of(&self, views: Vec<RecordView>, total: usize, skipped: usize) -> Result<Page, ApiError> {
        let Window { number, size, .. } = self.window;
        let bytes: usize = views.iter().map(|view| view.record().size()).sum();
        match bytes > MAX_PAGE_BYTES {
            true => {
                let message = format!(
                    "The records of the page take {} MiB, and {} is the maximum; ask for a smaller page",
                    bytes >> 20,
                    MAX_PAGE_BYTES >> 20
                );
                Err(ApiError::new(ErrorKind::Full, message))
            }
            false => Ok(Page { total, views, number, size, skipped }),
        }
    }

    fn matches(&self, view: &RecordView) -> bool {
        let contains =
            |value: &FieldValue| value.as_text().is_some_and(|text| text.to_lowercase().contains(&self.term));
        self.conditions.iter().all(|condition| {
            match condition.field_of(view, self.finds_any_style).or_else(|| self.in_example(condition)) {
                None if self.matches_without_field => true,
                known => condition.matches(known.as_ref()),
            }
        }) && self.filter.as_ref().is_none_or(|filter| filter.matches(view))
            && (self.term.is_empty() || view.iter().any(|(_, value)| contains(value)))
    }

    fn in_example(&self, condition: &Condition<'_>) -> Option<FieldValue> {
        let mut members = self.example?.as_object()?.iter();
        members.find(|(name, _)| is_same_or_plural(name, &condition.field)).map(|(_, value)| value.into())
    }

    /// The fields to sort by, with their directions.
    fn order(&self) -> Option<&str> {
        self.order.as_deref().or_else(|| SORT.iter().find_map(|name| self.query.get(name)))
    }
}

/// The order that declared parameters ask for, with its direction: `name:desc`.
fn order_of(sent: &[(&str, &str)]) -> Option<String> {
    let is_direction = |value: &str| value.eq_ignore_ascii_case("asc") || value.eq_ignore_ascii_case("desc");
    let named = |names: &[&str], (name, _): &&(&str, &str)| names.contains(name);
    let odata = sent.iter().find(|sent| named(ODATA_SORT, sent));
    if let Some((_, order)) = odata {
        let keys = order.split(',').map(|key| key.split_whitespace().collect::<Vec<_>>().join(":"));
        return Some(keys.collect::<Vec<_>>().join(","));
    }
    let (_, direction) = sent.iter().find(|sent| named(DIRECTION, sent) && is_direction(sent.1))?;
    let (_, field) = sent.iter().find(|sent| named(SORT, sent) && !is_direction(sent.1))?;
    let is_plain = !field.contains([',', ':', '-']);
    is_plain.then(|| format!("{field}:{}", direction.to_ascii_lowercase()))
}

fn search_term(query: &Query) -> String {
    SEARCH.iter().find_map(|name| query.get(name)).unwrap_or_default().to_lowercase()
}

/// The conditions of parameters that are neither about pages nor about the order.
fn field_conditions<'a>(query: &'a Query, is_known: &dyn Fn(&str) -> bool) -> Vec<Condition<'a>> {
    let others = [SORT, SEARCH, NO_FILTERS, ODATA_SORT, FILTER];
    let is_field = |name: &str| {
        !others.iter().any(|names| names.contains(&name)) && !name.contains('[') && PageParameter::of(name).is_none()
    };
    let conditions = |(name, value): (&'a str, &'a str)| match json_filters::read(name, value) {
        Some(filters) => filters,
        None if is_field(name) => {
            let operator = if value.contains(',') { "in" } else { "eq" };
            vec![Condition::new(name, operator, value)]
        }
        None => Vec::new(),
    };
    query.iter().filter(|(name, value)| !value.is_empty() && is_known(name)).flat_map(conditions).collect()
}
