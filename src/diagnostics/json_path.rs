use serde_json_path::JsonPath;

/// How deep the filters of a path may be nested. The parser takes twice as long for each level.
const MAX_FILTER_DEPTH: usize = 8;

/// Parses a JSONPath (RFC 9535).
///
/// # Errors
/// A sentence, if it is invalid or its filters are nested too deep.
pub fn parse_json_path(text: &str) -> Result<JsonPath, String> {
    if filter_depth(text) > MAX_FILTER_DEPTH {
        return Err(format!("its filters are nested more than {MAX_FILTER_DEPTH} deep"));
    }
    JsonPath::parse(text).map_err(|error| error.to_string())
}

/// How deep filters are nested outside of quotes. Brackets of other selectors count as well if they are in a filter.
fn filter_depth(text: &str) -> usize {
    let (mut open, mut deepest, mut quote, mut is_escaped) = (0_usize, 0, None, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            _ if is_escaped => is_escaped = false,
            (Some(_), '\\') => is_escaped = true,
            (Some(end), _) if letter == end => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(letter),
            (None, '[') if open > 0 || is_filter(letters.clone()) => {
                open += 1;
                deepest = deepest.max(open);
            }
            (None, ']') => open = open.saturating_sub(1),
            (None, _) => {}
        }
    }
    deepest
}

/// Whether a bracket contains a filter, which may follow other selectors: `[?@.a]`, `[0, ?@.a]`.
fn is_filter(inside: impl Iterator<Item = char>) -> bool {
    inside.take_while(|letter| !matches!(letter, '[' | ']')).any(|letter| letter == '?')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_nested_at_most_eight_deep() {
        let nested = |depth: usize| format!("${}{}", "[?@.a".repeat(depth), "]".repeat(depth));
        assert!(parse_json_path(&nested(MAX_FILTER_DEPTH)).is_ok());
        assert!(parse_json_path(&nested(MAX_FILTER_DEPTH + 1)).is_err_and(|error| error.contains("more than 8 deep")));
        // Without an end, and with other selectors before the filter.
        assert!(parse_json_path(&format!("${}", "[?@.a".repeat(40))).is_err_and(|error| error.contains("more than 8")));
        assert!(
            parse_json_path(&format!("${}", "[0, ?@.a".repeat(40))).is_err_and(|error| error.contains("more than 8"))
        );
    }

    #[test]
    fn filters_beside_each_other_and_brackets_in_text_do_not_count() {
        assert!(parse_json_path(&format!("${}", "[?@.a]".repeat(30))).is_ok());
        assert!(parse_json_path(&format!("$[?@.a == '{}']", "[?".repeat(30))).is_ok());
        assert!(parse_json_path(&format!("${}", "[0]".repeat(30))).is_ok());
    }
}
