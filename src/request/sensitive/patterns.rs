//! Texts that are credentials or personal data whatever their names are.

use std::net::IpAddr;
use std::ops::Range;
use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use regex::{Captures, Regex};

use super::check_digits::{iban_remainder, luhn_sum};
use super::{Place, Sensitive, kind_of};

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its bytes.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Sensitive,
}

/// A pattern. Its kind is fixed, or depends on the name that the text gives to the value.
struct Pattern {
    /// What every match contains.
    literal: &'static str,
    regex: Regex,
    kind: KindOf,
}

/// The kind of a match; `None` if it is a false one.
type KindOf = fn(&Captures<'_>) -> Option<Sensitive>;

/// The patterns, each with its value in the group `v`. Earlier patterns win where two overlap.
static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let named = |captures: &Captures<'_>| {
        let decoded = |group: &str| {
            let text = captures.name(group).map_or("", |found| found.as_str());
            percent_decode_str(text).decode_utf8_lossy().replace('+', " ")
        };
        kind_of(Place { name: &decoded("n"), ..Place::default() }, &decoded("v"))
    };
    let list: [(&str, &str, KindOf); 14] = [
        ("eyJ", r"\b(?P<v>eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*)", |_| Some(Sensitive::Jwt)),
        // Parameters of a URL or a form, fields of multipart forms, elements of XML, entries of JSON.
        ("=", r"(?:^|[?&#;])(?P<n>[A-Za-z0-9_.%\[\]-]{1,80})=(?P<v>[^&#;\s\x22'<>]{1,4000})", named),
        ("name=", r#"(?s)name="(?P<n>[^"\r\n]{1,80})"[^\r\n]*(?:\r\n[^\r\n]+)*\r\n\r\n(?P<v>[^\r\n]{1,4000})"#, named),
        ("</", r"<(?:[A-Za-z_][\w-]*:)?(?P<n>[A-Za-z_][\w.-]{0,80})(?:\s[^<>]*)?>(?P<v>[^<>]{1,4000})</", named),
        ("\"", r#"\\?"(?P<n>[A-Za-z0-9_-]{1,80})\\?"\s*:\s*\\?"(?P<v>[^"\\]{1,4000})\\?""#, named),
        ("", r"(?i)\b(?:bearer|basic|token|apikey|api-key)\s+(?P<v>[A-Za-z0-9._~+/-]{8,}=*)", |captures| {
            captures["v"].contains(|letter: char| letter.is_ascii_digit()).then_some(Sensitive::Credential)
        }),
        ("://", r"://[^/\s:@]{1,200}:(?P<v>[^/\s@]{1,200})@", |_| Some(Sensitive::Credential)),
        (
            "@",
            r"(?P<v>[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{2,})+)",
            |_| Some(Sensitive::Email),
        ),
        ("", r"\b(?P<v>[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30})\b", |captures| {
            is_iban(&captures["v"]).then_some(Sensitive::Iban)
        }),
        ("", r"(?:^|[^0-9A-Za-z.-])(?P<v>[2-6][0-9](?:[ -]?[0-9]){11,17})(?:$|[^0-9A-Za-z-])", |captures| {
            is_card(&captures["v"]).then_some(Sensitive::Card)
        }),
        (
            ".",
            r"(?:^|[^0-9A-Za-z.])(?P<v>[0-9]{1,3}(?:\.[0-9]{1,3}){3})(?:$|[^0-9A-Za-z.]|\.(?:$|[^0-9]))",
            |captures| is_public_address(&captures["v"]).then_some(Sensitive::Ip),
        ),
        (":", r"(?:^|[^0-9A-Za-z:])(?P<v>[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?:$|[^0-9A-Za-z:])", |captures| {
            is_public_address(&captures["v"]).then_some(Sensitive::Ip)
        }),
        ("-", r"(?:^|[^0-9A-Za-z-])(?P<v>[0-9]{3}-[0-9]{2}-[0-9]{4})(?:$|[^0-9A-Za-z-])", |_| Some(Sensitive::Number)),
        (
            "",
            r"(?:^|[^0-9A-Za-z+.-])(?P<v>\+[1-9][0-9]{0,2}[ ().-]{0,2}[0-9](?:[ ().-]{0,2}[0-9]){6,12}|\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}|0[0-9]{2,4}[ /-][0-9]{3,4}[ -]?[0-9]{3,4})(?:$|[^0-9A-Za-z-])",
            |_| Some(Sensitive::Phone),
        ),
    ];
    let pattern = |(literal, text, kind): (&'static str, &str, _)| Pattern {
        literal,
        regex: Regex::new(text).expect("a valid expression"),
        kind,
    };
    list.into_iter().map(pattern).collect()
});

/// The number of patterns that find credentials: the first ones.
const CREDENTIAL_PATTERNS: usize = 7;

/// The parts of a text that are credentials or personal data, in their order.
pub fn find(text: &str) -> Vec<Found> {
    find_with(&PATTERNS, text)
}

/// The parts of a text that are credentials, in their order.
pub(super) fn find_credentials(text: &str) -> Vec<Found> {
    let mut found = find_with(&PATTERNS[..CREDENTIAL_PATTERNS], text);
    found.retain(|found| matches!(found.kind, Sensitive::Credential | Sensitive::Jwt));
    found
}

fn find_with(patterns: &[Pattern], text: &str) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    for Pattern { literal, regex, kind } in patterns {
        // Most texts have no match: these checks are much faster than the search for the parts of one.
        if !text.contains(literal) || !regex.is_match(text) {
            continue;
        }
        let mut start = 0;
        while let Some(captures) = regex.captures_at(text, start) {
            let value = captures.name("v").map_or(0..0, |value| value.range());
            // The letter after a value may be the one before the next.
            start = value.end.max(start + 1);
            let is_new = || !all.iter().any(|known| known.range.start < value.end && value.start < known.range.end);
            if let Some(kind) = kind(&captures).filter(|_| is_new()) {
                all.push(Found { range: value, kind });
            }
            while !text.is_char_boundary(start) {
                start += 1;
            }
            if start > text.len() {
                break;
            }
        }
    }
    all.sort_by_key(|found| found.range.start);
    all
}

/// Whether digits are the number of a payment card, by their check digit (ISO/IEC 7812).
fn is_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|letter| letter.to_digit(10)).collect();
    let is_valid = luhn_sum(text).is_multiple_of(10);
    (13..=19).contains(&digits.len()) && is_valid && digits.iter().any(|digit| *digit != digits[0])
}

/// Whether a text is an international bank account number, by its check digits (ISO 7064, MOD 97-10).
fn is_iban(text: &str) -> bool {
    let plain: String = text.chars().filter(|letter| *letter != ' ').collect();
    (15..=34).contains(&plain.len()) && {
        let (head, tail) = plain.split_at(4);
        iban_remainder(&format!("{tail}{head}")) == 1
    }
}

fn is_public_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok_and(|address| !address.is_loopback() && !address.is_unspecified())
}
