//! Numbers with more digits than `serde_json::Number` holds.
//!
//! `serde_json`'s own `arbitrary_precision` would be switched on for every program that uses this library, and breaks
//! `untagged` and `flatten` there. So such a number stands in a [`Value`] as a string: a private mark and the digits. The
//! mark is set where JSON and YAML are read, and removed where JSON is written.

use std::borrow::Cow;

use serde_json::Value;

use super::compact_json::parse_compact;

/// The last code point of the last private use area. A string that begins with it and is a number otherwise is read as
/// that number.
const MARK: char = '\u{10FFFD}';
/// First byte of the mark in UTF-8; rare in any other text.
const MARK_BYTE: u8 = 0xF4;
/// A number with at most so many digits is exact as an integer or a float.
const SAFE_DIGITS: usize = 15;

/// A JSON number as a value: a `serde_json::Number` if it is exact, otherwise a marked string. `None` if the text is not a
/// JSON number.
pub fn number(text: &str) -> Option<Value> {
    let parsed: serde_json::Number = is_json_number(text).then(|| text.parse().ok())??;
    let is_exact = digits(text) <= SAFE_DIGITS || parsed.is_i64() || parsed.is_u64() || has_same_digits(&parsed, text);
    Some(if is_exact { Value::Number(parsed) } else { Value::String(format!("{MARK}{text}")) })
}

/// The digits of a marked number; `None` for any other text.
pub fn digits_of(text: &str) -> Option<&str> {
    text.strip_prefix(MARK).filter(|digits| is_json_number(digits))
}

/// Whether a value is a number, marked or not.
pub fn is_number(value: &Value) -> bool {
    value.is_number() || value.as_str().is_some_and(|text| digits_of(text).is_some())
}

/// A number as marked text, for serializers.
pub(super) fn mark(digits: &str) -> String {
    format!("{MARK}{digits}")
}

/// Parses JSON; numbers that would lose digits become marked strings.
///
/// # Errors
/// If the text is not valid JSON.
pub fn parse_json(text: &str) -> serde_json::Result<Value> {
    let long = long_numbers(text);
    if long.is_empty() {
        return parse_compact(text);
    }
    let mut marked = String::with_capacity(text.len() + long.len() * 8);
    let mut end = 0;
    for (start, stop) in long {
        marked.push_str(&text[end..start]);
        match number(&text[start..stop]) {
            Some(Value::String(number)) => marked.push_str(&Value::String(number).to_string()),
            _ => marked.push_str(&text[start..stop]),
        }
        end = stop;
    }
    marked.push_str(&text[end..]);
    parse_compact(&marked)
}

/// Replaces marked numbers in the text of a JSON document by their digits.
pub fn write_digits(json: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(MARK_BYTE, json).is_none() {
        return Cow::Borrowed(json);
    }
    let Ok(text) = std::str::from_utf8(json) else { return Cow::Borrowed(json) };
    let start = format!("\"{MARK}");
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(&start) {
        let (before, marked) = (&rest[..at], &rest[at + start.len()..]);
        out.push_str(before);
        match marked.split_once('"').filter(|(digits, _)| is_json_number(digits)) {
            Some((digits, after)) => {
                out.push_str(digits);
                rest = after;
            }
            None => {
                out.push_str(&start);
                rest = marked;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out.into_bytes())
}

/// The value with the nearest float in place of each marked number, for validators.
pub fn approximate(value: &Value) -> Cow<'_, Value> {
    if !has_marked(value) {
        return Cow::Borrowed(value);
    }
    let mut value = value.clone();
    replace_marked(&mut value);
    Cow::Owned(value)
}

fn has_marked(value: &Value) -> bool {
    match value {
        Value::String(text) => text.as_bytes().first() == Some(&MARK_BYTE) && digits_of(text).is_some(),
        Value::Array(list) => list.iter().any(has_marked),
        Value::Object(map) => map.values().any(has_marked),
        _ => false,
    }
}

fn replace_marked(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(number) = digits_of(text).and_then(|digits| digits.parse::<serde_json::Number>().ok()) {
                *value = Value::Number(number);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(replace_marked),
        Value::Object(map) => map.values_mut().for_each(replace_marked),
        _ => {}
    }
}

/// Byte ranges of the numbers of a JSON text that are long enough to lose digits.
fn long_numbers(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at += 1;
                while let Some(byte) = bytes.get(at).filter(|byte| **byte != b'"') {
                    at += if *byte == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                let rest = &bytes[at..];
                let length =
                    rest.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
                let end = at + length.unwrap_or(rest.len());
                if digits(&text[at..end]) > SAFE_DIGITS {
                    found.push((at, end));
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    found
}

/// Number of digits before the exponent.
fn digits(number: &str) -> usize {
    number.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).filter(u8::is_ascii_digit).count()
}

/// Whether a float is written with the digits of the text, except for zeros at its ends.
fn has_same_digits(number: &serde_json::Number, text: &str) -> bool {
    significant_digits(&number.to_string()) == significant_digits(text)
}

/// The digits of a number without its exponent, its point and zeros at its ends.
pub(super) fn significant_digits(number: &str) -> String {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_owned()
}

/// Whether a text is a number by the grammar of JSON (RFC 8259, section 6).
fn is_json_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}
