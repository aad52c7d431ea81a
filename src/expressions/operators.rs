//! Operators with two operands.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};
use rust_decimal::Decimal;

use super::node::Operator;
use super::value::{compare, equals};
use super::{EvalError, Value};
use crate::model::FieldValue;

impl Operator {
    /// How expressions write it.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
        }
    }

    /// Its value for two operands.
    pub(super) fn apply(self, a: &Value, b: &Value) -> Result<Value, EvalError> {
        // Twice: a text can turn out to be a time beside a date.
        let (a, b) = (as_date_like(a, b), as_date_like(b, a));
        let (a, b) = (&*as_date_like(&a, &b), &*as_date_like(&b, &a));
        let has_null = a.is_null() || b.is_null();
        let holds = |test: fn(Ordering) -> bool| match has_null {
            true => Ok(false.into()),
            false => compare(a, b).map(|order| test(order).into()),
        };
        match self {
            Self::Equal => Ok(equals(a, b).into()),
            Self::NotEqual => Ok((!equals(a, b)).into()),
            Self::Less => holds(Ordering::is_lt),
            Self::LessOrEqual => holds(Ordering::is_le),
            Self::Greater => holds(Ordering::is_gt),
            Self::GreaterOrEqual => holds(Ordering::is_ge),
            Self::In => is_in(a, b),
            _ if has_null => Ok(Value::NULL),
            _ => self.calculate(a, b),
        }
    }

    fn calculate(self, a: &Value, b: &Value) -> Result<Value, EvalError> {
        let wrong =
            || EvalError::new(format!("cannot apply `{}` to {} and {}", self.symbol(), a.describe(), b.describe()));
        if let (Value::Field(FieldValue::Integer(a)), Value::Field(FieldValue::Integer(b))) = (a, b) {
            return self.calculate_integers(*a, *b);
        }
        if let (Some(a), Some(b)) = (a.as_number(), b.as_number()) {
            return self.calculate_decimals(a, b);
        }
        match (self, a, b) {
            (Self::Add, Value::Field(FieldValue::Text(a)), Value::Field(FieldValue::Text(b))) => {
                Ok(FieldValue::Text(compact_str::format_compact!("{a}{b}")).into())
            }
            (Self::Add, Value::Span(span), time) | (Self::Add, time, Value::Span(span)) => {
                add_span(time, **span).ok_or_else(wrong)
            }
            (Self::Subtract, time, Value::Span(span)) => add_span(time, span.negate()).ok_or_else(wrong),
            (Self::Add, a, b) => match (a.elements(), b.elements()) {
                (Some(a), Some(b)) => Ok(a.chain(b).collect::<Vec<_>>().into()),
                _ => Err(wrong()),
            },
            _ => Err(wrong()),
        }
    }

    fn calculate_integers(self, a: i64, b: i64) -> Result<Value, EvalError> {
        let result = match self {
            Self::Add => a.checked_add(b),
            Self::Subtract => a.checked_sub(b),
            Self::Multiply => a.checked_mul(b),
            _ if b == 0 => return Err(EvalError::new("division by zero")),
            Self::Divide => a.checked_div(b),
            _ => a.checked_rem(b),
        };
        // A decimal holds what an integer does not.
        result.map_or_else(|| self.calculate_decimals(a.into(), b.into()), |number| Ok(Value::from(number)))
    }

    /// A result that no decimal holds is the largest or smallest one: requests can send any number.
    fn calculate_decimals(self, a: Decimal, b: Decimal) -> Result<Value, EvalError> {
        Ok(Value::from(match self {
            Self::Add => a.saturating_add(b),
            Self::Subtract => a.saturating_sub(b),
            Self::Multiply => a.saturating_mul(b),
            _ if b.is_zero() => return Err(EvalError::new("division by zero")),
            Self::Divide if a.is_sign_negative() == b.is_sign_negative() => a.checked_div(b).unwrap_or(Decimal::MAX),
            Self::Divide => a.checked_div(b).unwrap_or(Decimal::MIN),
            _ => a.checked_rem(b).unwrap_or_default(),
        }))
    }
}

/// A value beside a date or a time: text is read as one, if it is one, and a date beside a time is its beginning in UTC.
fn as_date_like<'v>(value: &'v Value, other: &Value) -> Cow<'v, Value> {
    match (value, other) {
        (Value::Field(FieldValue::Text(_)), Value::Date(_) | Value::Time(_)) => match to_date(value) {
            Value::Field(_) => Cow::Borrowed(value),
            date => Cow::Owned(as_date_like(&date, other).into_owned()),
        },
        (Value::Date(date), Value::Time(_)) => Cow::Owned(Value::Time(beginning(*date))),
        _ => Cow::Borrowed(value),
    }
}

/// Text that is a date or a time as such; other values as they are.
pub(super) fn to_date(value: &Value) -> Value {
    let Some(text) = value.as_text() else { return value.clone() };
    match (text.len(), text.parse()) {
        (10, Ok(date)) => Value::Date(date),
        _ => text.parse().map_or_else(|_| value.clone(), Value::Time),
    }
}

/// The beginning of a day in UTC. The first and the last day of the calendar are only days: no time zone has them whole.
pub(super) fn beginning(date: Date) -> Timestamp {
    let bound = if date.year() > 0 { Timestamp::MAX } else { Timestamp::MIN };
    date.to_zoned(TimeZone::UTC).map_or(bound, |zoned| zoned.timestamp())
}

/// A date or a time plus a span of time; `None` if it is neither. A date stays one if the span has whole days only. Beyond the
/// calendar it is the first or last one: requests can send any date.
fn add_span(time: &Value, span: Span) -> Option<Value> {
    let add = |zoned: Zoned| Value::Time(zoned.saturating_add(span).timestamp());
    match time {
        Value::Date(date) if has_whole_days(&span) => Some(Value::Date(date.saturating_add(span))),
        Value::Date(date) => Some(add(beginning(*date).to_zoned(TimeZone::UTC))),
        Value::Time(time) => Some(add(time.to_zoned(TimeZone::UTC))),
        _ => None,
    }
}

fn has_whole_days(span: &Span) -> bool {
    let parts = [span.get_seconds(), span.get_milliseconds(), span.get_minutes()];
    span.get_hours() == 0 && parts == [0; 3]
}

fn is_in(element: &Value, list: &Value) -> Result<Value, EvalError> {
    if let (Some(name), Some(member)) = (element.as_text(), list.member(element.as_text().unwrap_or_default()))
        && !list.is_null()
        && !name.is_empty()
    {
        return Ok((!member.is_null()).into());
    }
    let mut elements = list
        .elements()
        .ok_or_else(|| EvalError::new(format!("`in` needs a list or an object, not {}", list.describe())))?;
    Ok(elements.any(|known| equals(element, &known)).into())
}
