//! The functions of expressions that use nothing but their arguments.

mod arguments;

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use rust_decimal::{Decimal, RoundingStrategy};

pub(super) use self::arguments::format_date;
use self::arguments::{count, day, element, extreme, integer, list, number, same, shown, text, unexpected, whole};
use super::operators::{beginning, to_date};
use super::value::{check_comparable, compare, equals, to_decimal};
use super::{EvalError, Type, Value};
use crate::model::{FieldValue, Fields, Record, TimeSpan, TimeSpanError};

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
            (None, Some(mut list)) => Ok(list.any(|known| equals(&known, &a[1])).into()),
            _ => Err(unexpected("a list or text", &a[0])),
        }
    }),
    function!("date"(Date) -> |_| Type::Date, "The day of a text `YYYY-MM-DD` or, in UTC, of a time.", |a| match to_date(&a[0]) {
        Value::Time(time) => Ok(Value::Date(time.to_zoned(TimeZone::UTC).date())),
        value @ (Value::Date(_) | Value::Field(FieldValue::Null)) => Ok(value),
        _ => Err(unexpected("a date", &a[0])),
    }),
    function!("day"(Any) -> |_| Type::Date, "The day at the beginning of a text `YYYY-MM-DD…`, or `null`.", |a| {
        let text = a[0].clone().into_field()?;
        let day = text.as_text().and_then(|text| text.get(..10)?.parse().ok());
        Ok(day.map_or(Value::NULL, Value::Date))
    }),
    function!("days"(Number) -> |_| Type::Span, "A span of that many days.", |a| Ok(Span::new().days(count(&a[0])?).into())),
    function!("days_between"(Date, Date) -> |_| Type::Integer, "The number of days from the first date to the second.", |a| {
        match (day(&a[0])?, day(&a[1])?) {
            (Value::Date(from), Value::Date(until)) => Ok(i64::from((until - from).get_days()).into()),
            _ => Err(EvalError::new("`days_between` needs two dates")),
        }
    }),
    function!("decimal"(Scalar) -> |_| Type::Decimal, "A number, or text with one, as a decimal.", |a| match &a[0] {
        Value::Field(value) => to_decimal(value).map(Value::from).ok_or_else(|| unexpected("a number", &a[0])),
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
        span.span().map(Value::from).ok_or_else(|| EvalError::new("the span of time is too long"))
    }),
    function!("endsWith"(Text, Text) -> |_| Type::Bool, "Whether a text ends with another.", |a| {
        Ok(text(&a[0])?.ends_with(text(&a[1])?).into())
    }),
    function!("first"(List) -> element, "The first element of a list, or `null`.", |a| Ok(list(&a[0])?.next().unwrap_or(Value::NULL))),
    function!("fixed"(Number, Number) -> |_| Type::Text, "The number as text with that many decimal places.", |a| {
        let places = usize::try_from(count(&a[1])?.clamp(0, 28)).unwrap_or(0);
        Ok(FieldValue::from(format!("{:.places$}", number(&a[0])?)).into())
    }),
    function!("flatten"(List) -> element, "The elements of the lists in a list.", |a| {
        let mut elements = Vec::new();
        for inner in list(&a[0])? {
            elements.extend(inner.elements().into_iter().flatten());
        }
        Ok(elements.into())
    }),
    function!("floor"(Number) -> |_| Type::Integer, "The number rounded down.", |a| whole(number(&a[0])?.floor())),
    function!("format"(Date, Text) -> |_| Type::Text, "A date or time in UTC as text, by the letters of strftime: `%b %-d, %Y`.", |a| format_date(&a[0], text(&a[1])?, TimeZone::UTC)),
    function!("hours"(Number) -> |_| Type::Span, "A span of that many hours.", |a| Ok(Span::new().hours(count(&a[0])?).into())),
    function!("int"(Scalar) -> |_| Type::Integer, "A number, or text with one, without its decimal places.", |a| match &a[0] {
        Value::Field(value) => whole(to_decimal(value).ok_or_else(|| unexpected("a number", &a[0]))?.trunc()),
        other => Err(unexpected("a number", other)),
    }),
    function!("integer"(Any) -> |_| Type::Integer, "A whole number, or text with one; `null` for anything else.", |a| Ok(match &a[0] {
        Value::Field(value) => value.as_integer().map_or(Value::NULL, Value::from),
        _ => Value::NULL,
    })),
    function!("is_object"(Any) -> |_| Type::Bool, "Whether it is an object or a record.", |a| {
        Ok(matches!(a[0], Value::Object(_) | Value::Record(_) | Value::Field(FieldValue::Object(_))).into())
    }),
    function!("join"(List, Text) -> |_| Type::Text, "The texts of a list with a text between them.", |a| {
        let list: Vec<Value> = list(&a[0])?.collect();
        let texts = list.iter().map(text).collect::<Result<Vec<_>, _>>()?;
        Ok(FieldValue::from(texts.join(text(&a[1])?)).into())
    }),
    function!("last"(List) -> element, "The last element of a list, or `null`.", |a| Ok(list(&a[0])?.next_back().unwrap_or(Value::NULL))),
    function!("lowerAscii"(Text) -> |_| Type::Text, "The text in small letters.", |a| Ok(FieldValue::from(text(&a[0])?.to_ascii_lowercase()).into())),
    function!("max"(List) -> element, "The largest element of a list, or `null`.", |a| extreme(list(&a[0])?, std::cmp::Ordering::is_gt)),
    function!("merge"(Object, Object) -> |_| Type::Any, "An object with the members of two; those of the second win.", |a| {
        let [base, other] = [a[0].clone().into_field()?, a[1].clone().into_field()?];
        match (base.as_object(), other.as_object()) {
            (Some(base), Some(other)) => {
                let mut merged = base.clone();
                other.iter().for_each(|(name, value)| merged.set(name, value.clone()));
                Ok(FieldValue::from(merged).into())
            }
            _ => Err(EvalError::new("`merge` needs two objects")),
        }
    }),
    function!("merge_all"(List) -> |_| Type::Any, "An object with the members of all objects of a list; those of later ones win.", |a| {
        let mut merged = Fields::new();
        for object in list(&a[0])? {
            let object = object.into_field()?;
            object.as_object().into_iter().flat_map(Fields::iter).for_each(|(name, value)| merged.set(name, value.clone()));
        }
        Ok(FieldValue::from(merged).into())
    }),
    function!("min"(List) -> element, "The smallest element of a list, or `null`.", |a| extreme(list(&a[0])?, std::cmp::Ordering::is_lt)),
    function!("minutes"(Number) -> |_| Type::Span, "A span of that many minutes.", |a| Ok(count(&a[0])?.minutes().into())),
    function!("months"(Number) -> |_| Type::Span, "A span of that many months.", |a| Ok(Span::new().months(count(&a[0])?).into())),
    function!("number"(Any) -> |_| Type::Decimal, "A number, or text with one, as a decimal; `null` for anything else.", |a| Ok(match &a[0] {
        Value::Field(value) => to_decimal(value).map_or(Value::NULL, Value::from),
        _ => Value::NULL,
    })),
    function!("pick"(Any, List) -> |_| Type::Any, "An object with those members of another that have one of the names and are given, `null` included.", |a| {
        let object = a[0].clone().into_field()?;
        let names: Vec<Value> = list(&a[1])?.collect();
        let is_named = |name: &str| names.iter().any(|known| known.as_text() == Some(name));
        let members = object.as_object().into_iter().flat_map(Fields::iter).filter(|(name, _)| is_named(name));
        Ok(FieldValue::from(members.map(|(name, value)| (name.into(), value.clone())).collect::<Fields>()).into())
    }),
    function!("replace"(Text, Text, Text) -> |_| Type::Text, "The text with each occurrence of the second replaced by the third.", |a| {
        let replaced = text(&a[0])?.replace(text(&a[1])?, text(&a[2])?);
        Ok(FieldValue::from(replaced).into())
    }),
    function!("reverse"(List) -> same, "The list from its end to its beginning.", |a| {
        Ok(list(&a[0])?.rev().collect::<Vec<_>>().into())
    }),
    function!("round"(Number, Number) optional 1 -> |types| if types.len() == 1 { Type::Integer } else { Type::Decimal }, "The number with that many decimal places, 0 if they are left out; half is rounded away from zero.", |a| {
        let places = a.get(1).map_or(Ok(0), count)?.clamp(0, 28);
        let rounded = number(&a[0])?.round_dp_with_strategy(u32::try_from(places).unwrap_or(0), RoundingStrategy::MidpointAwayFromZero);
        if a.len() == 1 { whole(rounded) } else { Ok(rounded.into()) }
    }),
    function!("round_even"(Number, Number) -> |_| Type::Decimal, "The number with that many decimal places; half is rounded to the even digit.", |a| {
        let places = count(&a[1])?.clamp(0, 28);
        Ok(number(&a[0])?.round_dp(u32::try_from(places).unwrap_or(0)).normalize().into())
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
        let mut sorted: Vec<Value> = list(&a[0])?.collect();
        check_comparable(&sorted)?;
        sorted.sort_by(|a, b| compare(a, b).unwrap_or(std::cmp::Ordering::Equal));
        Ok(sorted.into())
    }),
    function!("split"(Text, Text) -> |_| Type::list(Type::Text), "The parts of a text between occurrences of another.", |a| {
        let parts = text(&a[0])?.split(text(&a[1])?).map(|part| Value::Field(part.into()));
        Ok(parts.collect::<Vec<_>>().into())
    }),
    function!("startsWith"(Text, Text) -> |_| Type::Bool, "Whether a text starts with another.", |a| {
        Ok(text(&a[0])?.starts_with(text(&a[1])?).into())
    }),
    function!("string"(Scalar) -> |_| Type::Text, "A number, boolean, date or time as text.", |a| Ok(Value::Field(shown(&a[0])?.into()))),
    function!("substring"(Text, Number, Number) -> |_| Type::Text, "The characters of a text from one position, counted from 0, up to another.", |a| {
        let [from, until] = [count(&a[1])?, count(&a[2])?].map(|position| usize::try_from(position).unwrap_or(0));
        let part: String = text(&a[0])?.chars().take(until).skip(from).collect();
        Ok(FieldValue::from(part).into())
    }),
    function!("sum"(List) -> |types| match &types[0] {
        Type::List(element) if **element == Type::Integer => Type::Integer,
        _ => Type::Decimal,
    }, "The sum of a list of numbers; `null` counts as 0.", |a| {
        let mut sum = Value::from(0);
        for element in list(&a[0])?.filter(|element| !element.is_null()) {
            sum = super::node::Operator::Add.apply(&sum, &element)?;
        }
        Ok(sum)
    }),
    function!("text"(Any) -> |_| Type::Text, "Text that is not empty; `null` for anything else.", |a| Ok(match a[0].as_text() {
        Some(text) if !text.is_empty() => a[0].clone(),
        _ => Value::NULL,
    })),
    function!("time"(Any) -> |_| Type::Time, "The time of an RFC 3339 text; `null` for anything else.", |a| Ok(match (&a[0], a[0].as_text()) {
        (Value::Time(_), _) => a[0].clone(),
        (_, Some(text)) => text.parse().map_or(Value::NULL, Value::Time),
        _ => Value::NULL,
    })),
    function!("timestamp"(Date) -> |_| Type::Time, "The time of an RFC 3339 text, or the beginning of a day in UTC.", |a| match to_date(&a[0]) {
        Value::Date(date) => Ok(Value::Time(beginning(date))),
        value @ (Value::Time(_) | Value::Field(FieldValue::Null)) => Ok(value),
        _ => Err(unexpected("a time", &a[0])),
    }),
    function!("total"(List) -> |_| Type::Integer, "The sum of the numbers of a list, texts with numbers included, at most the largest integer; `null` if it is no whole number.", |a| {
        let numbers = list(&a[0])?.filter_map(|element| match element {
            Value::Field(value) => to_decimal(&value),
            _ => None,
        });
        let sum = numbers.fold(Decimal::ZERO, Decimal::saturating_add).min(i64::MAX.into());
        Ok(FieldValue::from(sum).as_integer().map_or(Value::NULL, Value::from))
    }),
    function!("trim"(Text) -> |_| Type::Text, "The text without spaces around it.", |a| Ok(Value::Field(text(&a[0])?.trim().into()))),
    function!("upperAscii"(Text) -> |_| Type::Text, "The text in capital letters.", |a| Ok(FieldValue::from(text(&a[0])?.to_ascii_uppercase()).into())),
    function!("values"(Any) -> |_| Type::list(Type::Any), "The elements of a list, or of an object whose names are numbers, as forms send lists; `null` for anything else.", |a| {
        let is_number = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
        Ok(match a[0].clone().into_field()? {
            FieldValue::List(list) => Value::Field(FieldValue::List(list)),
            FieldValue::Object(fields) if fields.iter().all(|(name, _)| is_number(name)) => {
                fields.iter().map(|(_, value)| Value::Field(value.clone())).collect::<Vec<_>>().into()
            }
            _ => Value::NULL,
        })
    }),
    function!("with"(Object, Object) -> |_| Type::Any, "A record with other values of fields; it is not stored.", |a| {
        let wrong = || EvalError::new("`with` needs a record and an object");
        let Value::Record(record) = &a[0] else { return Err(wrong()) };
        let mut changed = Record::clone(record);
        match &a[1] {
            Value::Object(members) => {
                for (name, value) in members.iter() {
                    changed.fields.set(name, value.clone().into_field()?);
                }
            }
            other => {
                let other = other.clone().into_field()?;
                let fields = other.as_object().ok_or_else(wrong)?;
                fields.iter().for_each(|(name, value)| changed.fields.set(name, value.clone()));
            }
        }
        Ok(Value::Record(Arc::new(changed)))
    }),
];

/// The function of that name.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}
