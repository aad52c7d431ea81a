//! The functions of expressions that use nothing but their arguments.

use compact_str::{CompactString, ToCompactString};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::operators::to_date;
use super::value::{compare, equals};
use super::{EvalError, Type, Value};
use crate::model::{FieldValue, TimeSpan, TimeSpanError};

/// One function. `f(x, y)` and `x.f(y)` are the same.
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// What it needs.
    pub parameters: &'static [Parameter],
    /// How many of the last parameters can be left out.
    pub optional: usize,
    /// The type of its value, from the types of the arguments.
    pub(super) result: fn(&[Type]) -> Type,
    /// What it returns, in one sentence.
    pub summary: &'static str,
    pub(super) run: fn(&[Value]) -> Result<Value, EvalError>,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// What a function needs in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// Anything.
    Any,
    /// A number, a boolean, text, a date or a time.
    Scalar,
    /// Text.
    Text,
    /// A number.
    Number,
    /// A list.
    List,
    /// A list, an object or text.
    Sized,
    /// A list or text.
    Sequence,
    /// An object or a record.
    Object,
    /// A date or a time.
    Date,
}

impl Parameter {
    /// Whether an argument of a type may be accepted.
    pub(super) fn accepts(self, argument: &Type) -> bool {
        let is_list = matches!(argument, Type::List(_));
        let is_object = matches!(argument, Type::Object(_) | Type::Record(_));
        matches!(argument, Type::Any | Type::Null)
            || match self {
                Self::Any | Self::Scalar => true,
                Self::Text => *argument == Type::Text,
                Self::Number => argument.may_be_number(),
                Self::List => is_list,
                Self::Sized => is_list || is_object || *argument == Type::Text,
                Self::Sequence => is_list || *argument == Type::Text,
                Self::Object => is_object,
                Self::Date => matches!(argument, Type::Date | Type::Time | Type::Text),
            }
    }

    /// Whether the value of a function is `null` if this argument is.
    pub(super) fn passes_null(self) -> bool {
        matches!(self, Self::Scalar | Self::Text | Self::Number | Self::Date)
    }

    /// Its name in messages and in the documentation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any | Self::Scalar => "any value",
            Self::Text => "text",
            Self::Number => "number",
            Self::List => "list",
            Self::Sized => "list, object or text",
            Self::Sequence => "list or text",
            Self::Object => "object",
            Self::Date => "date or time",
        }
    }
}

/// A row of [`FUNCTIONS`].
macro_rules! function {
    ($name:literal ($($parameter:ident),*) $(optional $optional:literal)? -> $result:expr, $summary:literal, $run:expr) => {
        Function {
            name: $name,
            parameters: &[$(Parameter::$parameter),*],
            optional: 0 $(+ $optional)?,
            result: $result,
            summary: $summary,
            run: $run,
        }
    };
}

/// All functions, by name.
pub static FUNCTIONS: &[Function] = &[
    function!("abs"(Number) -> same, "The number without its sign.", |a| Ok(match integer(&a[0]) {
        Some(number) => number.saturating_abs().into(),
        None => number(&a[0])?.abs().into(),
    })),
    function!("bool"(Scalar) -> |_| Type::Bool, "Text `true` or `false` as a boolean.", |a| match a[0].as_text() {
        Some(text @ ("true" | "false")) => Ok((text == "true").into()),
        _ => a[0].as_bool().map(Value::from).ok_or_else(|| unexpected("`true` or `false`", &a[0])),
    }),
    function!("ceil"(Number) -> |_| Type::Integer, "The number rounded up.", |a| whole(number(&a[0])?.ceil())),
    function!("contains"(Sequence, Any) -> |_| Type::Bool, "Whether a text has another inside it, or a list has an element.", |a| {
        match (a[0].as_text(), a[0].elements()) {
            (Some(known), _) => Ok(known.contains(text(&a[1])?).into()),
            (None, Some(list)) => Ok(list.iter().any(|known| equals(known, &a[1])).into()),
            _ => Err(unexpected("a list or text", &a[0])),
        }
    }),
    function!("date"(Date) -> |_| Type::Date, "The day of a text `YYYY-MM-DD` or, in UTC, of a time.", |a| match to_date(&a[0]) {
        Value::Time(time) => Ok(Value::Date(time.to_zoned(TimeZone::UTC).date())),
        value @ (Value::Date(_) | Value::Field(FieldValue::Null)) => Ok(value),
        _ => Err(unexpected("a date", &a[0])),
    }),
    function!("days"(Number) -> |_| Type::Span, "A span of that many days.", |a| Ok(Value::Span(Span::new().days(count(&a[0])?)))),
    function!("days_between"(Date, Date) -> |_| Type::Integer, "The number of days from the first date to the second.", |a| {
        match (day(&a[0])?, day(&a[1])?) {
            (Value::Date(from), Value::Date(until)) => Ok(i64::from((until - from).get_days()).into()),
            _ => Err(EvalError::new("`days_between` needs two dates")),
        }
    }),
    function!("decimal"(Scalar) -> |_| Type::Decimal, "A number, or text with one, as a decimal.", |a| match &a[0] {
        Value::Field(value) => value.as_decimal().map(Value::from).ok_or_else(|| unexpected("a number", &a[0])),
        other => Err(unexpected("a number", other)),
    }),
    function!("default"(Any, Any) -> |types| types[0].clone().or(types[1].clone()), "The first value, or the second if the first is `null`.", |a| {
        Ok(if a[0].is_null() { a[1].clone() } else { a[0].clone() })
    }),
    function!("distinct"(List) -> same, "The list without repeated elements.", |a| {
        let mut distinct: Vec<Value> = Vec::new();
        for element in list(&a[0])? {
            if !distinct.iter().any(|known| equals(known, &element)) {
                distinct.push(element);
            }
        }
        Ok(distinct.into())
    }),
    function!("duration"(Text) -> |_| Type::Span, "A span of time: an integer with `ms`, `s`, `min`, `h`, `d`, `w`, `m` or `y`.", |a| {
        let span: TimeSpan = text(&a[0])?.parse().map_err(|error: TimeSpanError| EvalError::new(error.to_string()))?;
        span.span().map(Value::Span).ok_or_else(|| EvalError::new("the span of time is too long"))
    }),
    function!("endsWith"(Text, Text) -> |_| Type::Bool, "Whether a text ends with another.", |a| {
        Ok(text(&a[0])?.ends_with(text(&a[1])?).into())
    }),
    function!("first"(List) -> element, "The first element of a list, or `null`.", |a| Ok(list(&a[0])?.into_iter().next().unwrap_or(Value::NULL))),
    function!("floor"(Number) -> |_| Type::Integer, "The number rounded down.", |a| whole(number(&a[0])?.floor())),
    function!("format"(Date, Text) -> |_| Type::Text, "A date or time in UTC as text, by the letters of strftime: `%b %-d, %Y`.", |a| format_date(&a[0], text(&a[1])?)),
    function!("hours"(Number) -> |_| Type::Span, "A span of that many hours.", |a| Ok(Value::Span(Span::new().hours(count(&a[0])?)))),
    function!("int"(Scalar) -> |_| Type::Integer, "A number, or text with one, without its decimal places.", |a| match &a[0] {
        Value::Field(value) => whole(value.as_decimal().ok_or_else(|| unexpected("a number", &a[0]))?.trunc()),
        other => Err(unexpected("a number", other)),
    }),
    function!("join"(List, Text) -> |_| Type::Text, "The texts of a list with a text between them.", |a| {
        let list = list(&a[0])?;
        let texts = list.iter().map(text).collect::<Result<Vec<_>, _>>()?;
        Ok(FieldValue::from(texts.join(text(&a[1])?)).into())
    }),
    function!("last"(List) -> element, "The last element of a list, or `null`.", |a| Ok(list(&a[0])?.pop().unwrap_or(Value::NULL))),
    function!("lowerAscii"(Text) -> |_| Type::Text, "The text in small letters.", |a| Ok(FieldValue::from(text(&a[0])?.to_ascii_lowercase()).into())),
    function!("max"(List) -> element, "The largest element of a list, or `null`.", |a| extreme(list(&a[0])?, std::cmp::Ordering::is_gt)),
    function!("merge"(Object, Object) -> |_| Type::Any, "An object with the members of two; those of the second win.", |a| {
        let [base, other] = [a[0].clone().into_field()?, a[1].clone().into_field()?];
        match (base.as_object(), other.as_object()) {
            (Some(base), Some(other)) => {
                let merged = other.iter().fold(base.clone(), |merged, (name, value)| merged.with(name, value.clone()));
                Ok(FieldValue::from(merged).into())
            }
            _ => Err(EvalError::new("`merge` needs two objects")),
        }
    }),
    function!("min"(List) -> element, "The smallest element of a list, or `null`.", |a| extreme(list(&a[0])?, std::cmp::Ordering::is_lt)),
    function!("minutes"(Number) -> |_| Type::Span, "A span of that many minutes.", |a| Ok(Value::Span(count(&a[0])?.minutes()))),
    function!("months"(Number) -> |_| Type::Span, "A span of that many months.", |a| Ok(Value::Span(Span::new().months(count(&a[0])?)))),
    function!("replace"(Text, Text, Text) -> |_| Type::Text, "The text with each occurrence of the second replaced by the third.", |a| {
        let replaced = text(&a[0])?.replace(text(&a[1])?, text(&a[2])?);
        Ok(FieldValue::from(replaced).into())
    }),
    function!("reverse"(List) -> same, "The list from its end to its beginning.", |a| {
        Ok(list(&a[0])?.into_iter().rev().collect::<Vec<_>>().into())
    }),
    function!("round"(Number, Number) optional 1 -> |types| if types.len() == 1 { Type::Integer } else { Type::Decimal }, "The number with that many decimal places, 0 if they are left out; half is rounded away from zero.", |a| {
        let places = a.get(1).map_or(Ok(0), count)?.clamp(0, 28);
        let rounded = number(&a[0])?.round_dp_with_strategy(u32::try_from(places).unwrap_or(0), RoundingStrategy::MidpointAwayFromZero);
        if a.len() == 1 { whole(rounded) } else { Ok(rounded.into()) }
    }),
    function!("size"(Sized) -> |_| Type::Integer, "The number of elements, members or characters.", |a| {
        let size = match (&a[0], a[0].elements()) {
            (_, Some(list)) => list.len(),
            (Value::Field(FieldValue::Text(text)), _) => text.chars().count(),
            (Value::Field(FieldValue::Object(fields)), _) => fields.iter().count(),
            (Value::Object(members), _) => members.len(),
            _ => return Err(unexpected("a list, an object or text", &a[0])),
        };
        Ok(i64::try_from(size).unwrap_or(i64::MAX).into())
    }),
    function!("sort"(List) -> same, "The list in ascending order.", |a| {
        let mut sorted = list(&a[0])?;
        let mut failure = None;
        sorted.sort_by(|a, b| compare(a, b).unwrap_or_else(|error| {
            failure = Some(error);
            std::cmp::Ordering::Equal
        }));
        failure.map_or_else(|| Ok(sorted.into()), Err)
    }),
    function!("split"(Text, Text) -> |_| Type::list(Type::Text), "The parts of a text between occurrences of another.", |a| {
        let parts = text(&a[0])?.split(text(&a[1])?).map(|part| Value::Field(part.into()));
        Ok(parts.collect::<Vec<_>>().into())
    }),
    function!("startsWith"(Text, Text) -> |_| Type::Bool, "Whether a text starts with another.", |a| {
        Ok(text(&a[0])?.starts_with(text(&a[1])?).into())
    }),
    function!("string"(Scalar) -> |_| Type::Text, "A number, boolean, date or time as text.", |a| Ok(Value::Field(shown(&a[0])?.into()))),
    function!("sum"(List) -> |types| match &types[0] {
        Type::List(element) if **element == Type::Integer => Type::Integer,
        _ => Type::Decimal,
    }, "The sum of a list of numbers; `null` counts as 0.", |a| {
        let mut sum = Value::from(0);
        for element in list(&a[0])?.iter().filter(|element| !element.is_null()) {
            sum = super::node::Operator::Add.apply(&sum, element)?;
        }
        Ok(sum)
    }),
    function!("timestamp"(Date) -> |_| Type::Time, "The time of an RFC 3339 text, or the beginning of a day in UTC.", |a| match to_date(&a[0]) {
        Value::Date(date) => date.to_zoned(TimeZone::UTC).map(|zoned| Value::Time(zoned.timestamp())).map_err(|error| EvalError::new(error.to_string())),
        value @ (Value::Time(_) | Value::Field(FieldValue::Null)) => Ok(value),
        _ => Err(unexpected("a time", &a[0])),
    }),
    function!("trim"(Text) -> |_| Type::Text, "The text without spaces around it.", |a| Ok(Value::Field(text(&a[0])?.trim().into()))),
    function!("upperAscii"(Text) -> |_| Type::Text, "The text in capital letters.", |a| Ok(FieldValue::from(text(&a[0])?.to_ascii_uppercase()).into())),
];

/// The function of that name.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

fn same(types: &[Type]) -> Type {
    types[0].clone()
}

fn element(types: &[Type]) -> Type {
    match &types[0] {
        Type::List(element) => Type::clone(element),
        _ => Type::Any,
    }
}

fn unexpected(wanted: &str, found: &Value) -> EvalError {
    EvalError::new(format!("expected {wanted}, found {}", found.describe()))
}

fn text(value: &Value) -> Result<&str, EvalError> {
    value.as_text().ok_or_else(|| unexpected("text", value))
}

fn number(value: &Value) -> Result<Decimal, EvalError> {
    value.as_number().ok_or_else(|| unexpected("a number", value))
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Field(FieldValue::Integer(number)) => Some(*number),
        _ => None,
    }
}

fn list(value: &Value) -> Result<Vec<Value>, EvalError> {
    value.elements().ok_or_else(|| unexpected("a list", value))
}

fn whole(number: Decimal) -> Result<Value, EvalError> {
    number.to_i64().map(Value::from).ok_or_else(|| EvalError::new("the number is too large"))
}

/// A count of days, hours or decimal places. The bound keeps dates inside the calendar.
fn count(value: &Value) -> Result<i64, EvalError> {
    let count = number(value)?.to_i64().filter(|count| count.abs() <= 1_000_000);
    count.ok_or_else(|| unexpected("a whole number up to 1000000", value))
}

fn day(value: &Value) -> Result<Value, EvalError> {
    match to_date(value) {
        Value::Time(time) => Ok(Value::Date(time.to_zoned(TimeZone::UTC).date())),
        Value::Date(date) => Ok(Value::Date(date)),
        _ => Err(unexpected("a date", value)),
    }
}

fn extreme(list: Vec<Value>, wins: fn(std::cmp::Ordering) -> bool) -> Result<Value, EvalError> {
    let mut list = list.into_iter().filter(|element| !element.is_null());
    let Some(mut best) = list.next() else { return Ok(Value::NULL) };
    for element in list {
        if wins(compare(&element, &best)?) {
            best = element;
        }
    }
    Ok(best)
}

fn format_date(value: &Value, pattern: &str) -> Result<Value, EvalError> {
    let written = match to_date(value) {
        Value::Field(FieldValue::Null) => return Ok(Value::NULL),
        Value::Date(date) => jiff::fmt::strtime::format(pattern, date),
        Value::Time(time) => jiff::fmt::strtime::format(pattern, &time.to_zoned(TimeZone::UTC)),
        _ => return Err(unexpected("a date or a time", value)),
    };
    written.map(|text| FieldValue::from(text).into()).map_err(|error| EvalError::new(error.to_string()))
}

fn shown(value: &Value) -> Result<CompactString, EvalError> {
    Ok(match value.clone().into_field()? {
        FieldValue::Text(text) => text,
        FieldValue::Bool(truth) => truth.to_compact_string(),
        FieldValue::Integer(number) => number.to_compact_string(),
        FieldValue::Decimal(number) => number.to_compact_string(),
        _ => return Err(unexpected("a number, a boolean, a date or a time", value)),
    })
}
