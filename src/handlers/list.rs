//! Lists: filters, order and pages as the API's list operations take them.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use crate::model::FieldValue;
use crate::openapi::{Operation, ParameterLocation};
use crate::request::{Query, RecordView};

/// `per_page` without a word and at most (`GET /platform/v1/clients`, `GET /business/payments/v1/payment_requests`).
const PER_PAGE: usize = 25;
const PER_PAGE_MAX: usize = 100;

/// What a caller may write for which field: `entity_type` for `payable_type`.
pub(crate) type Aliases = &'static [(&'static str, &'static str)];

/// A page of what a list has.
#[derive(Default)]
pub(crate) struct Page {
    /// What is on it.
    pub(crate) views: Vec<RecordView>,
    /// How many there are on all pages.
    pub(crate) total: usize,
    /// Its number, from 1.
    pub(crate) number: usize,
    /// How many are on a page at most.
    pub(crate) size: usize,
    /// How many come before it.
    pub(crate) skipped: usize,
}

/// The views that a query asks for, on all pages: filtered and sorted.
pub(crate) fn sorted(views: impl Iterator<Item = RecordView>, query: &Query, aliases: Aliases) -> Vec<RecordView> {
    let conditions = conditions(query, aliases);
    let mut views: Vec<RecordView> =
        views.filter(|view| conditions.iter().all(|condition| condition.holds(view))).collect();
    sort(&mut views, query, aliases);
    views
}

/// The page of the views that a query asks for: filtered, sorted, cut.
pub(crate) fn select(views: impl Iterator<Item = RecordView>, query: &Query, aliases: Aliases) -> Vec<RecordView> {
    let views = sorted(views, query, aliases);
    let number = |name: &str| query.get(name).and_then(|text| text.parse().ok()).filter(|number| *number > 0);
    let per_page = number("per_page").unwrap_or(PER_PAGE).min(PER_PAGE_MAX);
    let skip = (number("page").unwrap_or(1) - 1).saturating_mul(per_page);
    views.into_iter().skip(skip).take(per_page).collect()
}

fn sort(views: &mut [RecordView], query: &Query, aliases: Aliases) {
    let Some(sort) = ["sort", "order_by", "sort_by", "sortBy", "orderBy"].iter().find_map(|name| query.get(name))
    else {
        return;
    };
    // The last key first: the sort is stable, so the first key decides.
    for key in sort.split(',').rev() {
        let (field, direction) = key.trim().split_once(':').unwrap_or((key.trim(), "asc"));
        let (field, direction) = field.strip_prefix('-').map_or((field, direction), |field| (field, "desc"));
        let field = field.trim();
        // A sort goes by the field of that name where there is one: an alias may hold labels, which have no order.
        let of = |view: &RecordView| view.get(field).or_else(|| view.get(renamed(field, aliases))).cloned();
        views.sort_by(|a, b| {
            let order = compare(of(a).as_ref(), of(b).as_ref());
            if direction.trim() == "desc" { order.reverse() } else { order }
        });
    }
}

/// The page that a query asks for, in the words of the operation's own parameters: `per_page`, `limit`, `pageSize`;
/// `page`, `offset`; `sort`; filters under the names of fields; `search`.
pub(crate) fn page(views: impl Iterator<Item = RecordView>, query: &Query, operation: &Operation) -> Page {
    let declared = |name: &str| {
        operation.parameters.iter().find(|known| known.location == ParameterLocation::Query && known.name == name)
    };
    let mut conditions = conditions(query, &[]);
    for (name, value) in
        query.iter().filter(|(name, value)| !value.is_empty() && !name.contains('[') && declared(name).is_some())
    {
        if !PAGING.iter().any(|(names, _)| names.contains(&name)) && !NO_FILTERS.contains(&name) {
            let operator = if value.contains(',') { "in" } else { "eq" };
            conditions.push(Condition { field: name, operator, value });
        }
    }
    let term = ["search", "q", "search_term", "query"]
        .iter()
        .find_map(|name| query.get(name))
        .unwrap_or_default()
        .to_lowercase();
    let says = |view: &RecordView| {
        view.iter().any(|(_, datum)| datum.as_text().is_some_and(|text| text.to_lowercase().contains(&term)))
    };
    let holds = |view: &RecordView| {
        conditions.iter().all(|condition| condition.field_of(view).is_none() || condition.holds(view))
    };
    let mut views: Vec<RecordView> = views.filter(|view| holds(view) && (term.is_empty() || says(view))).collect();
    sort(&mut views, query, &[]);
    let asked = |what: Paging| -> Option<usize> {
        let (names, _) = PAGING.iter().find(|(_, known)| *known == what)?;
        names.iter().find_map(|name| query.get(name)?.parse().ok())
    };
    let default = |what: Paging| -> Option<usize> {
        let (names, _) = PAGING.iter().find(|(_, known)| *known == what)?;
        let schema = names.iter().find_map(|name| declared(name))?.schema.raw();
        usize::try_from(schema.get("default")?.as_u64()?).ok()
    };
    let size = asked(Paging::Size).filter(|size| *size > 0).or_else(|| default(Paging::Size)).unwrap_or(PER_PAGE);
    let size = size.clamp(1, PER_PAGE_MAX * 10);
    let number = asked(Paging::Number).unwrap_or(1).max(1);
    let skipped = asked(Paging::Skip).unwrap_or((number - 1).saturating_mul(size));
    let total = views.len();
    Page { views: views.into_iter().skip(skipped).take(size).collect(), total, number, size, skipped }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Paging {
    Size,
    Number,
    Skip,
}

/// The names under which APIs take a page's size, its number, and how many come before it.
const PAGING: [(&[&str], Paging); 3] = [
    (
        &["per_page", "page_size", "pageSize", "perPage", "limit", "size", "PageSize", "max_results", "maxResults"],
        Paging::Size,
    ),
    (&["page", "page_number", "pageNumber", "Page"], Paging::Number),
    (&["offset", "skip", "start"], Paging::Skip),
];

/// Parameters of lists that filter by no field.
const NO_FILTERS: [&str; 14] = [
    "sort",
    "order_by",
    "sort_by",
    "sortBy",
    "orderBy",
    "order",
    "search",
    "q",
    "search_term",
    "query",
    "fields",
    "include",
    "expand",
    "filter",
];

/// One condition: `filter[matter_uid][eq]=x`, `updated_at[gte]=2026-01-01`.
struct Condition<'a> {
    field: &'a str,
    operator: &'a str,
    value: &'a str,
}

fn conditions<'a>(query: &'a Query, aliases: Aliases) -> Vec<Condition<'a>> {
    let read = |(name, value): (&'a str, &'a str)| {
        let (field, operator) = match name.strip_prefix("filter[") {
            Some(rest) => rest.strip_suffix(']')?.split_once("][").unwrap_or((rest.strip_suffix(']')?, "eq")),
            None => name.strip_suffix(']')?.split_once('[')?,
        };
        // `filter[uid_in]=a,b` is another way to write `filter[uid][in]=a,b`.
        let (field, operator) = match field.strip_suffix("_in") {
            Some(field) if operator == "eq" => (field, "in"),
            _ => (field, operator),
        };
        Some(Condition { field: renamed(field, aliases), operator, value })
    };
    query.iter().filter_map(read).collect()
}

impl Condition<'_> {
    fn field_of(&self, view: &RecordView) -> Option<FieldValue> {
        let id = matches!(self.field, "id" | "uid").then(|| FieldValue::from(view.id()));
        id.or_else(|| view.get(self.field).cloned())
    }

    fn holds(&self, view: &RecordView) -> bool {
        let known = self.field_of(view);
        let known = known.as_ref();
        let against = |value: &str| against(known, value);
        // Of several labels, one is enough.
        let is = |value: &str| match known {
            Some(FieldValue::List(labels)) => labels.iter().any(|label| label.as_text() == Some(value)),
            _ => against(value) == Ordering::Equal,
        };
        match self.operator {
            "eq" => is(self.value),
            "not_eq" | "neq" => !is(self.value),
            "in" => self.value.split(',').any(|value| is(value.trim())),
            "gt" => against(self.value) == Ordering::Greater,
            "gte" => against(self.value) != Ordering::Less,
            "lt" => against(self.value) == Ordering::Less,
            "lte" => against(self.value) != Ordering::Greater,
            // An operator nobody documents does not hide anything.
            _ => true,
        }
    }
}

fn renamed(field: &str, aliases: Aliases) -> &str {
    aliases.iter().find(|(alias, _)| *alias == field).map_or(field, |(_, field)| field)
}

/// A total order, for sorting: by kind, and within a kind by value; lists and objects have none.
fn compare(a: Option<&FieldValue>, b: Option<&FieldValue>) -> Ordering {
    let (a, b) = (a.unwrap_or(&FieldValue::Null), b.unwrap_or(&FieldValue::Null));
    let rank = |datum: &FieldValue| match datum {
        FieldValue::Null => 0,
        FieldValue::Bool(_) => 1,
        FieldValue::Integer(_) | FieldValue::Decimal(_) | FieldValue::Number(_) => 2,
        FieldValue::Text(_) => 3,
        FieldValue::List(_) => 4,
        FieldValue::Object(_) => 5,
    };
    match (a, b) {
        (FieldValue::Text(a), FieldValue::Text(b)) => a.cmp(b),
        (FieldValue::Bool(a), FieldValue::Bool(b)) => a.cmp(b),
        _ if rank(a) == 2 && rank(b) == 2 => a.as_decimal().cmp(&b.as_decimal()),
        _ => rank(a).cmp(&rank(b)),
    }
}

/// A field against what a query says about it, which is always text.
fn against(known: Option<&FieldValue>, value: &str) -> Ordering {
    match known {
        Some(FieldValue::Bool(known)) => known.cmp(&(value == "true")),
        Some(number @ (FieldValue::Integer(_) | FieldValue::Decimal(_))) => match value.trim().parse::<Decimal>() {
            Ok(value) => compare(Some(number), Some(&value.into())),
            Err(_) => Ordering::Less,
        },
        _ => compare(known, Some(&FieldValue::from(value))),
    }
}
