//! Texts that match a regular expression.
//!
//! Look-around and back references are not regular: the text is generated from the rest of the pattern, and validated.

use std::rc::Rc;
use std::sync::Arc;

use rand::Rng;
use rand::RngExt as _;
use regex_syntax::hir::{Capture, Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition};
use serde_json::{Value, json};

use super::text::Lengths;
use crate::openapi::Schema;

/// Maximum length of a generated text, in bytes.
const MAX_TEXT: usize = 4096;
/// Maximum length of a pattern, in bytes.
const MAX_PATTERN: usize = 2_000;

/// Number of texts that are tried at most for the patterns of one value. Making the generators of a pattern counts as
/// [`GENERATORS_COST`] of them.
const MAX_TEXTS: usize = 20_000;
const GENERATORS_COST: usize = 20;
/// Number of texts that are tried for one pattern, if it is regular, and if it is not.
const ATTEMPTS: usize = 64;
const IRREGULAR_ATTEMPTS: usize = 200;

/// Makes texts for the patterns of one value.
#[derive(Default)]
pub(super) struct Patterns {
    known: Vec<Rc<Pattern>>,
    /// The number of texts that were tried.
    tried: usize,
}

/// A pattern with the lengths that its texts may have.
struct Pattern {
    text: String,
    lengths: Lengths,
    /// Whether generated texts need no validation.
    is_regular: bool,
    /// `None` if they depend on the source of random numbers.
    generators: Option<Vec<rand_regex::Regex>>,
    /// Validates texts, if it is not regular.
    validator: Schema,
}

impl Patterns {
    /// A text that matches a pattern and has an allowed length, if one is found. With `is_checked`, a text for a pattern that
    /// is not regular is validated.
    pub(super) fn text(
        &mut self,
        (pattern, lengths): (&str, Lengths),
        is_checked: bool,
        random: &mut impl Rng,
    ) -> Option<String> {
        // A schema with a pattern that matches nothing would take minutes otherwise, if it is that of many members.
        if self.tried > MAX_TEXTS {
            return None;
        }
        let pattern = self.find(pattern, lengths);
        let own;
        let generators = match &pattern.generators {
            Some(generators) => generators,
            None => {
                self.tried += GENERATORS_COST;
                own = generators(&pattern.text, lengths, random);
                &own
            }
        };
        let attempts = if pattern.is_regular { ATTEMPTS } else { IRREGULAR_ATTEMPTS };
        let needs_check = is_checked && !pattern.is_regular;
        for attempt in 0..attempts {
            // Most attempts use the preferred generator, the others each of the further ones.
            let generator = generators.get((attempt / 16) % generators.len().max(1))?;
            self.tried += 1;
            let text = random.sample::<String, _>(generator);
            let is_match = |text: &str| !needs_check || pattern.validator.is_valid(&Value::from(text));
            if lengths.allows(&text) && is_match(&text) {
                return Some(text);
            }
        }
        None
    }

    fn find(&mut self, text: &str, lengths: Lengths) -> Rc<Pattern> {
        let mut known = self.known.iter();
        if let Some(known) = known.find(|known| known.lengths == lengths && known.text == text) {
            return Rc::clone(known);
        }
        let hir = parse(text);
        self.tried += GENERATORS_COST;
        let pattern = Rc::new(Pattern {
            text: text.to_owned(),
            lengths,
            is_regular: hir.as_ref().is_some_and(|hir| !has_word_boundary(hir)),
            generators: hir.map(|hir| generators_of(&hir, lengths)),
            validator: Schema::new(json!({"type": "string", "pattern": text}), Arc::default()),
        });
        self.known.push(Rc::clone(&pattern));
        pattern
    }
}

/// Generators of a pattern that is not regular. What it refers to is generated.
fn generators(pattern: &str, lengths: Lengths, random: &mut impl Rng) -> Vec<rand_regex::Regex> {
    if pattern.len() > MAX_PATTERN {
        return Vec::new();
    }
    parse(&approximate(pattern, random)).map_or_else(Vec::new, |hir| generators_of(&hir, lengths))
}

/// Generators of a pattern that differ in how often unbounded parts are repeated.
fn generators_of(hir: &Hir, lengths: Lengths) -> Vec<rand_regex::Regex> {
    let longest = u32::try_from(lengths.least.min(MAX_TEXT)).unwrap_or_default();
    // Nested repetitions multiply: each must be short enough for the whole text.
    [12, 2, 0, longest, longest / 2]
        .into_iter()
        .map(|more| generable(hir.clone(), more))
        .filter(|hir| hir.properties().maximum_len().is_some_and(|length| length <= MAX_TEXT))
        .filter(|hir| hir.properties().maximum_len().is_some_and(|length| length >= lengths.least))
        .filter_map(|hir| rand_regex::Regex::with_hir(hir, 0).ok())
        .collect()
}

fn parse(pattern: &str) -> Option<Hir> {
    if pattern.len() > MAX_PATTERN {
        return None;
    }
    regex_syntax::ParserBuilder::new().nest_limit(64).build().parse(pattern).ok()
}

fn has_word_boundary(hir: &Hir) -> bool {
    hir.properties().look_set().contains_word()
}

/// A pattern without anchors and word boundaries. Each part is repeated at most `more` times more than necessary.
fn generable(hir: Hir, more: u32) -> Hir {
    match hir.into_kind() {
        HirKind::Look(_) | HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Class(class) => Hir::class(printable(class)),
        HirKind::Repetition(repetition) => {
            let most = repetition.min.saturating_add(more);
            let max = Some(repetition.max.map_or(most, |max| max.min(most)));
            Hir::repetition(Repetition { max, sub: Box::new(generable(*repetition.sub, more)), ..repetition })
        }
        HirKind::Capture(capture) => Hir::capture(Capture { sub: Box::new(generable(*capture.sub, more)), ..capture }),
        HirKind::Concat(parts) => Hir::concat(parts.into_iter().map(|part| generable(part, more)).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.into_iter().map(|part| generable(part, more)).collect()),
    }
}

/// The printable ASCII characters of a class, if it has any.
fn printable(class: Class) -> Class {
    match class {
        Class::Unicode(class) => {
            let mut readable = class.clone();
            readable.intersect(&ClassUnicode::new([ClassUnicodeRange::new('!', '~')]));
            Class::Unicode(if readable.ranges().is_empty() { class } else { readable })
        }
        bytes @ Class::Bytes(_) => bytes,
    }
}

/// A regular pattern in place of one with look-around and back references: look-around is removed, and a group that is
/// referred to is replaced by one text that matches it.
fn approximate(pattern: &str, random: &mut impl Rng) -> String {
    let mut pattern = pattern.to_owned();
    while let Some((start, end)) = groups(&pattern).into_iter().find(|(start, _)| is_look_around(&pattern[*start..])) {
        pattern.replace_range(start..end, "");
    }
    for number in 1..=9 {
        let reference = format!("\\{number}");
        if !pattern.contains(&reference) {
            continue;
        }
        let captures = groups(&pattern)
            .into_iter()
            .filter(|(start, _)| !pattern[*start..].starts_with("(?") || pattern[*start..].starts_with("(?<"));
        let Some((start, end)) = captures.clone().nth(number - 1) else { continue };
        let group = parse(&pattern[start..end]).map(|hir| generable(hir, 2));
        let Some(group) = group.and_then(|hir| rand_regex::Regex::with_hir(hir, 0).ok()) else { continue };
        let text = regex_syntax::escape(&random.sample::<String, _>(&group));
        pattern.replace_range(start..end, &format!("({text})"));
        pattern = pattern.replace(&reference, &text);
    }
    pattern
}

fn is_look_around(group: &str) -> bool {
    ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|start| group.starts_with(start))
}

/// The groups of a pattern in the order of their opening parentheses: byte ranges.
fn groups(pattern: &str) -> Vec<(usize, usize)> {
    let (mut found, mut open) = (Vec::new(), Vec::new());
    let (mut is_escaped, mut is_in_class) = (false, false);
    for (at, byte) in pattern.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'[' => is_in_class = true,
            b']' => is_in_class = false,
            b'(' if !is_in_class => {
                open.push(found.len());
                found.push((at, at));
            }
            b')' if !is_in_class => {
                if let Some(group) = open.pop() {
                    found[group].1 = at + 1;
                }
            }
            _ => {}
        }
    }
    found.retain(|(start, end)| end > start);
    found
}

#[cfg(test)]
mod tests {
    use super::{GENERATORS_COST, IRREGULAR_ATTEMPTS, Lengths, MAX_TEXTS, Patterns};
    use crate::openapi::random::stream;

    const ANY: Lengths = Lengths { least: 0, most: usize::MAX };

    #[test]
    fn texts_are_the_same_whether_a_pattern_was_used_before_or_not() {
        let texts = |patterns: &mut Patterns| {
            let mut random = stream(0, "");
            ["^[a-z]{8}$", "^\\d{4}-\\d{2}$", "^(?!x)(a|b)\\1$"]
                .map(|pattern| patterns.text((pattern, ANY), true, &mut random))
        };
        let mut patterns = Patterns::default();
        let first = texts(&mut patterns);
        assert!(first.iter().all(Option::is_some), "{first:?}");
        assert_eq!(texts(&mut patterns), first);
    }

    #[test]
    fn patterns_without_a_text_of_an_allowed_length_are_given_up() {
        let mut patterns = Patterns::default();
        let long = Lengths { least: 5, most: usize::MAX };
        for _ in 0..MAX_TEXTS {
            for pattern in ["^a{3}$", "^(?!b)[ab]{5}(?<=c)$"] {
                assert_eq!(patterns.text((pattern, long), true, &mut stream(0, "")), None);
            }
        }
        assert!(patterns.tried <= MAX_TEXTS + IRREGULAR_ATTEMPTS + GENERATORS_COST, "{}", patterns.tried);
        // Others have a budget of their own.
        assert!(Patterns::default().text(("^b{5}$", long), true, &mut stream(0, "")).is_some());
    }
}
