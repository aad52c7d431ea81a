//! Texts that match a regular expression.
//!
//! Look-around and back references are not regular: the text is generated from the rest of the pattern, and the caller
//! validates it.

use rand::Rng;
use rand::RngExt as _;
use regex_syntax::hir::{Capture, Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition};

use super::text::Lengths;

/// Maximum length of a generated text, in bytes.
const MAX_TEXT: usize = 4096;
/// Maximum length of a pattern, in bytes.
const MAX_PATTERN: usize = 2_000;

/// Whether a pattern is regular, so that generated texts need no validation.
pub(super) fn is_regular(pattern: &str) -> bool {
    parse(pattern).is_some_and(|hir| !has_word_boundary(&hir))
}

/// Texts that match a pattern and have an allowed length, at most `attempts`.
pub(super) fn samples(
    pattern: &str,
    lengths: Lengths,
    attempts: usize,
    random: &mut impl Rng,
) -> impl Iterator<Item = String> {
    let generators = generators(pattern, lengths, random);
    let mut texts = (0..attempts).filter_map(move |attempt| {
        // Most attempts use the preferred generator, the others each of the further ones.
        let generator = generators.get((attempt / 16) % generators.len().max(1))?;
        Some(random.sample::<String, _>(generator)).filter(|text| lengths.allows(text))
    });
    std::iter::from_fn(move || texts.next())
}

/// Generators of a pattern that differ in how often unbounded parts are repeated.
fn generators(pattern: &str, lengths: Lengths, random: &mut impl Rng) -> Vec<rand_regex::Regex> {
    if pattern.len() > MAX_PATTERN {
        return Vec::new();
    }
    let Some(hir) = parse(pattern).or_else(|| parse(&approximate(pattern, random))) else { return Vec::new() };
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
