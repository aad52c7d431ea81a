//! Text: by pattern, format and encoding, otherwise by the name of the property.

use rand::Rng;
use serde_json::Value;

use super::{Maker, Mode};
use crate::openapi::names::{is_id, snake};
use crate::openapi::random::{uid, uuid};

/// Maximum length to which text is padded, in characters.
const MAX_PADDED: usize = 4096;

/// Where a format can be made longer, and with what.
enum Padding {
    Front,
    End,
    /// Groups of four characters at the front: base64.
    Groups,
}

/// Texts of a format, the preferred one first, the others shorter, and how the first is made longer.
fn examples_of(format: &str) -> Option<(&'static [&'static str], Padding)> {
    Some(match format {
        "date-time" => (&["2026-02-08T10:00:00Z"], Padding::End),
        "date" => (&["2026-02-08"], Padding::End),
        "time" => (&["10:00:00Z"], Padding::End),
        "duration" => (&["PT1H"], Padding::End),
        "email" | "idn-email" => (&["someone@example.com", "me@a.example", "a@b.co", "a@b"], Padding::Front),
        "uri" | "url" | "iri" => (&["https://example.com/", "http://a.b/", "urn:a:b", "a:b"], Padding::End),
        "uri-reference" | "iri-reference" => (&["/"], Padding::End),
        "uri-template" => (&["/{id}", "/"], Padding::End),
        "ipv4" => (&["192.0.2.1", "1.1.1.1"], Padding::End),
        "ipv6" => (&["2001:db8::1", "::1", "::"], Padding::End),
        "hostname" | "idn-hostname" => (&["example.com", "a.example", "a.b", "a"], Padding::Front),
        "byte" | "base64" => (&["c3RhbmRpbg==", "c3Q=", ""], Padding::Groups),
        "base64url" => (&["c3RhbmRpbg", "c3Q", ""], Padding::Groups),
        "base32" => (&["ON2GC3TENFXA====", ""], Padding::End),
        "base16" => (&["7374616E64696E", "73", ""], Padding::Groups),
        "decimal" => (&["1.0", "1"], Padding::End),
        "regex" => (&[".*", "."], Padding::End),
        "json-pointer" => (&["/a", ""], Padding::End),
        "relative-json-pointer" => (&["0"], Padding::End),
        _ => return None,
    })
}

/// Text for a property of that name in snake case.
fn text_for_name(name: &str, random: &mut impl Rng) -> String {
    match name {
        _ if is_id(name) => uid(random).into(),
        _ if name.ends_with("_at") || name.ends_with("time") => "2026-02-08T10:00:00Z".to_owned(),
        _ if name.ends_with("date") => "2026-02-08".to_owned(),
        _ if name.contains("email") => "someone@example.com".to_owned(),
        _ if name.contains("phone") => "+15550100000".to_owned(),
        _ if name.ends_with("url") || name.ends_with("uri") => "https://example.com/".to_owned(),
        _ if name.ends_with("time_zone") || name.ends_with("timezone") => "UTC".to_owned(),
        _ if name.ends_with("_decimal") => "1.0".to_owned(),
        _ if name.ends_with("currency") => "USD".to_owned(),
        "" => "text".to_owned(),
        _ => name.replace('_', " "),
    }
}

/// The length bounds of a text in characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Lengths {
    pub(super) least: usize,
    pub(super) most: usize,
}

impl Lengths {
    pub(super) fn of(schema: &Value) -> Self {
        let bound = |key: &str| {
            schema.get(key).and_then(Value::as_u64).map(|bound| usize::try_from(bound).unwrap_or(usize::MAX))
        };
        Self { least: bound("minLength").unwrap_or(0), most: bound("maxLength").unwrap_or(usize::MAX) }
    }

    pub(super) fn allows(self, text: &str) -> bool {
        let length = text.chars().count();
        self.least <= length && length <= self.most
    }
}

impl<R: Rng> Maker<'_, R> {
    /// Text for a schema; `name` is the name of the property.
    pub(super) fn make_text(&mut self, schema: &Value, name: &str) -> String {
        let lengths = Lengths::of(schema);
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
            && let Some(text) = self.matching_text(pattern, lengths)
        {
            return text;
        }
        let format = schema.get("format").and_then(Value::as_str).filter(|format| *format != "binary");
        let encoding = schema.get("contentEncoding").and_then(Value::as_str);
        let known = format.and_then(examples_of).or_else(|| encoding.and_then(examples_of));
        if format == Some("uuid") {
            return uuid(self.random);
        }
        if let Some((examples, padding)) = known {
            let fits = |text: &&&str| text.chars().count() <= lengths.most;
            let text = examples.iter().find(fits).or(examples.last()).copied().unwrap_or_default();
            return pad(text, &padding, lengths, self.variant);
        }
        let text = text_for_name(&snake(name), self.random);
        let text = if self.variant > 0 { format!("{text} {}", self.variant + 1) } else { text };
        let over = text.chars().count().saturating_sub(lengths.most);
        // The end distinguishes variants.
        let mut text: String = match self.variant {
            0 => text.chars().take(lengths.most).collect(),
            _ => text.chars().skip(over).collect(),
        };
        let missing = lengths.least.min(MAX_PADDED).saturating_sub(text.chars().count());
        text.extend(std::iter::repeat_n('x', missing));
        text
    }

    /// Text that matches a pattern and has an allowed length.
    pub(super) fn matching_text(&mut self, pattern: &str, lengths: Lengths) -> Option<String> {
        self.patterns.text((pattern, lengths), self.mode == Mode::Checked, self.random)
    }
}

/// A text of a format with at least the minimum length; variants differ in a digit where padding is allowed.
fn pad(text: &str, padding: &Padding, lengths: Lengths, variant: usize) -> String {
    let missing = lengths.least.min(MAX_PADDED).saturating_sub(text.chars().count());
    match padding {
        Padding::Front if variant > 0 => format!("a{variant}{}{text}", "x".repeat(missing)),
        Padding::Front => format!("{}{text}", "x".repeat(missing)),
        Padding::End if missing > 0 => format!("{text}{}", "x".repeat(missing)),
        Padding::End if variant > 0 && text.ends_with('/') => format!("{text}{variant}"),
        Padding::End => text.to_owned(),
        Padding::Groups => format!("{}{text}", "AAAA".repeat(missing.div_ceil(4))),
    }
}
