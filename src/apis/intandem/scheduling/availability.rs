//! In Rust: bookable times are computed.
//!
//! Bookable times of the businesses of a directory: `/v3/scheduling/business_availabilities`. Every business is open
//! from nine to five on weekdays.
//!
//! Source: catalogue-platform, rows val-availabilities-range and pg-zero-based.

use jiff::Span;
use jiff::civil::{Date, Weekday};

use crate::handlers::paging::{Paging, Window};
use crate::model::{FieldValue, Fields};
use crate::request::{ApiError, Context, ErrorKind, Reply};

const MAX_DAYS: i32 = 7;
/// Pages count from 0. Source: catalogue-platform, row pg-zero-based.
const PAGING: Paging = Paging { first: 0, default_size: 10, max_size: 10 };

/// `GET /v3/scheduling/business_availabilities`.
pub fn list(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let (first, last) = (read_date(ctx, "date_start")?, read_date(ctx, "date_end")?);
    let days = first.until(last).map_or(0, |span| span.get_days());
    if days > MAX_DAYS {
        return Err(ApiError::new(ErrorKind::Invalid, format!("Date range cannot exceed {MAX_DAYS} days")));
    }
    let caller = ctx.caller;
    let window = Window::new(ctx.query, PAGING);
    let businesses = ctx.state.store.all("business").filter(|business| match caller.subject_id("directory") {
        Some(directory) => business.text("directory_uid") == directory,
        None => caller.owner.as_deref().is_none_or(|caller| caller == business.id),
    });
    let slots: Vec<FieldValue> =
        (0..=days).filter_map(|day| first.checked_add(Span::new().days(day)).ok()).flat_map(bookable_hours).collect();
    let availabilities = window.cut(businesses).map(|business| {
        let fields = Fields::new().with("business_uid", &business.id).with("booking_slots", slots.clone());
        FieldValue::from(fields)
    });
    Ok(Reply::empty().and("business_availabilities", availabilities.collect::<Vec<_>>()))
}

/// A date in the query. A year alone is a date as well, as the API accepts it.
fn read_date(ctx: &Context<'_>, name: &str) -> Result<Date, ApiError> {
    let text = ctx.query.get(name).unwrap_or_default();
    let date = text.get(..10).unwrap_or(text).parse::<Date>();
    let year = || text.parse::<i16>().ok().and_then(|year| Date::new(year, 1, 1).ok());
    date.ok()
        .or_else(year)
        .ok_or_else(|| ApiError::invalid(name, format!("{name} must be a valid ISO 8601 date string")))
}

fn bookable_hours(day: Date) -> Vec<FieldValue> {
    match day.weekday() {
        Weekday::Saturday | Weekday::Sunday => Vec::new(),
        _ => (9..17).map(|hour| FieldValue::from(format!("{day}T{hour:02}:00:00Z"))).collect(),
    }
}
