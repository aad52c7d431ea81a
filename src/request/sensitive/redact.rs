//! Hides credentials where people and tools read them: in log lines and in the state.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::names::CredentialName;
use super::patterns::find_credentials;
use super::{Place, Sensitive, find, kind_of, visit_value};

/// Minimum length of a value that is hidden where its name does not say what it is.
const MIN_ANYWHERE: usize = 3;

/// What stands in place of a hidden value.
pub const HIDDEN: &str = "<hidden>";

/// The target of a request, a path with a query, without credentials and personal data.
pub fn redact_target(target: &str) -> String {
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let mut before = "";
    let segments = path.split('/').map(|segment| {
        let is_hidden = is_sensitive(std::mem::replace(&mut before, segment), segment);
        if is_hidden { HIDDEN } else { segment }
    });
    let path = segments.collect::<Vec<_>>().join("/");
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if is_sensitive(name, value) => format!("{name}={HIDDEN}"),
        _ if !find(pair).is_empty() => HIDDEN.to_owned(),
        _ => pair.to_owned(),
    };
    let query = query.map(|query| query.split('&').map(pair).collect::<Vec<_>>().join("&"));
    query.map_or_else(|| path.clone(), |query| format!("{path}?{query}"))
}

/// Headers whose values are credentials.
const CREDENTIAL_HEADERS: [&str; 7] =
    ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-auth-token"];

/// The value of a header without credentials. Of a credential the scheme stays: `Bearer [REDACTED]`.
pub fn shown_header(name: &str, value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value).into_owned();
    if !CREDENTIAL_HEADERS.contains(&name) {
        let mut shown = text.into();
        redact_credentials(&mut shown, name);
        return shown.as_str().unwrap_or_default().to_owned();
    }
    match text.split_once(' ') {
        Some((scheme, _)) if scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) => format!("{scheme} [REDACTED]"),
        _ => "[REDACTED]".to_owned(),
    }
}

/// Whether a percent-encoded value with a name is a credential or personal data.
fn is_sensitive(name: &str, value: &str) -> bool {
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let (name, value) = (decoded(name), percent_decode_str(value).decode_utf8_lossy().into_owned());
    kind_of(Place { name: &name, ..Place::default() }, &value).is_some() || !find(&value).is_empty()
}

/// Replaces the credentials in a value by [`HIDDEN`]. Personal data stays. `name` is the name of the value.
pub fn redact_credentials(value: &mut Value, name: &str) {
    Redactor::new(&[]).redact(value, name);
}

/// Hides credentials in many values, as [`redact_credentials`] does in one. They have the same names many times.
#[derive(Clone)]
pub struct Redactor {
    known: Option<AhoCorasick>,
    names: HashMap<String, CredentialName>,
}

impl Redactor {
    /// `known` are credentials that are hidden wherever they stand.
    pub fn new(known: &[String]) -> Self {
        // An empty text would match everywhere.
        let known = known.iter().filter(|known| !known.is_empty()).collect::<Vec<_>>();
        let build = || AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&known).ok();
        Self { known: if known.is_empty() { None } else { build() }, names: HashMap::new() }
    }

    /// Replaces the credentials in a value with a name by [`HIDDEN`].
    pub fn redact(&mut self, value: &mut Value, name: &str) {
        match value {
            Value::Object(map) => map.iter_mut().for_each(|(name, value)| self.redact(value, name)),
            Value::Array(list) => list.iter_mut().for_each(|value| self.redact(value, name)),
            Value::String(text) if self.is_credential(name, text) => *value = HIDDEN.into(),
            Value::String(text) => self.redact_text(text),
            Value::Number(number) if self.is_credential(name, &number.to_string()) => *value = HIDDEN.into(),
            _ => {}
        }
    }

    fn is_credential(&mut self, name: &str, text: &str) -> bool {
        let known = self.names.get(name).copied();
        let kind = known.unwrap_or_else(|| *self.names.entry(name.to_owned()).or_insert(CredentialName::of(name)));
        kind.accepts(name, text)
    }

    fn redact_text(&self, text: &mut String) {
        for found in find_credentials(text).into_iter().rev() {
            text.replace_range(found.range, HIDDEN);
        }
        if let Some(known) = self.known.as_ref().filter(|known| known.is_match(text.as_str())) {
            let mut hidden = String::with_capacity(text.len());
            known.replace_all_with(text, &mut hidden, |_, _, hidden| {
                hidden.push_str(HIDDEN);
                true
            });
            *text = hidden;
        }
    }
}

/// A value that has the form of a secret.
const SECRET: &str = "4f7a9c21d8e35b60";

/// Whether the ids of records of a kind are credentials, such as those of tokens.
pub fn is_credential_kind(kind: &str) -> bool {
    is_credential_id(kind, SECRET)
}

/// Whether the id of a record is a credential.
pub fn is_credential_id(kind: &str, id: &str) -> bool {
    kind_of(Place { name: kind, ..Place::default() }, id) == Some(Sensitive::Credential)
}

/// Replaces credentials and personal data in a value by [`HIDDEN`]. `known` are values that are hidden wherever they stand.
pub fn redact_value(value: &mut Value, place: Place<'_>, known: &[String]) {
    visit_value(place, value, &mut |_, kind, text| {
        *text = match kind {
            Some(_) => HIDDEN.to_owned(),
            None => known.iter().fold(redact_text(text), |text, known| text.replace(known.as_str(), HIDDEN)),
        };
    });
}

/// The credentials and the personal data in a value that its names or their form tell, the longest first. Words of names
/// count alone too.
pub fn sensitive_values(value: &Value) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    visit_value(Place::default(), &mut value.clone(), &mut |_, kind, text| {
        found.extend(find(text).into_iter().map(|found| text[found.range].to_owned()));
        if let Some(kind) = kind {
            let is_name = kind == Sensitive::FullName;
            let words = text.split_whitespace().filter(|word| is_name && word.starts_with(char::is_uppercase));
            found.extend(words.chain([text.as_str()]).map(str::to_owned));
        }
    });
    found.retain(|text| text.chars().count() >= MIN_ANYWHERE && !text.chars().all(|letter| letter.is_ascii_digit()));
    found.sort_by_key(|text| std::cmp::Reverse(text.len()));
    found.dedup();
    found
}

/// A text with the parts that are credentials or personal data replaced by [`HIDDEN`].
pub fn redact_text(text: &str) -> String {
    let mut redacted = text.to_owned();
    for found in find(text).into_iter().rev() {
        redacted.replace_range(found.range, HIDDEN);
    }
    redacted
}
