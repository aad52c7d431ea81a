//! Positions of values in JSON and YAML texts. JSON is scanned without building a tree.

use super::{SourceFile, Span, YamlNode, YamlValue};

/// Visits the values of a JSON text in order. `visit` gets the path and line of each value, and returns whether to enter
/// it. Invalid JSON ends the walk.
pub fn walk_json(text: &str, visit: &mut dyn FnMut(&[String], usize) -> bool) {
    let mut walker = Walker { rest: text.as_bytes(), line: 1 };
    let mut path = Vec::new();
    let _ = walker.value(&mut path, visit, true);
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

struct Walker<'t> {
    rest: &'t [u8],
    line: usize,
}

impl Walker<'_> {
    fn space(&mut self) -> Option<u8> {
        while let [byte, rest @ ..] = self.rest {
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' => {}
                _ => return Some(*byte),
            }
            self.rest = rest;
        }
        None
    }

    fn expect(&mut self, wanted: u8) -> Option<()> {
        (self.space()? == wanted).then(|| self.rest = &self.rest[1..])
    }

    /// A string, unescaped.
    fn string(&mut self) -> Option<String> {
        self.expect(b'"')?;
        let mut length = 0;
        loop {
            match self.rest.get(length)? {
                b'"' => break,
                b'\\' => length += 2,
                _ => length += 1,
            }
        }
        let raw = self.rest.get(..length)?;
        self.rest = &self.rest[length + 1..];
        if raw.contains(&b'\\') {
            let quoted = [b"\"", raw, b"\""].concat();
            return serde_json::from_slice(&quoted).ok();
        }
        String::from_utf8(raw.to_vec()).ok()
    }

    fn value(
        &mut self,
        path: &mut Vec<String>,
        visit: &mut dyn FnMut(&[String], usize) -> bool,
        visited: bool,
    ) -> Option<()> {
        // The limit of the JSON reader.
        if path.len() > 256 {
            return None;
        }
        let first = self.space()?;
        let enter = visited && visit(path, self.line);
        match first {
            b'{' | b'[' => {
                let close = if first == b'{' { b'}' } else { b']' };
                self.rest = &self.rest[1..];
                let mut index = 0;
                loop {
                    match self.space()? {
                        byte if byte == close => break,
                        b',' => self.rest = &self.rest[1..],
                        _ => {
                            let name = if first == b'{' {
                                let name = self.string()?;
                                self.expect(b':')?;
                                name
                            } else {
                                index += 1;
                                (index - 1).to_string()
                            };
                            path.push(name);
                            self.value(path, visit, enter)?;
                            path.pop();
                        }
                    }
                }
                self.rest = &self.rest[1..];
            }
            b'"' => {
                self.string()?;
            }
            _ => {
                let end =
                    self.rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace());
                let end = end.unwrap_or(self.rest.len());
                if end == 0 {
                    return None;
                }
                self.rest = &self.rest[end..];
            }
        }
        Some(())
    }
}

/// A name as a token of a JSON pointer (RFC 6901).
pub fn escape_pointer(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}
