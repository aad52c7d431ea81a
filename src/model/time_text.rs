//! Times in the form of records.

use compact_str::CompactString;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A time in the form of records: UTC with milliseconds.
pub fn time_text(time: Timestamp) -> CompactString {
    let time = time.to_zoned(TimeZone::UTC);
    compact_str::format_compact!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        time.year(),
        time.month(),
        time.day(),
        time.hour(),
        time.minute(),
        time.second(),
        time.millisecond()
    )
}
