//! Names of fields and collections: case conversion, singular and plural, names of ids.

/// A name in snake case: `createdAt` becomes `created_at`.
///
/// Leading underscores and runs of capitals stay together (`_id`, `SKUCode` becomes `skucode`), which crates for case
/// conversion do not do; ids are recognized by both.
pub fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before = '_';
    for letter in name.chars() {
        if letter.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit()) {
            out.push('_');
        }
        out.extend(if letter == '-' || letter == ' ' || letter == '.' { '_' } else { letter }.to_lowercase());
        before = letter;
    }
    out
}

/// Names of ids that say nothing about the kind of the record, in snake case, the usual ones first.
pub(super) const PLAIN_IDS: [&str; 6] = ["uid", "id", "sid", "uuid", "guid", "_id"];

/// Whether a name in any style is that of an id, and says nothing about the kind of the record.
pub fn is_plain_id(name: &str) -> bool {
    PLAIN_IDS.contains(&snake(name).as_str())
}

/// Whether a name in any style is that of the id of a kind of record: `id`, `orderId`.
pub fn is_own_id(name: &str, kind: &str) -> bool {
    let end = |name: &str| name.strip_prefix(kind).and_then(|end| end.strip_prefix('_')).map(is_plain_id);
    is_plain_id(name) || end(&snake(name)) == Some(true)
}

/// Whether a name in snake case is the name of an id.
pub fn is_id(name: &str) -> bool {
    PLAIN_IDS.contains(&name) || ["_id", "_uid", "_uuid", "_sid"].iter().any(|end| name.ends_with(end))
}

/// The singular of a word: `categories` becomes `category`.
pub fn singular(word: &str) -> String {
    let replace =
        |end: &str, new: &str| word.strip_suffix(end).filter(|stem| stem.len() > 1).map(|stem| format!("{stem}{new}"));
    if ["ss", "us", "is", "news"].iter().any(|end| word.ends_with(end)) {
        return word.to_owned();
    }
    let endings = [
        ("ies", "y"),
        ("sses", "ss"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("xes", "x"),
        // `statuses`, `bonuses`, `campuses`; but not `houses` and `causes`.
        ("tuses", "tus"),
        ("nuses", "nus"),
        ("puses", "pus"),
        ("iases", "ias"),
        ("s", ""),
    ];
    endings.iter().find_map(|(end, new)| replace(end, new)).unwrap_or_else(|| word.to_owned())
}

/// Whether a name is a plural.
pub(super) fn is_plural(name: &str) -> bool {
    let word = snake(name);
    singular(&word) != word || matches!(word.rsplit('_').next(), Some("staff" | "people" | "children" | "media"))
}
