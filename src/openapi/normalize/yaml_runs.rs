//! Finds the paths of a large YAML contract in its text, so that they need not be parsed together with the rest.

use super::unread_paths::Run;

/// Shorter texts are parsed as a whole, bytes.
const MIN_BYTES: usize = 256 << 10;
/// The size of a run of paths that one thread parses, bytes.
const RUN_BYTES: usize = 16 << 10;

/// A text without its paths, and the paths.
pub(super) struct YamlParts<'t> {
    pub(super) rest: String,
    pub(super) runs: Vec<Run<'t>>,
}

/// A line of a text.
struct Line<'t> {
    start: usize,
    text: &'t str,
    /// The number of spaces at its beginning; `None` for an empty line or a comment.
    indent: Option<usize>,
}

/// Splits a text whose top is a mapping in block style with a mapping in block style under `paths`. `None` for any other form,
/// and if there may be aliases, which could lead out of the paths.
pub(super) fn split(text: &str) -> Option<YamlParts<'_>> {
    if text.len() < MIN_BYTES || text.lines().skip(1).any(is_marker) || may_have_aliases(text) {
        return None;
    }
    let mut lines = lines(text).enumerate();
    let is_paths = |line: &Line<'_>| {
        let after = line.text.strip_prefix("paths:").map(str::trim);
        after.is_some_and(|after| after.is_empty() || after.starts_with('#'))
    };
    let (_, head) = lines.find(|(_, line)| is_paths(line))?;
    let begin = head.start + head.text.len();
    let (mut runs, mut indent, mut run_start, mut run_line) = (Vec::new(), None, begin, 0);
    let mut end = text.len();
    for (number, line) in lines {
        let Some(own) = line.indent else { continue };
        if own == 0 {
            end = line.start;
            break;
        }
        let of_paths = *indent.get_or_insert(own);
        if own < of_paths || own == of_paths && line.text.trim_start().starts_with(['-', '?', '{', '[']) {
            return None;
        }
        if own == of_paths && (run_line == 0 || line.start - run_start >= RUN_BYTES) {
            if run_line > 0 {
                runs.push(Run { text: &text[run_start..line.start], line: run_line });
            }
            (run_start, run_line) = (line.start, number + 1);
        }
    }
    if run_line == 0 {
        return None;
    }
    runs.push(Run { text: &text[run_start..end], line: run_line });
    Some(YamlParts { rest: format!("{}paths: {{}}\n{}", &text[..head.start], &text[end..]), runs })
}

/// Whether a line begins or ends a document.
fn is_marker(line: &str) -> bool {
    line.starts_with("---") || line.starts_with("...")
}

/// Whether something looks like an alias, in a description too.
fn may_have_aliases(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'*', bytes).any(|at| {
        let before = at.checked_sub(1).map_or(b' ', |before| bytes[before]);
        let after = bytes.get(at + 1).copied().unwrap_or(b' ');
        matches!(before, b' ' | b'\n' | b'[' | b'{' | b',') && !matches!(after, b' ' | b'\n' | b'*' | b'\r')
    })
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |whole| {
        let line = whole.trim_end();
        let rest = line.trim_start_matches(' ');
        let indent = (!rest.is_empty() && !rest.starts_with('#')).then(|| line.len() - rest.len());
        let found = Line { start, text: line, indent };
        start += whole.len();
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A contract whose paths are that long, between what stands before and after them.
    fn text(before: &str, item: &str, after: &str) -> String {
        let items: String = (0..MIN_BYTES / 32).map(|number| format!("  /a{number}:\n{item}")).collect();
        format!("{before}paths:\n{items}{after}")
    }

    const ITEM: &str = "    get:\n      # why\n      summary: |\n        paths:\n          - a\n\n    # next\n";

    #[test]
    fn paths_in_block_style_are_split_where_a_path_begins() {
        let whole = text("openapi: 3.0.0\n", ITEM, "components:\n  schemas: {}\n");
        let parts = split(&whole).expect("parts");
        assert_eq!(parts.rest, "openapi: 3.0.0\npaths: {}\ncomponents:\n  schemas: {}\n");
        assert!(parts.runs.len() > 2);
        assert!(parts.runs.iter().all(|run| run.text.starts_with("  /a")), "each begins with a path");
        let joined: String = parts.runs.iter().map(|run| run.text).collect();
        assert_eq!(format!("openapi: 3.0.0\npaths:\n{joined}components:\n  schemas: {{}}\n"), whole);
        for run in &parts.runs {
            assert_eq!(whole.lines().nth(run.line - 1), run.text.lines().next());
        }
    }

    #[test]
    fn other_forms_are_not_split() {
        assert!(split("paths:\n  /a: {}\n").is_none(), "short");
        assert!(split(&text("openapi: 3.0.0\n", "    get: &a {}\n    put: *a\n", "")).is_none());
        assert!(split(&text("openapi: 3.0.0\n", ITEM, "---\nopenapi: 3.0.0\n")).is_none());
        assert!(split(&text("openapi: 3.0.0\n", ITEM, " odd: 1\n")).is_none());
        assert!(split(&text("", ITEM, "").replace("paths:\n  /a0", "paths: {}\nother:\n  /a0")).is_none());
    }
}
