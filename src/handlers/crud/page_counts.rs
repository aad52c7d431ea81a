//! The members of a list's envelope, and the headers, that count records and pages.

use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};

use crate::handlers::query::Page;
use crate::openapi::{ResponseSpec, snake};
use crate::request::Context;

/// Names of objects that hold counts.
const HOLDERS: [&str; 3] = ["meta", "pagination", "paging"];
/// The same in APIs of which everything is inferred.
const MORE_HOLDERS: [&str; 3] = ["metadata", "page", "page_info"];

/// The counts of one page.
pub(super) struct PageCounts {
    /// Number of records on all pages.
    total: usize,
    /// Number of the page.
    number: usize,
    /// Maximum number of records on a page.
    size: usize,
    /// Number of records before the page.
    skipped: usize,
    /// Number of records on the page.
    shown: usize,
    is_inferred: bool,
}

impl PageCounts {
    pub(super) fn new(ctx: &Context<'_>, page: &Page) -> Self {
        let Page { total, number, size, skipped, ref views } = *page;
        let is_inferred = !ctx.resources.documented_behaviour_only;
        Self { total, number, size, skipped, shown: views.len(), is_inferred }
    }

    /// The counts of a list that is complete on one page.
    pub(super) fn of_whole_list(total: usize) -> Self {
        Self { total, number: 1, size: total, skipped: 0, shown: total, is_inferred: true }
    }

    /// Sets the counts in an object around the list.
    pub(super) fn set(&self, map: &mut Map<String, Value>) {
        for (name, value) in map {
            let name = snake(name);
            let holds =
                || HOLDERS.contains(&name.as_str()) || self.is_inferred && MORE_HOLDERS.contains(&name.as_str());
            match value {
                Value::Number(_) => drop(self.number(&name).map(|count| *value = count.into())),
                Value::Bool(_) => drop(self.truth(&name).map(|truth| *value = truth.into())),
                Value::Object(below) if holds() => self.set(below),
                _ => {}
            }
        }
    }

    /// The documented headers with counts: `X-Total-Count`. The number of a page that does not exist is blank.
    pub(super) fn headers(&self, spec: &ResponseSpec) -> Vec<(HeaderName, HeaderValue)> {
        let value = |name: &HeaderName| {
            let name = snake(name.as_str());
            let name = name.strip_prefix("x_").unwrap_or(&name);
            let name = name.strip_prefix("pagination_").unwrap_or(name);
            let neighbour = |exists: bool, number: usize| if exists { number.to_string() } else { String::new() };
            match name {
                "next_page" => Some(neighbour(self.has_more(), self.number + 1)),
                "prev_page" | "previous_page" => Some(neighbour(self.skipped > 0, self.number.saturating_sub(1))),
                _ => self.number(name).map(|count| count.to_string()),
            }
        };
        let counted = |name: &HeaderName| Some((name.clone(), HeaderValue::from_str(&value(name)?).ok()?));
        spec.headers.iter().filter_map(|header| counted(&header.name)).collect()
    }

    fn has_more(&self) -> bool {
        self.skipped + self.shown < self.total
    }

    fn number(&self, name: &str) -> Option<usize> {
        let &Self { total, number, size, skipped, shown, .. } = self;
        let pages = || total.div_ceil(size.max(1));
        Some(match name {
            "total" | "total_count" | "total_items" | "total_results" | "total_size" | "count" => total,
            "page" | "current_page" | "page_number" => number,
            "per_page" | "page_size" | "limit" => size,
            "offset" | "skip" => skipped,
            "total_pages" | "pages" | "page_count" => pages(),
            _ if !self.is_inferred => return None,
            "total_elements" | "total_records" | "total_entries" | "total_hits" | "total_rows" | "num_found"
            | "totalcount" | "@odata_count" | "item_count" | "record_count" | "result_count" | "results" => total,
            "number" | "page_no" | "page_index" => number,
            "size" | "items_per_page" => size,
            "number_of_elements" | "returned" => shown,
            "start" | "start_at" => skipped,
            "last_page" | "number_of_pages" => pages(),
            _ => return None,
        })
    }

    fn truth(&self, name: &str) -> Option<bool> {
        Some(match name {
            "has_more" | "has_next" | "has_next_page" | "hasmore" | "is_truncated" => self.has_more(),
            _ if !self.is_inferred => return None,
            "more" | "has_more_items" | "has_more_results" => self.has_more(),
            "last" | "is_last" | "is_last_page" => !self.has_more(),
            "first" | "is_first" | "is_first_page" => self.skipped == 0,
            "has_previous" | "has_previous_page" | "has_prev" | "has_prev_page" => self.skipped > 0,
            "empty" => self.shown == 0,
            _ => return None,
        })
    }
}
