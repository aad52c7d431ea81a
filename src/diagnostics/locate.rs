//! Positions of values in JSON and YAML texts. JSON is scanned without building a tree.

use super::{JsonScanner, SourceFile, Span, YamlNode, YamlValue};

/// Visits the values of a JSON text in order. `visit` gets the path and line of each value, and returns whether to enter
/// it. Invalid JSON ends the walk.
fn walk_json(text: &str, visit: &mut dyn FnMut(&[String], usize) -> bool) {
    let _ = walk(&mut JsonScanner::new(text), &mut Vec::new(), visit);
}

/// The lines of values by JSON pointer; of the nearest enclosing value if one does not exist.
pub fn lines_of(source: &SourceFile, pointers: &[&str]) -> Vec<usize> {
    let unescaped = |step: &str| step.replace("~1", "/").replace("~0", "~");
    let paths: Vec<Vec<String>> =
        pointers.iter().map(|pointer| pointer.split('/').skip(1).map(unescaped).collect()).collect();
    if !source.text.trim_start().starts_with(['{', '[']) {
        let tree = YamlNode::read_lenient(source).map(|(tree, _)| tree);
        return paths.iter().map(|path| tree.as_ref().map_or(1, |tree| position_of(tree, path).line)).collect();
    }
    let mut found = vec![1; paths.len()];
    walk_json(&source.text, &mut |at, line| {
        let mut enter = false;
        for (path, found) in paths.iter().zip(&mut found).filter(|(path, _)| path.starts_with(at)) {
            *found = line;
            enter |= path.len() > at.len();
        }
        enter
    });
    found
}

/// The position of a value in a tree, or of the nearest enclosing value.
pub fn position_of(tree: &YamlNode, steps: &[String]) -> Span {
    let Some((first, rest)) = steps.split_first() else { return tree.span };
    match &tree.node {
        YamlValue::Map(entries) => match entries.iter().find(|(key, _)| key.name == *first) {
            Some((key, _)) if rest.is_empty() => key.span,
            Some((_, below)) => position_of(below, rest),
            None => tree.span,
        },
        YamlValue::List(list) => first
            .parse()
            .ok()
            .and_then(|index: usize| list.get(index))
            .map_or(tree.span, |below| position_of(below, rest)),
        _ => tree.span,
    }
}

/// The limit of the JSON reader.
const MAX_DEPTH: usize = 256;

fn walk(
    scanner: &mut JsonScanner<'_>,
    path: &mut Vec<String>,
    visit: &mut dyn FnMut(&[String], usize) -> bool,
) -> Option<()> {
    scanner.peek()?;
    if path.len() > MAX_DEPTH || !visit(path, scanner.line()) {
        return scanner.skip();
    }
    scanner.members(&mut |scanner, name| {
        path.push(name.to_owned());
        walk(scanner, path, visit)?;
        path.pop();
        Some(())
    })
}

/// A name as a token of a JSON pointer (RFC 6901).
pub fn escape_pointer(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}
