//! What query parameters say about the pages of a list, under the names that contracts use.

use super::parameter::{Parameter, ParameterLocation};
use crate::openapi::snake;

/// What a query parameter says about pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageParameter {
    /// The size of a page.
    Size,
    /// The number of a page.
    Number,
    /// The number of records before a page.
    Offset,
    /// The record, or the token, after which a page begins.
    After,
    /// The record before which a page ends.
    Before,
}

/// Names of page parameters in snake case, without brackets and `$`.
const NAMES: [(PageParameter, &[&str]); 5] = [
    (
        PageParameter::Size,
        &[
            "per_page",
            "page_size",
            "pagesize",
            "perpage",
            "limit",
            "size",
            "max_results",
            "maxresults",
            "max_items",
            "max_keys",
            "max",
            "page_limit",
            "page_len",
            "pagelen",
            "first",
            "top",
            "count",
        ],
    ),
    (PageParameter::Number, &["page", "page_number", "page_no", "page_index", "pagenumber"]),
    (PageParameter::Offset, &["offset", "skip", "start", "page_offset", "start_at", "start_index"]),
    (
        PageParameter::After,
        &[
            "starting_after",
            "start_after",
            "cursor",
            "page_cursor",
            "page_token",
            "pagetoken",
            "next_token",
            "nexttoken",
            "next_page_token",
            "after",
            "page_after",
            "continue",
            "marker",
            "next_marker",
            "position",
            "skip_token",
            "skiptoken",
            "offset_token",
            "start_key",
            "exclusive_start_key",
            "continuation_token",
        ],
    ),
    (PageParameter::Before, &["ending_before", "before", "page_before"]),
];

impl PageParameter {
    /// What a parameter says about pages that counts although no operation declares it.
    pub fn common(name: &str) -> Option<Self> {
        Some(match name {
            "limit" | "per_page" => Self::Size,
            "page" => Self::Number,
            "offset" => Self::Offset,
            _ => return None,
        })
    }

    /// What a parameter of that name says about pages: `maxResults`, `page[size]`, `$top`.
    pub fn of(name: &str) -> Option<Self> {
        let name = name.trim_start_matches('$').replace('[', "_").replace(']', "");
        let name = snake(&name);
        NAMES.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(meaning, _)| *meaning)
    }
}

/// Finds out what the parameters of an operation say about pages.
pub(super) fn assign(parameters: &mut [Parameter]) {
    // `start` beside `end` is a time.
    let is_end = |name: &str| matches!(snake(name).as_str(), "end" | "until");
    let is_range = parameters.iter().any(|parameter| is_end(&parameter.name));
    for parameter in parameters.iter_mut().filter(|parameter| parameter.location == ParameterLocation::Query) {
        // `size` may also say whether sizes are shown.
        let is_switch = parameter.schema.follow(parameter.schema.raw())["type"] == "boolean";
        let is_time = is_range && snake(&parameter.name) == "start";
        parameter.page = PageParameter::of(&parameter.name).filter(|_| !is_switch && !is_time);
    }
}
