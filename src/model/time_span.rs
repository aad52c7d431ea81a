use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// A span of time as people write it: a whole number and a unit, such as `3d` or `250ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeSpan {
    count: i64,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Milliseconds,
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
    Months,
    Years,
}

const UNITS: [(&str, Unit); 8] = [
    ("ms", Unit::Milliseconds),
    ("s", Unit::Seconds),
    ("min", Unit::Minutes),
    ("h", Unit::Hours),
    ("d", Unit::Days),
    ("w", Unit::Weeks),
    ("m", Unit::Months),
    ("y", Unit::Years),
];

/// A text is no span of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a span of time: write a whole number and one of ms, s, min, h, d, w, m (months), y, such as 3d")]
pub struct TimeSpanError(String);

impl FromStr for TimeSpan {
    type Err = TimeSpanError;

    fn from_str(text: &str) -> Result<Self, TimeSpanError> {
        let error = || TimeSpanError(text.chars().take(40).collect());
        let (count, unit) = text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()));
        let unit = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(error)?.1;
        // The bound keeps every span inside what a calendar can hold.
        let count = count.parse().ok().filter(|count| (0..=1_000_000_000).contains(count)).ok_or_else(error)?;
        Ok(Self { count, unit })
    }
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS.iter().find(|(_, unit)| *unit == self.unit).map_or("", |(name, _)| name);
        write!(f, "{}{unit}", self.count)
    }
}

impl TimeSpan {
    /// One minute.
    pub const MINUTE: Self = Self { count: 1, unit: Unit::Minutes };

    /// The time after this span, by the calendar of UTC; `None` beyond the range of times.
    pub fn after(&self, time: Timestamp) -> Option<Timestamp> {
        let after = time.to_zoned(TimeZone::UTC).checked_add(self.span()?).ok()?;
        Some(after.timestamp())
    }

    /// The date and time of day after this span from the beginning of a day; `None` beyond the range of dates.
    pub fn after_day(&self, day: Date) -> Option<DateTime> {
        day.to_datetime(Time::midnight()).checked_add(self.span()?).ok()
    }

    /// The span for calendar arithmetic; `None` beyond what that holds.
    pub fn span(&self) -> Option<Span> {
        let span = Span::new();
        let span = match self.unit {
            Unit::Milliseconds => span.try_milliseconds(self.count),
            Unit::Seconds => span.try_seconds(self.count),
            Unit::Minutes => span.try_minutes(self.count),
            Unit::Hours => span.try_hours(self.count),
            Unit::Days => span.try_days(self.count),
            Unit::Weeks => span.try_weeks(self.count),
            Unit::Months => span.try_months(self.count),
            Unit::Years => span.try_years(self.count),
        };
        span.ok()
    }
}
