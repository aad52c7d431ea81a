//! A text that matches a pattern.

use rand::Rng;
use rand::RngExt as _;
use serde_json::Value;

/// The longest text that is made for a pattern, in bytes.
const MAX_MATCH: usize = 4096;

/// A text that matches a pattern, if one is found that keeps the bounds of its length.
pub(super) fn matching(pattern: &str, schema: &Value, random: &mut impl Rng) -> Option<String> {
    if pattern.len() > 2_000 {
        return None;
    }
    let hir = regex_syntax::ParserBuilder::new().nest_limit(64).build().parse(pattern).ok()?;
    // Repetitions within repetitions grow beyond all bounds, unless each is repeated less often.
    let mut plain = [12, 2, 0].into_iter().map(|more| without_anchors(hir.clone(), more));
    let short = plain.find(|hir| hir.properties().maximum_len().is_some_and(|length| length <= MAX_MATCH))?;
    let regex = rand_regex::Regex::with_hir(short, 0).ok()?;
    let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
    for _ in 0..16 {
        let made: String = random.sample(&regex);
        let length = made.chars().count() as u64;
        if bound("minLength").is_none_or(|least| length >= least)
            && bound("maxLength").is_none_or(|most| length <= most)
        {
            return Some(made);
        }
    }
    None
}

/// A pattern without `^`, `$` and `\b`: a value made from it begins and ends there anyway. What may be repeated is
/// repeated only so many times more than it must.
fn without_anchors(hir: regex_syntax::hir::Hir, more: u32) -> regex_syntax::hir::Hir {
    use regex_syntax::hir::{Capture, Hir, HirKind, Repetition};
    match hir.into_kind() {
        HirKind::Look(_) | HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Class(class) => Hir::class(printable(class)),
        HirKind::Repetition(repetition) => {
            let most = repetition.min.saturating_add(more);
            let max = Some(repetition.max.map_or(most, |max| max.min(most)));
            Hir::repetition(Repetition { max, sub: Box::new(without_anchors(*repetition.sub, more)), ..repetition })
        }
        HirKind::Capture(capture) => {
            Hir::capture(Capture { sub: Box::new(without_anchors(*capture.sub, more)), ..capture })
        }
        HirKind::Concat(parts) => Hir::concat(parts.into_iter().map(|part| without_anchors(part, more)).collect()),
        HirKind::Alternation(parts) => {
            Hir::alternation(parts.into_iter().map(|part| without_anchors(part, more)).collect())
        }
    }
}

/// Of a class of characters those that people can read, where there are any.
fn printable(class: regex_syntax::hir::Class) -> regex_syntax::hir::Class {
    use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange};
    match class {
        Class::Unicode(class) => {
            let mut readable = class.clone();
            readable.intersect(&ClassUnicode::new([ClassUnicodeRange::new('!', '~')]));
            Class::Unicode(if readable.ranges().is_empty() { class } else { readable })
        }
        bytes @ Class::Bytes(_) => bytes,
    }
}
