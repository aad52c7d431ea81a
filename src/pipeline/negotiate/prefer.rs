use std::time::Duration;

use http::HeaderValue;
use http::header::HeaderName;
use jiff::Timestamp;

use crate::model::TimeSpan;
use crate::openapi::{Operation, ResponseSpec};
use crate::request::Request;

const PREFER: HeaderName = HeaderName::from_static("prefer");
/// The longest delay that a client can ask for.
const MAX_DELAY: Duration = Duration::from_secs(600);
/// Names the preferences that a response honours (RFC 7240, section 3).
pub(in crate::pipeline) const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The preferences of a `Prefer` header (RFC 7240) that select a documented response. The names are those of Prism.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::pipeline) struct Prefer {
    /// `code=422`.
    pub(in crate::pipeline) status: Option<u16>,
    /// `example=name`.
    pub(in crate::pipeline) example: Option<String>,
    /// `dynamic=true`.
    pub(in crate::pipeline) dynamic: bool,
}

impl Prefer {
    /// Reads the preferences of a request; `None` when there are none that are known here. The first of several
    /// preferences of one name counts.
    pub(in crate::pipeline) fn read(request: &Request) -> Option<Self> {
        let mut preferred = Self::default();
        for header in request.headers.get_all(PREFER).into_iter().filter_map(|header| header.to_str().ok()) {
            for preference in split_unquoted(header) {
                let (name, value) = preference.split_once('=').unwrap_or((preference, "true"));
                let value = unquote(value.trim());
                match name.trim().to_ascii_lowercase().as_str() {
                    "code" if preferred.status.is_none() => preferred.status = value.parse().ok(),
                    "example" if preferred.example.is_none() => preferred.example = Some(value),
                    "dynamic" => preferred.dynamic |= value.eq_ignore_ascii_case("true"),
                    _ => {}
                }
            }
        }
        (preferred != Self::default()).then_some(preferred)
    }

    /// Finds the documented response. An example without a status is looked for in the success first, then in the other
    /// statuses in their order.
    ///
    /// # Errors
    /// A sentence that names what the operation documents instead.
    pub(in crate::pipeline) fn select<'o>(&self, operation: &'o Operation) -> Result<(u16, &'o ResponseSpec), String> {
        let success = operation.success();
        let first = self.status.unwrap_or(success);
        let documented = operation.response(first);
        let Some(name) = &self.example else {
            return documented.map(|spec| (first, spec)).ok_or_else(|| self.unknown_status(operation, first));
        };
        if let Some(spec) = documented.filter(|spec| has_example(spec, name)) {
            return Ok((first, spec));
        }
        if self.status.is_some() && documented.is_none() {
            return Err(self.unknown_status(operation, first));
        }
        let mut others = operation.responses.iter().filter(|_| self.status.is_none());
        let found = others.find(|(_, spec)| has_example(spec, name));
        found.ok_or_else(|| {
            let searched =
                operation.responses.iter().filter(|(status, _)| self.status.is_none_or(|own| own == *status));
            let known: Vec<String> = searched.flat_map(|(status, spec)| example_names(spec, status)).collect();
            let known = if known.is_empty() { "no named examples".to_owned() } else { known.join(", ") };
            format!("{} documents no example `{name}`; it documents {known}", operation.key)
        })
    }

    fn unknown_status(&self, operation: &Operation, status: u16) -> String {
        let known = operation.documented_statuses().join(", ");
        format!("{} documents no {status}; it documents {known}", operation.key)
    }

    /// The value of `Preference-Applied`.
    pub(in crate::pipeline) fn applied(&self) -> Option<HeaderValue> {
        let status = self.status.map(|status| format!("code={status}"));
        let example = self.example.as_ref().filter(|_| !self.dynamic).map(|name| format!("example={}", quote(name)));
        let dynamic = self.dynamic.then(|| "dynamic=true".to_owned());
        let applied: Vec<String> = status.into_iter().chain(example).chain(dynamic).collect();
        HeaderValue::from_str(&applied.join(", ")).ok()
    }
}

/// The delay of `Prefer: delay=200ms`, at most ten minutes, and the span as it is written.
pub(in crate::pipeline) fn preferred_delay(request: &Request) -> Option<(Duration, TimeSpan)> {
    let headers = request.headers.get_all(PREFER).into_iter().filter_map(|header| header.to_str().ok());
    let mut spans = headers.flat_map(split_unquoted).filter_map(|preference| {
        let (name, value) = preference.split_once('=')?;
        name.trim().eq_ignore_ascii_case("delay").then(|| unquote(value.trim()).parse::<TimeSpan>().ok())?
    });
    let span = spans.next()?;
    let delay = span.after(Timestamp::UNIX_EPOCH)?.duration_since(Timestamp::UNIX_EPOCH);
    Some((delay.unsigned_abs().min(MAX_DELAY), span))
}

fn has_example(spec: &ResponseSpec, name: &str) -> bool {
    spec.media.iter().any(|media| media.examples.iter().any(|(known, _)| known == name))
}

fn example_names(spec: &ResponseSpec, status: u16) -> impl Iterator<Item = String> {
    let names = spec.media.iter().flat_map(|media| &media.examples).map(|(name, _)| name);
    names.filter(|name| !name.is_empty()).map(move |name| format!("`{name}` ({status})"))
}

/// Splits at commas and semicolons outside of quotes. A parameter behind a semicolon counts as a preference of its own,
/// because clients write `code=404; example=gone`.
fn split_unquoted(header: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    header.split(move |letter| {
        let is_escaped = std::mem::take(&mut escaped);
        match letter {
            '\\' if quoted && !is_escaped => escaped = true,
            '"' if !is_escaped => quoted = !quoted,
            _ => {}
        }
        matches!(letter, ',' | ';') && !quoted
    })
}

fn unquote(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return value.to_owned() };
    let mut unquoted = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        unquoted.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    unquoted
}

fn quote(value: &str) -> String {
    match value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)) {
        true => value.to_owned(),
        false => format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}
