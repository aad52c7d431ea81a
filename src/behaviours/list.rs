//! Lists: filters, order and pages as the API's list operations take them.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use crate::exchange::{Query, View};
use crate::store::Datum;

/// `per_page` without a word and at most (`GET /platform/v1/clients`, `GET /business/payments/v1/payment_requests`).
const PER_PAGE: usize = 25;
const PER_PAGE_MAX: usize = 100;

/// What a caller may write for which field: `entity_type` for `payable_type`.
pub(super) type Aliases = &'static [(&'static str, &'static str)];

/// The page of the views that a query asks for: filtered, sorted, cut.
pub(super) fn select(views: impl Iterator<Item = View>, query: &Query, aliases: Aliases) -> Vec<View> {
    let conditions = conditions(query, aliases);
    let mut views: Vec<View> = views.filter(|view| conditions.iter().all(|condition| condition.holds(view))).collect();
    if let Some(sort) = query.get("sort") {
        // The last key first: the sort is stable, so the first key decides.
        for key in sort.split(',').rev() {
            let (field, direction) = key.split_once(':').unwrap_or((key, "asc"));
            // A sort goes by the field of that name where there is one: an alias may hold labels, which have no order.
            let field = field.trim();
            let of = |view: &View| view.get(field).or_else(|| view.get(renamed(field, aliases))).cloned();
            views.sort_by(|a, b| {
                let order = compare(of(a).as_ref(), of(b).as_ref());
                if direction.trim() == "desc" { order.reverse() } else { order }
            });
        }
    }
    let number = |name: &str| query.get(name).and_then(|text| text.parse().ok()).filter(|number| *number > 0);
    let per_page = number("per_page").unwrap_or(PER_PAGE).min(PER_PAGE_MAX);
    let skip = (number("page").unwrap_or(1) - 1).saturating_mul(per_page);
    views.into_iter().skip(skip).take(per_page).collect()
}

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
    fn holds(&self, view: &View) -> bool {
        let id = matches!(self.field, "id" | "uid").then(|| Datum::from(view.id()));
        let known = id.as_ref().or_else(|| view.get(self.field));
        let against = |value: &str| against(known, value);
        // Of several labels, one is enough.
        let is = |value: &str| match known {
            Some(Datum::List(labels)) => labels.iter().any(|label| label.as_text() == Some(value)),
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
fn compare(a: Option<&Datum>, b: Option<&Datum>) -> Ordering {
    let (a, b) = (a.unwrap_or(&Datum::Null), b.unwrap_or(&Datum::Null));
    let rank = |datum: &Datum| match datum {
        Datum::Null => 0,
        Datum::Bool(_) => 1,
        Datum::Integer(_) | Datum::Decimal(_) => 2,
        Datum::Text(_) => 3,
        Datum::List(_) => 4,
        Datum::Object(_) => 5,
    };
    match (a, b) {
        (Datum::Text(a), Datum::Text(b)) => a.cmp(b),
        (Datum::Bool(a), Datum::Bool(b)) => a.cmp(b),
        _ if rank(a) == 2 && rank(b) == 2 => a.as_decimal().cmp(&b.as_decimal()),
        _ => rank(a).cmp(&rank(b)),
    }
}

/// A field against what a query says about it, which is always text.
fn against(known: Option<&Datum>, value: &str) -> Ordering {
    match known {
        Some(Datum::Bool(known)) => known.cmp(&(value == "true")),
        Some(number @ (Datum::Integer(_) | Datum::Decimal(_))) => match value.trim().parse::<Decimal>() {
            Ok(value) => compare(Some(number), Some(&value.into())),
            Err(_) => Ordering::Less,
        },
        _ => compare(known, Some(&Datum::from(value))),
    }
}
