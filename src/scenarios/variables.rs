//! The variables of a story: `{{client_id}}`, `{{today_date}}`, `{{random_email}}`.

use std::collections::HashMap;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value};

use crate::exchange::time_text;

/// What `{{…}}` stands for.
pub(super) struct Variables {
    known: HashMap<String, Value>,
    now: Zoned,
    random: ChaCha8Rng,
    /// Each `{{timestamp}}` is another one.
    ticks: i64,
    /// So many seconds `{{now_timestamp}}` is ahead: it is another one for each run of prerequisites.
    seconds: i64,
}

/// A variable that nothing defines.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unresolved(pub String);

impl Variables {
    pub(super) fn new(params: &[(String, String)], now: Timestamp, seed: u64) -> Self {
        let known = params.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        Self { known, now: now.to_zoned(TimeZone::UTC), random: ChaCha8Rng::seed_from_u64(seed), ticks: 0, seconds: 0 }
    }

    /// Prerequisites are told once more: a second has gone by, as it would while calls are sent.
    pub(super) fn run_again(&mut self) {
        self.seconds += 1;
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.known.insert(name.to_owned(), value);
    }

    /// Whether a variable was given a value.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }

    /// A value with all its variables filled in. What is filled in is text; a text that is nothing but a variable
    /// stays text as well, as the documents' own runner has it.
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

    /// A text with all its variables filled in.
    pub(super) fn fill_text(&mut self, text: &str) -> Result<String, Unresolved> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("{{") {
            let Some((name, after)) = behind.split_once("}}") else { break };
            filled.push_str(before);
            filled.push_str(&self.value(name.trim())?);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn value(&mut self, name: &str) -> Result<String, Unresolved> {
        // `{{timestamp | slice: -4}}`: the last four letters of it.
        if let Some((name, filter)) = name.split_once('|') {
            let count =
                filter.trim().strip_prefix("slice:").and_then(|count| count.trim().strip_prefix('-')?.parse().ok());
            let Some(count) = count else { return Err(Unresolved(name.trim().to_owned())) };
            let whole = self.value(name.trim())?;
            let cut = whole.chars().count().saturating_sub(count);
            return Ok(whole.chars().skip(cut).collect());
        }
        let name = ["config.params.", "resolved."].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
        match self.known.get(name) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(value) => Ok(value.to_string()),
            None => self.built_in(name).ok_or_else(|| Unresolved(name.to_owned())),
        }
    }

    fn built_in(&mut self, name: &str) -> Option<String> {
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
