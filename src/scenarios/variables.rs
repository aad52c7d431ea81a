//! The variables of a workflow: `{{client_id}}`, `{{today_date}}`, `{{random_email}}`.

use std::collections::HashMap;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value};

use crate::diagnostics::{Collector, Diagnostic, YamlNode, YamlValue};
use crate::request::time_text;

/// The values of variables.
pub(super) struct Variables {
    known: HashMap<String, Value>,
    now: Zoned,
    random: ChaCha8Rng,
    /// Added to `{{timestamp}}`, so that each use has another value, milliseconds.
    ticks: i64,
    /// Added to `{{now_timestamp}}`, so that each run of prerequisites has another value, seconds.
    seconds: i64,
}

/// Why the variables of a text cannot be filled in, in a sentence.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unresolved(pub String);

/// Collects the texts of a value that contain an invalid variable.
pub(super) fn check(tree: &YamlNode, diagnostics: &mut Collector) {
    let mut check_text = |text: &str, span| {
        for piece in pieces(text) {
            diagnostics.collect(piece.map_err(|Unresolved(message)| Diagnostic::new(span, message)));
        }
    };
    match &tree.node {
        YamlValue::Text(text) => check_text(text, tree.span),
        YamlValue::List(list) => list.iter().for_each(|tree| check(tree, diagnostics)),
        YamlValue::Map(entries) => {
            entries.iter().for_each(|(key, _)| check_text(&key.name, key.span));
            entries.iter().for_each(|(_, tree)| check(tree, diagnostics));
        }
        YamlValue::Null | YamlValue::Bool(_) | YamlValue::Number(_) => {}
    }
}

/// Collects the names of the variables in a value.
pub(super) fn collect_names(value: &Value, names: &mut Vec<String>) {
    let mut of_text = |text: &str| {
        let used = pieces(text).filter_map(|piece| match piece {
            Ok(Piece::Variable(name, _)) => Some(bare_name(name).to_owned()),
            _ => None,
        });
        names.extend(used);
    };
    match value {
        Value::String(text) => of_text(text),
        Value::Array(list) => list.iter().for_each(|value| collect_names(value, names)),
        Value::Object(map) => {
            map.keys().for_each(|name| of_text(name));
            map.values().for_each(|value| collect_names(value, names));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A name without the prefixes that workflow documents may write before it.
fn bare_name(name: &str) -> &str {
    ["config.params.", "resolved."].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}

/// The built-in variables.
const BUILT_IN: [&str; 27] = [
    "today_date",
    "current_date",
    "tomorrow_date",
    "yesterday_date",
    "next_week_date",
    "next_month_date",
    "start_of_month_date",
    "end_of_month_date",
    "now_datetime",
    "tomorrow_datetime",
    "next_week_datetime",
    "future_datetime",
    "future_datetime_48h",
    "now_timestamp",
    "tomorrow_timestamp",
    "current_year",
    "current_month",
    "timestamp",
    "unique_id",
    "random_email",
    "random_phone",
    "random_firstname",
    "random_lastname",
    "random_number",
    "random_string",
    "random_address",
    "random_url",
];

/// A piece of a text.
enum Piece<'t> {
    /// Literal text.
    Plain(&'t str),
    /// A variable, and how many of its last characters to take: `{{timestamp | slice: -4}}`; all if `None`.
    Variable(&'t str, Option<usize>),
}

/// The pieces of a text. An unclosed variable is the last one.
fn pieces(text: &str) -> impl Iterator<Item = Result<Piece<'_>, Unresolved>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let start = rest.find("{{").unwrap_or(rest.len());
        if start > 0 {
            let (plain, behind) = rest.split_at(start);
            rest = behind;
            return Some(Ok(Piece::Plain(plain)));
        }
        let written = std::mem::take(&mut rest);
        let Some((inside, behind)) = written[2..].split_once("}}") else {
            return Some(Err(Unresolved(format!("the variable `{written}` is not closed; add `}}}}`"))));
        };
        rest = behind;
        Some(variable(inside))
    })
}

fn variable(inside: &str) -> Result<Piece<'_>, Unresolved> {
    let Some((name, filter)) = inside.split_once('|') else { return Ok(Piece::Variable(inside.trim(), None)) };
    let (name, filter) = (name.trim(), filter.trim());
    let count = filter.strip_prefix("slice:").and_then(|count| count.trim().strip_prefix('-')?.parse().ok());
    let unknown = || format!("unknown filter `{filter}` of `{name}`; write `slice: -4` for the last four characters");
    count.map(|count| Piece::Variable(name, Some(count))).ok_or_else(|| Unresolved(unknown()))
}

impl Variables {
    pub(super) fn new(params: &[(String, String)], now: Timestamp, seed: u64) -> Self {
        let known = params.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        Self { known, now: now.to_zoned(TimeZone::UTC), random: ChaCha8Rng::seed_from_u64(seed), ticks: 0, seconds: 0 }
    }

    /// Advances `{{now_timestamp}}` by a second, as if requests had taken that long.
    pub(super) fn advance_clock(&mut self) {
        self.seconds += 1;
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.known.insert(name.to_owned(), value);
    }

    /// The names of all variables that have a value.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.known.keys().map(String::as_str).chain(BUILT_IN)
    }

    /// Whether a variable was set.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }

    /// A value with its variables filled in. The result of a text is a text, even if it consists of one variable: the
    /// documents' own runner does the same.
    pub(super) fn fill(&mut self, value: &Value) -> Result<Value, Unresolved> {
        Ok(match value {
            Value::String(text) => Value::String(self.fill_text(text)?),
            Value::Array(list) => Value::Array(list.iter().map(|value| self.fill(value)).collect::<Result<_, _>>()?),
            Value::Object(map) => {
                let filled = map.iter().map(|(name, value)| Ok((self.fill_text(name)?, self.fill(value)?)));
                Value::Object(filled.collect::<Result<Map<_, _>, Unresolved>>()?)
            }
            other => other.clone(),
        })
    }

    /// A text with its variables filled in.
    pub(super) fn fill_text(&mut self, text: &str) -> Result<String, Unresolved> {
        let mut filled = String::with_capacity(text.len());
        for piece in pieces(text) {
            match piece? {
                Piece::Plain(plain) => filled.push_str(plain),
                Piece::Variable(name, None) => filled.push_str(&self.value(name)?),
                Piece::Variable(name, Some(last)) => {
                    let whole = self.value(name)?;
                    let cut = whole.chars().count().saturating_sub(last);
                    filled.extend(whole.chars().skip(cut));
                }
            }
        }
        Ok(filled)
    }

    fn value(&mut self, name: &str) -> Result<String, Unresolved> {
        let name = bare_name(name);
        match self.known.get(name) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(value) => Ok(value.to_string()),
            None => {
                let unknown = || Unresolved(format!("`{{{{{name}}}}}` is never set"));
                self.built_in(name).ok_or_else(unknown)
            }
        }
    }

    fn built_in(&mut self, name: &str) -> Option<String> {
        if !BUILT_IN.contains(&name) {
            return None;
        }
        let now = &self.now;
        let day = |days: i64| now.checked_add(Span::new().days(days)).map(|then| then.date().to_string()).ok();
        let hours = |hours: i64| {
            now.checked_add(Span::new().hours(hours)).map(|then| time_text(then.timestamp()).to_string()).ok()
        };
        let at_17 = |days: i64| {
            let then =
                now.checked_add(Span::new().days(days)).ok()?.with().time(Time::constant(17, 0, 0, 0)).build().ok()?;
            Some(then.timestamp())
        };
        let text = |time: Timestamp| time_text(time).to_string();
        self.ticks += 1;
        let millis = now.timestamp().as_millisecond() + self.ticks;
        Some(match name {
            "today_date" | "current_date" => day(0)?,
            "tomorrow_date" => day(1)?,
            "yesterday_date" => day(-1)?,
            "next_week_date" => day(7)?,
            "next_month_date" => now.checked_add(Span::new().months(1)).ok()?.date().to_string(),
            "start_of_month_date" => now.date().first_of_month().to_string(),
            "end_of_month_date" => now.date().last_of_month().to_string(),
            "now_datetime" => text(now.timestamp()),
            "tomorrow_datetime" => text(at_17(1)?),
            "next_week_datetime" => text(at_17(7)?),
            "future_datetime" => hours(24)?,
            "future_datetime_48h" => hours(48)?,
            "now_timestamp" => (now.timestamp().as_second() + self.seconds).to_string(),
            "tomorrow_timestamp" => at_17(1)?.as_second().to_string(),
            "current_year" => now.year().to_string(),
            "current_month" => format!("{:02}", now.month()),
            "timestamp" | "unique_id" => millis.to_string(),
            "random_email" => format!("apitest_{millis}@example.com"),
            "random_phone" => format!("+1555{:07}", self.random.random_range(0..10_000_000)),
            "random_firstname" => "APITest".to_owned(),
            "random_lastname" => "User".to_owned(),
            "random_number" => self.random.random_range(0..10_000).to_string(),
            "random_string" => format!("test_{:08x}", self.random.random::<u32>()),
            "random_address" => format!("{} Test Street", self.random.random_range(1..1_000)),
            "random_url" => format!("https://test-{millis}.example.com"),
            _ => return None,
        })
    }
}
