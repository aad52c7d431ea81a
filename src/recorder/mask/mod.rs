//! Replaces credentials and personal data: each value by the same replacement everywhere.
//!
//! | file | what it does |
//! |---|---|
//! | `walk` | visits every text of a message with what its name says |
//! | `credentials` | the `Authorization` headers |
//! | `replacement` | replacements in the form of the original |
//! | this | finds the values, replaces them, and looks for those that are left |

mod credentials;
mod replacement;
mod walk;

use std::collections::{HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::{Regex, RegexBuilder};
use serde_json::Value;

pub(super) use credentials::name_tokens;
use replacement::Replacements;
use walk::Spot;
pub(super) use walk::Walk;

use crate::fixtures::Interaction;
use crate::request::{Sensitive, find};
use crate::scenarios::{PlainRequest, Received, data_of, percent_encoded};

/// Minimum length of a value that is replaced inside longer words.
const MIN_INSIDE: usize = 6;
/// Minimum length of a value that is replaced where its name does not say what it is.
const MIN_ANYWHERE: usize = 3;
/// Minimum number of digits of a number that is replaced where its name does not say what it is.
const MIN_DIGITS: usize = 5;
/// Minimum length of a single lower-case word that counts as a secret, not as a word of the language.
const MIN_WORD: usize = 12;
/// Maximum size of the expression of all values, bytes.
const MAX_EXPRESSION: usize = 512 << 20;

/// The replacements of a recording.
pub(super) struct Masks {
    /// By value.
    replacements: HashMap<String, String>,
    /// Finds every value that is replaced wherever it stands, and that no file may contain.
    anywhere: Option<Regex>,
}

/// The values of a recording in the order in which they appear.
#[derive(Default)]
struct Values {
    list: Vec<(String, Sensitive)>,
    known: HashSet<String>,
    kept: HashSet<String>,
}

impl Values {
    fn add(&mut self, text: &str, kind: Sensitive) {
        let text = text.trim();
        if text.is_empty() || !self.known.insert(text.to_owned()) {
            return;
        }
        self.list.push((text.to_owned(), kind));
        if kind == Sensitive::FullName {
            // The parts of a name stand alone elsewhere.
            let parts = text.split_whitespace().filter(|part| part.starts_with(char::is_uppercase));
            for (place, part) in parts.filter(|part| part.chars().count() >= MIN_ANYWHERE).enumerate() {
                self.add(part, if place == 0 { Sensitive::GivenName } else { Sensitive::FamilyName });
            }
        }
    }

    fn visit(&mut self, spot: &Spot<'_>) {
        if let Some(bytes) = data_of(&Value::from(spot.text.as_str())).and_then(|data| STANDARD.decode(data).ok()) {
            for chunk in bytes.utf8_chunks() {
                let text = chunk.valid();
                find(text).into_iter().for_each(|found| self.add(&text[found.range], found.kind));
            }
            return;
        }
        let found = find(spot.text);
        let whole = found.iter().find(|found| found.range == (0..spot.text.len())).map(|found| found.kind);
        if spot.is_kept {
            self.kept.insert(spot.text.clone());
            self.kept.extend(found.into_iter().map(|found| spot.text[found.range].to_owned()));
            return;
        }
        // The form of a value says more than a name such as `address`.
        match spot.kind {
            Some(Sensitive::Credential) => self.add(spot.text, Sensitive::Credential),
            Some(kind) => self.add(spot.text, whole.unwrap_or(kind)),
            None => {
                for found in found {
                    self.add(&spot.text[found.range.clone()], found.kind);
                }
            }
        }
    }
}

impl Masks {
    /// Finds the values of a recording. `credentials` are replaced already where they authenticate a request; `operations` has
    /// the key of each request's operation.
    ///
    /// # Errors
    /// A sentence, if there are too many values.
    pub(super) fn new(
        recorded: &[(PlainRequest, Received)],
        operations: &[Option<String>],
        credentials: Vec<(String, String)>,
        walk: &Walk<'_>,
    ) -> Result<Self, String> {
        let mut values = Values::default();
        for ((request, received), operation) in recorded.iter().zip(operations) {
            let (mut request, mut response) = (request.clone(), received.response.clone());
            let path = request.path.clone();
            walk.request(&mut request, operation.as_deref(), &mut |spot| values.visit(&spot));
            walk.response(&mut response, &path, &mut |spot| values.visit(&spot));
        }
        let mut replacements: HashMap<String, String> = credentials.into_iter().collect();
        let Values { list, known, kept } = values;
        let is_original = |text: &str| known.contains(text);
        let mut made = Replacements::default();
        // Parts of names come first, so that a whole name has the replacements of its parts.
        let (names, others): (Vec<_>, Vec<_>) = list.into_iter().partition(|(_, kind)| *kind == Sensitive::FullName);
        for (value, kind) in others.into_iter().chain(names).filter(|(value, _)| !kept.contains(value)) {
            if replacements.contains_key(&value) {
                continue;
            }
            let replacement = match kind {
                Sensitive::FullName => joined(&value, &replacements),
                _ => None,
            };
            let replacement = replacement.unwrap_or_else(|| made.next(kind, &value, &is_original));
            replacements.insert(value, replacement);
        }
        add_other_forms(&mut replacements);
        let anywhere = expression(replacements.keys().filter(|value| is_replaced_anywhere(value)))?;
        Ok(Self { replacements, anywhere })
    }

    /// An interaction with its values replaced.
    pub(super) fn apply(&self, walk: &Walk<'_>, interaction: &Interaction) -> Interaction {
        let mut masked = interaction.clone();
        let operation = interaction.operation.as_deref();
        walk.request(&mut masked.request, operation, &mut |mut spot| self.visit(&mut spot));
        walk.response(&mut masked.response, &interaction.request.path, &mut |mut spot| self.visit(&mut spot));
        masked
    }

    fn visit(&self, spot: &mut Spot<'_>) {
        let masked = match (spot.is_kept, spot.kind.and(self.replacements.get(spot.text.trim()))) {
            (true, _) => return,
            (_, Some(replacement)) => replacement.clone(),
            (_, None) => self.text(spot.text),
        };
        *spot.text = masked;
    }

    /// A text with all values in it replaced.
    fn text(&self, text: &str) -> String {
        if let Some(data) = data_of(&Value::from(text)) {
            return self.data(text, data);
        }
        if let Some(replacement) = self.replacements.get(text).filter(|_| is_replaced_anywhere(text)) {
            return replacement.clone();
        }
        let mut masked = String::with_capacity(text.len());
        let mut end = 0;
        for found in find(text) {
            if let Some(replacement) = self.replacements.get(&text[found.range.clone()]) {
                masked.push_str(&self.anywhere(&text[end..found.range.start]));
                masked.push_str(replacement);
                end = found.range.end;
            }
        }
        masked.push_str(&self.anywhere(&text[end..]));
        masked
    }

    fn anywhere(&self, text: &str) -> String {
        let Some(expression) = &self.anywhere else { return text.to_owned() };
        let new = |found: &regex::Captures<'_>| self.replacements.get(&found[0]).cloned().unwrap_or_default();
        expression.replace_all(text, new).into_owned()
    }

    /// Bytes in Base64, such as those of a form with a file.
    fn data(&self, text: &str, data: &str) -> String {
        let Ok(bytes) = STANDARD.decode(data) else { return text.to_owned() };
        // Parts that are text are masked like any text.
        let masked: Vec<u8> = bytes
            .utf8_chunks()
            .flat_map(|chunk| [self.text(chunk.valid()).into_bytes(), chunk.invalid().to_vec()].concat())
            .collect();
        if masked == bytes { text.to_owned() } else { text.replace(data, &STANDARD.encode(masked)) }
    }

    /// The replacement of the first value that is left in a file, if there is one.
    pub(super) fn left_in(&self, text: &str) -> Option<&str> {
        let found = self.anywhere.as_ref()?.find(text)?;
        self.replacements.get(found.as_str()).map(String::as_str)
    }
}

/// The whole name with the replacements of its parts; `None` if a part has none.
fn joined(name: &str, replacements: &HashMap<String, String>) -> Option<String> {
    let parts: Option<Vec<&str>> =
        name.split_whitespace().map(|part| replacements.get(part).map(String::as_str)).collect();
    parts.map(|parts| parts.join(" "))
}

/// Adds the forms in which values stand in URLs and in JSON, and phone numbers without their separators.
fn add_other_forms(replacements: &mut HashMap<String, String>) {
    let forms: [fn(&str) -> String; 4] = [
        |text| percent_encoded(text),
        |text| form_urlencoded::byte_serialize(text.as_bytes()).collect(),
        |text| Value::from(text).to_string().trim_matches('"').to_owned(),
        |text| match text.starts_with('+') || text.contains(['(', '-', ' ']) {
            true if text.chars().all(|letter| !letter.is_alphabetic()) => {
                text.chars().filter(char::is_ascii_digit).collect()
            }
            _ => String::new(),
        },
    ];
    let pairs: Vec<(String, String)> = replacements.iter().map(|(value, new)| (value.clone(), new.clone())).collect();
    for (value, replacement) in pairs {
        for form in forms {
            let other = form(&value);
            if other.len() >= MIN_INSIDE && other != value {
                replacements.entry(other).or_insert_with(|| form(&replacement));
            }
        }
    }
}

fn is_number(value: &str) -> bool {
    value.chars().all(|letter| letter.is_ascii_digit())
}

/// Whether a value is replaced wherever it stands. A short number or a single lower-case word, such as `open`, may be anything
/// elsewhere, even the name of a field.
fn is_replaced_anywhere(value: &str) -> bool {
    let length = value.chars().count();
    let is_word = value.chars().all(|letter| letter.is_lowercase() || letter == '_') && length < MIN_WORD;
    length >= if is_number(value) { MIN_DIGITS } else { MIN_ANYWHERE } && !is_word
}

/// An expression that finds the longest value at each place; `None` without values.
///
/// # Errors
/// A sentence, if there are too many values.
fn expression<'v>(values: impl Iterator<Item = &'v String>) -> Result<Option<Regex>, String> {
    let mut values: Vec<&String> = values.collect();
    values.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    let pattern = |value: &&String| {
        let is_inside = value.len() >= MIN_INSIDE && !value.chars().all(char::is_alphabetic) && !is_number(value);
        let edge =
            |letter: Option<char>| if !is_inside && letter.is_some_and(char::is_alphanumeric) { r"\b" } else { "" };
        format!("{}{}{}", edge(value.chars().next()), regex::escape(value), edge(value.chars().next_back()))
    };
    let alternatives: Vec<String> = values.iter().map(pattern).collect();
    if alternatives.is_empty() {
        return Ok(None);
    }
    let expression = RegexBuilder::new(&alternatives.join("|")).size_limit(MAX_EXPRESSION).build();
    expression.map(Some).map_err(|_| format!("{} values to replace are too many; record fewer requests", values.len()))
}
