//! Reads YAML text into [`YamlNode`]s.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_saphyr::{DuplicateKeyPolicy, Location, Spanned};

use super::{Diagnostic, Diagnostics, Key, SourceFile, Span, YamlNode, YamlValue};

/// Limits of one file, far above any real one; they stop alias bombs.
const MAX_NODES: usize = 2_000_000;
const MAX_ALIASES: usize = 1_000;
const MAX_DEPTH: usize = 100;
/// How many values, keys and ends of lists and mappings all aliases may stand for.
const MAX_REPLAYED: usize = 100_000;

/// What happens to a key that is repeated in a mapping.
#[derive(Clone, Copy)]
pub(super) enum DuplicateKeys {
    /// It is an error.
    Error,
    /// Its last value counts.
    LastWins,
}

/// Reads a part of a text that begins at a line.
pub(super) fn read(
    source: &SourceFile,
    part: &str,
    first_line: usize,
    duplicate_keys: DuplicateKeys,
) -> Result<YamlNode, Diagnostics> {
    // Empty lines before the part give every value its line in the whole text.
    let padded = format!("{}{part}", "\n".repeat(first_line.saturating_sub(1)));
    let policy = match duplicate_keys {
        DuplicateKeys::Error => DuplicateKeyPolicy::Error,
        DuplicateKeys::LastWins => DuplicateKeyPolicy::LastWins,
    };
    let options = serde_saphyr::options! {
        strict_booleans: true,
        with_snippet: false,
        duplicate_keys: policy,
        budget: serde_saphyr::budget! {
            max_nodes: MAX_NODES,
            max_aliases: MAX_ALIASES,
            max_depth: MAX_DEPTH,
            max_total_scalar_bytes: 64 << 20,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_REPLAYED },
    };
    match serde_saphyr::from_str_with_options::<Spanned<Bare>>(&padded, options) {
        Ok(spanned) => Ok(Bare::into_node(spanned, &padded)),
        Err(error) => {
            let span = error.location().map_or(Span { line: first_line, column: 1 }, span_of_location);
            let message = error.without_snippet().to_string();
            // Advice for programmers is cut off.
            let end = [" at line ", ", set DuplicateKeyPolicy"].iter().filter_map(|tail| message.find(tail)).min();
            let message = message[..end.unwrap_or(message.len())].to_owned();
            Err(Diagnostics::new(&source.name, &source.text, vec![Diagnostic::new(span, message)]))
        }
    }
}

/// The source text of a plain scalar.
fn plain_text(text: &str, location: Location) -> Option<&str> {
    let span = location.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let plain = text.get(start..start.checked_add(usize::try_from(span.byte_len()?).ok()?)?)?.trim();
    // Anything else would not be the number itself.
    plain.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.')).then_some(plain)
}

fn span_of_location(location: Location) -> Span {
    Span { line: location.line() as usize, column: location.column() as usize }
}

/// A [`YamlNode`] without the outermost position, as the YAML reader builds it.
enum Bare {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Spanned<Bare>>),
    Map(Vec<(Spanned<String>, Spanned<Bare>)>),
}

impl Bare {
    /// The node of a value in a text.
    fn into_node(spanned: Spanned<Self>, text: &str) -> YamlNode {
        let plain = match &spanned.value {
            Bare::Number(number) => plain_text(text, spanned.defined).filter(|plain| *plain != number.to_string()),
            _ => None,
        };
        let node = match spanned.value {
            Bare::Null => YamlValue::Null,
            Bare::Bool(truth) => YamlValue::Bool(truth),
            Bare::Number(number) => YamlValue::Number(number),
            Bare::Text(text) => YamlValue::Text(text),
            Bare::List(list) => YamlValue::List(list.into_iter().map(|item| Self::into_node(item, text)).collect()),
            Bare::Map(entries) => YamlValue::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| {
                        let key = Key { span: span_of_location(key.referenced), name: key.value };
                        (key, Self::into_node(value, text))
                    })
                    .collect(),
            ),
        };
        YamlNode { span: span_of_location(spanned.referenced), node, plain: plain.map(Box::from) }
    }
}

impl<'de> Deserialize<'de> for Bare {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BareVisitor)
    }
}

struct BareVisitor;

impl<'de> Visitor<'de> for BareVisitor {
    type Value = Bare;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Bare, E> {
        Ok(Bare::Null)
    }

    fn visit_none<E>(self) -> Result<Bare, E> {
        Ok(Bare::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Bare, E> {
        Ok(Bare::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Bare, E> {
        Ok(Bare::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Bare, E> {
        Ok(Bare::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Bare, E> {
        Ok(Number::from_f64(number).map_or_else(|| Bare::Text(number.to_string()), Bare::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Bare, E> {
        Ok(Bare::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Bare, E> {
        Ok(Bare::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Bare, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element()? {
            list.push(element);
        }
        Ok(Bare::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Bare, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Bare::Map(entries))
    }
}
