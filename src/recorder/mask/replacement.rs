//! Replacements that have the form of what they replace, so that a mock accepts them where it accepted the original.

use std::collections::{HashMap, HashSet};

use crate::request::{Sensitive, iban_remainder, is_opaque, luhn_sum};

/// Maximum length of the replacement of a credential.
const MAX_WORD: usize = 16;
/// Maximum number of replacements of one kind that are tried until one is unused.
const MAX_TRIES: usize = 10_000;

/// Makes replacements, numbered in the order in which the values appear.
#[derive(Default)]
pub(super) struct Replacements {
    counts: HashMap<Sensitive, usize>,
    used: HashSet<String>,
}

impl Replacements {
    /// The replacement of a value, which is neither one of the values to replace nor used for another one.
    pub(super) fn next(&mut self, kind: Sensitive, value: &str, is_original: &dyn Fn(&str) -> bool) -> String {
        let count = self.counts.entry(kind).or_default();
        let mut replacement = String::new();
        for _ in 0..MAX_TRIES {
            *count += 1;
            replacement = replace(kind, value, *count);
            if !is_original(&replacement) && !self.used.contains(&replacement) {
                break;
            }
        }
        self.used.insert(replacement.clone());
        replacement
    }
}

/// A replacement by its kind and number.
fn replace(kind: Sensitive, value: &str, number: usize) -> String {
    match kind {
        Sensitive::Credential => credential(value, number),
        Sensitive::Jwt => format!("eyJhbGciOiJub25lIn0.eyJzdWIiOiJoaWRkZW4ifQ.hidden-{number}"),
        Sensitive::Email => format!("person{number}@example.com"),
        Sensitive::Phone => phone(value, number),
        Sensitive::Card => card(value, number),
        Sensitive::Iban => iban(value, number),
        Sensitive::Ip if value.contains(':') => format!("2001:db8::{number:x}"),
        // The blocks for documentation (RFC 5737).
        Sensitive::Ip if number < 255 => format!("192.0.2.{number}"),
        Sensitive::Ip => format!("198.51.{}.{}", 100 + number / 255 % 100, number % 255),
        Sensitive::GivenName => format!("First{}", letters(number)),
        Sensitive::FamilyName => format!("Last{}", letters(number)),
        Sensitive::FullName => format!("Person {}", letters(number)),
        Sensitive::Login => format!("user{number}"),
        Sensitive::BirthDate => birth_date(value, number),
        Sensitive::Street => format!("{number} Example Street"),
        Sensitive::City => format!("Town {}", letters(number)),
        Sensitive::PostalCode | Sensitive::Number => same_form(value, number),
    }
}

/// A credential: digits stay digits, and long values without separators keep their length.
fn credential(value: &str, number: usize) -> String {
    let is_uuid = value.len() == 36 && value.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    if is_uuid {
        format!("00000000-0000-4000-8000-{number:012x}")
    } else if value.chars().all(|letter| letter.is_ascii_digit()) {
        same_form(value, number)
    } else if is_opaque(value) && value.chars().all(|letter| letter.is_ascii_hexdigit()) {
        format!("{number:0width$x}", width = value.len())
    } else {
        word(value, number)
    }
}

/// A word with the kinds of characters that a rule for passwords may require, and about as long.
fn word(value: &str, number: usize) -> String {
    let start = if value.contains(char::is_uppercase) { "Hidden" } else { "hidden" };
    let sign = if value.chars().all(char::is_alphanumeric) { "" } else { "-" };
    let length = value.chars().count().min(MAX_WORD);
    format!("{:x<length$}", format!("{start}{sign}{number}"))
}

/// A phone number with the separators of the original, and digits that belong to no one.
fn phone(value: &str, number: usize) -> String {
    let count = digits(value).len();
    let fictitious = format!("{}{number:04}", "3212021202555");
    let digits = fictitious[fictitious.len().saturating_sub(count)..].to_owned();
    with_digits(value, &format!("{digits:0>count$}"))
}

/// A card number of the same length with a valid check digit.
fn card(value: &str, number: usize) -> String {
    let count = digits(value).len();
    let body = format!("4{number:0width$}", width = count.saturating_sub(2));
    let check = (0..10u32).find(|check| luhn_sum(&format!("{body}{check}")).is_multiple_of(10)).unwrap_or_default();
    with_digits(value, &format!("{body}{check}"))
}

/// An account number of the same country and length with valid check digits.
fn iban(value: &str, number: usize) -> String {
    let plain: String = value.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let country: String = plain.chars().take(2).collect();
    let body = format!("{number:0width$}", width = plain.len().saturating_sub(4));
    let check = 98 - iban_remainder(&format!("{body}{country}00"));
    let mut letters = format!("{country}{check:02}{body}").chars().collect::<Vec<_>>().into_iter();
    value.chars().map(|letter| if letter == ' ' { ' ' } else { letters.next().unwrap_or('0') }).collect()
}

/// A day in the form of the original: what stands behind a date stays.
fn birth_date(value: &str, number: usize) -> String {
    let day = number % 28 + 1;
    let year = 1900 + number / 28 % 100;
    if value.parse::<i64>().is_ok() && value.len() != 8 {
        return same_form(value, number);
    }
    let (date, rest) = value.split_at(value.find(['T', ' ']).filter(|at| *at >= 8).unwrap_or(value.len()));
    let parts: Vec<&str> = date.split(|letter: char| !letter.is_ascii_digit()).collect();
    let is_year_first = parts.first().is_some_and(|part| part.len() >= 4);
    let digits = if is_year_first { format!("{year}01{day:02}") } else { format!("01{day:02}{year}") };
    match self::digits(date).len() {
        8 => format!("{}{rest}", with_digits(date, &digits)),
        _ => same_form(value, number),
    }
}

/// A text whose digits are those of a number and whose letters are `X`.
fn same_form(value: &str, number: usize) -> String {
    let count = digits(value).len();
    let counted = format!("{number:0count$}");
    let mut kept = counted[counted.len() - count..].to_owned();
    // A number has no zero at its start.
    if count > 1 && !value.starts_with('0') {
        kept.replace_range(..1, "9");
    }
    let letter = |letter: char| match letter {
        letter if letter.is_uppercase() => 'X',
        letter if letter.is_alphabetic() => 'x',
        letter => letter,
    };
    with_digits(value, &kept).chars().map(letter).collect()
}

fn digits(value: &str) -> String {
    value.chars().filter(char::is_ascii_digit).collect()
}

/// A text with other digits.
fn with_digits(value: &str, digits: &str) -> String {
    let mut digits = digits.chars();
    value.chars().map(|letter| if letter.is_ascii_digit() { digits.next().unwrap_or('0') } else { letter }).collect()
}

/// A number in letters: A to Z, AA, AB and so on.
fn letters(mut number: usize) -> String {
    let mut text = Vec::new();
    while number > 0 {
        number -= 1;
        text.push(char::from(b'A' + (number % 26) as u8));
        number /= 26;
    }
    text.into_iter().rev().collect()
}
