//! How functions read their arguments and make their values.

use compact_str::{CompactString, ToCompactString};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::expressions::operators::to_date;
use crate::expressions::value::{Elements, compare};
use crate::expressions::{EvalError, Type, Value};
use crate::model::FieldValue;

pub(super) fn same(types: &[Type]) -> Type {
    types[0].clone()
}

pub(super) fn element(types: &[Type]) -> Type {
    match &types[0] {
        Type::List(element) => Type::clone(element),
        _ => Type::Any,
    }
}

pub(super) fn unexpected(wanted: &str, found: &Value) -> EvalError {
    EvalError::new(format!("expected {wanted}, found {}", found.describe()))
}

pub(super) fn text(value: &Value) -> Result<&str, EvalError> {
    value.as_text().ok_or_else(|| unexpected("text", value))
}

pub(super) fn number(value: &Value) -> Result<Decimal, EvalError> {
    value.as_number().ok_or_else(|| unexpected("a number", value))
}

pub(super) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Field(FieldValue::Integer(number)) => Some(*number),
        _ => None,
    }
}

pub(super) fn list(value: &Value) -> Result<Elements<'_>, EvalError> {
    value.elements().ok_or_else(|| unexpected("a list", value))
}

pub(super) fn whole(number: Decimal) -> Result<Value, EvalError> {
    // Requests can send any number.
    let farthest = if number.is_sign_negative() { i64::MIN } else { i64::MAX };
    Ok(number.to_i64().unwrap_or(farthest).into())
}

/// A count of days, hours or decimal places. The bound keeps dates inside the calendar.
pub(super) fn count(value: &Value) -> Result<i64, EvalError> {
    let count = number(value)?.to_i64().filter(|count| count.abs() <= 1_000_000);
    count.ok_or_else(|| unexpected("a whole number up to 1000000", value))
}

pub(super) fn day(value: &Value) -> Result<Value, EvalError> {
    match to_date(value) {
        Value::Time(time) => Ok(Value::Date(time.to_zoned(TimeZone::UTC).date())),
        Value::Date(date) => Ok(Value::Date(date)),
        _ => Err(unexpected("a date", value)),
    }
}

pub(super) fn extreme(list: Elements<'_>, wins: fn(std::cmp::Ordering) -> bool) -> Result<Value, EvalError> {
    let mut list = list.filter(|element| !element.is_null());
    let Some(mut best) = list.next() else { return Ok(Value::NULL) };
    for element in list {
        if wins(compare(&element, &best)?) {
            best = element;
        }
    }
    Ok(best)
}

/// A date or a time as text; a time in that zone.
pub(in crate::expressions) fn format_date(value: &Value, pattern: &str, zone: TimeZone) -> Result<Value, EvalError> {
    let written = match to_date(value) {
        Value::Field(FieldValue::Null) => return Ok(Value::NULL),
        Value::Date(date) => jiff::fmt::strtime::format(pattern, date),
        Value::Time(time) => jiff::fmt::strtime::format(pattern, &time.to_zoned(zone)),
        _ => return Err(unexpected("a date or a time", value)),
    };
    written.map(|text| FieldValue::from(text).into()).map_err(|error| EvalError::new(error.to_string()))
}

pub(super) fn shown(value: &Value) -> Result<CompactString, EvalError> {
    Ok(match value.clone().into_field()? {
        FieldValue::Text(text) => text,
        FieldValue::Bool(truth) => truth.to_compact_string(),
        FieldValue::Integer(number) => number.to_compact_string(),
        FieldValue::Decimal(number) => number.to_compact_string(),
        _ => return Err(unexpected("a number, a boolean, a date or a time", value)),
    })
}
