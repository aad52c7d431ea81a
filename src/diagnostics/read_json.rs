//! Reads JSON text into [`YamlNode`]s. It is faster than the YAML reader and has no limit on the number of values, because a
//! JSON text cannot hold more values than characters.

use serde_json::Number;

use super::{Key, Span, YamlNode, YamlValue};

/// The maximum depth, as for YAML.
const MAX_DEPTH: usize = 100;

/// Reads a JSON text; `None` if it is not JSON, repeats a key in an object or is nested too deeply. The YAML reader says what
/// is wrong with such a text.
pub(super) fn read(text: &str) -> Option<YamlNode> {
    let mut reader = Reader { text, at: 0, span: Span { line: 1, column: 1 } };
    let node = reader.value(0)?;
    reader.skip_space();
    (reader.at == text.len()).then_some(node)
}

struct Reader<'t> {
    text: &'t str,
    /// Byte offset of the next character.
    at: usize,
    /// Position of the next character.
    span: Span,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes one byte. Continuation bytes of UTF-8 belong to the column of their first byte.
    fn pass(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b'\n' => self.span = Span { line: self.span.line + 1, column: 1 },
            0x80..0xC0 => {}
            _ => self.span.column += 1,
        }
        Some(byte)
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.pass();
        }
    }

    fn expect(&mut self, wanted: u8) -> Option<()> {
        self.skip_space();
        (self.pass()? == wanted).then_some(())
    }

    /// Passes a byte if it is the next one after spaces.
    fn has(&mut self, wanted: u8) -> bool {
        self.skip_space();
        let found = self.peek() == Some(wanted);
        if found {
            self.pass();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Option<YamlNode> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.skip_space();
        let span = self.span;
        let mut plain = None;
        let node = match self.peek()? {
            b'{' => YamlValue::Map(self.object(depth)?),
            b'[' => YamlValue::List(self.array(depth)?),
            b'"' => YamlValue::Text(self.string()?),
            b'-' | b'0'..=b'9' => {
                let text = self.word();
                let number: Number = text.parse().ok()?;
                plain = (number.to_string() != text).then(|| text.into());
                YamlValue::Number(number)
            }
            _ => match self.word() {
                "null" => YamlValue::Null,
                "true" => YamlValue::Bool(true),
                "false" => YamlValue::Bool(false),
                _ => return None,
            },
        };
        Some(YamlNode { span, node, plain })
    }

    fn object(&mut self, depth: usize) -> Option<Vec<(Key, YamlNode)>> {
        self.expect(b'{')?;
        let mut entries: Vec<(Key, YamlNode)> = Vec::new();
        if self.has(b'}') {
            return Some(entries);
        }
        loop {
            self.skip_space();
            let span = self.span;
            let name = self.string()?;
            self.expect(b':')?;
            let value = self.value(depth + 1)?;
            entries.push((Key { name, span }, value));
            if self.has(b'}') {
                return has_unique_keys(&entries).then_some(entries);
            }
            self.expect(b',')?;
        }
    }

    fn array(&mut self, depth: usize) -> Option<Vec<YamlNode>> {
        self.expect(b'[')?;
        let mut list = Vec::new();
        if self.has(b']') {
            return Some(list);
        }
        loop {
            list.push(self.value(depth + 1)?);
            if self.has(b']') {
                return Some(list);
            }
            self.expect(b',')?;
        }
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        self.expect(b'"')?;
        let mut has_escape = false;
        loop {
            match self.pass()? {
                b'"' => break,
                b'\\' => {
                    has_escape = true;
                    self.pass()?;
                }
                0..0x20 => return None,
                _ => {}
            }
        }
        let quoted = &self.text[start..self.at];
        match has_escape {
            true => serde_json::from_str(quoted).ok(),
            false => Some(quoted[1..quoted.len() - 1].to_owned()),
        }
    }

    /// A number or a name.
    fn word(&mut self) -> &'t str {
        let start = self.at;
        while let Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.') = self.peek() {
            self.pass();
        }
        &self.text[start..self.at]
    }
}

fn has_unique_keys(entries: &[(Key, YamlNode)]) -> bool {
    if entries.len() < 16 {
        return entries
            .iter()
            .enumerate()
            .all(|(index, (key, _))| entries[..index].iter().all(|(before, _)| before.name != key.name));
    }
    let names: std::collections::HashSet<&str> = entries.iter().map(|(key, _)| key.name.as_str()).collect();
    names.len() == entries.len()
}
