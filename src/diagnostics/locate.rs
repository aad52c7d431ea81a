//! Where in a JSON text a value stands, without keeping the text's tree.

use super::{SourceFile, Span, YamlNode, YamlValue};

/// Walks over the values of a JSON text in order. `visit` gets the way to each value and its line, and says whether to
/// go into it. A text that is no JSON ends the walk.
pub fn walk_json(text: &str, visit: &mut dyn FnMut(&[String], usize) -> bool) {
    let mut walker = Walker { rest: text.as_bytes(), line: 1 };
    let mut way = Vec::new();
    let _ = walker.value(&mut way, visit, true);
}

/// The lines of values, by their JSON pointers; that of the nearest value around one that is not there.
pub fn lines_of(source: &SourceFile, pointers: &[&str]) -> Vec<usize> {
    let unescaped = |step: &str| step.replace("~1", "/").replace("~0", "~");
    let ways: Vec<Vec<String>> =
        pointers.iter().map(|pointer| pointer.split('/').skip(1).map(unescaped).collect()).collect();
    if !source.text.trim_start().starts_with(['{', '[']) {
        let tree = YamlNode::read(source);
        return ways.iter().map(|way| tree.as_ref().map_or(1, |tree| place_in(tree, way).line)).collect();
    }
    let mut found = vec![1; ways.len()];
    walk_json(&source.text, &mut |at, line| {
        let mut apply_transition = false;
        for (way, found) in ways.iter().zip(&mut found).filter(|(way, _)| way.starts_with(at)) {
            *found = line;
            apply_transition |= way.len() > at.len();
        }
        apply_transition
    });
    found
}

/// The place of a value in a tree, or of the nearest value around it.
pub fn place_in(tree: &YamlNode, steps: &[String]) -> Span {
    let Some((first, rest)) = steps.split_first() else { return tree.span };
    match &tree.node {
        YamlValue::Map(entries) => match entries.iter().find(|(key, _)| key.name == *first) {
            Some((key, _)) if rest.is_empty() => key.span,
            Some((_, below)) => place_in(below, rest),
            None => tree.span,
        },
        YamlValue::List(list) => {
            first.parse().ok().and_then(|index: usize| list.get(index)).map_or(tree.span, |below| place_in(below, rest))
        }
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

    /// The text between quotes as it is written.
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
        way: &mut Vec<String>,
        visit: &mut dyn FnMut(&[String], usize) -> bool,
        visited: bool,
    ) -> Option<()> {
        // As deep as the reader of contracts goes; a deeper text was refused by it.
        if way.len() > 256 {
            return None;
        }
        let first = self.space()?;
        let enter = visited && visit(way, self.line);
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
                            way.push(name);
                            self.value(way, visit, enter)?;
                            way.pop();
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
