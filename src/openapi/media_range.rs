//! Media types and ranges of contracts: `application/json`, `text/*`, `application/json; charset=utf-8`.

use std::collections::BTreeSet;

/// A media type without its parameters.
pub fn essence(kind: &str) -> &str {
    kind.split(';').next().unwrap_or_default().trim()
}

/// How closely a documented media type or range describes a content type: 4 with the same parameters, 3 without
/// parameters, 2 with others, 1 as `type/*`, 0 as `*/*`; `None` if it does not.
pub fn specificity(documented: &str, content_type: &str) -> Option<u8> {
    let (range, kind) = (essence(documented), essence(content_type));
    if range.eq_ignore_ascii_case(kind) {
        let parameters = parameters(documented);
        return Some(match parameters == self::parameters(content_type) {
            true => 4,
            false if parameters.is_empty() => 3,
            false => 2,
        });
    }
    let (range_type, range_subtype) = range.split_once('/')?;
    let (own_type, own_subtype) = kind.split_once('/')?;
    match range_subtype.strip_prefix('*') {
        Some("") if range_type == "*" => Some(0),
        // A suffix, as in `application/*+json`.
        Some(suffix) if range_type.eq_ignore_ascii_case(own_type) && ends_with(own_subtype, suffix) => Some(1),
        _ => None,
    }
}

fn ends_with(text: &str, end: &str) -> bool {
    let start = text.len().checked_sub(end.len());
    start.and_then(|start| text.get(start..)).is_some_and(|found| found.eq_ignore_ascii_case(end))
}

/// The parameters in lower case, without quotes.
fn parameters(kind: &str) -> BTreeSet<(String, String)> {
    let pairs = kind.split(';').skip(1).filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (clean(name), clean(value))).collect()
}

fn clean(text: &str) -> String {
    text.trim().trim_matches('"').to_ascii_lowercase()
}
