//! Scans a JSON text without building a tree.

use std::borrow::Cow;

use memchr::memchr2;

/// A JSON text and a place in it. Methods return `None` where the text is not JSON; it is not checked completely.
pub struct JsonScanner<'t> {
    text: &'t [u8],
    /// Byte offset of the next character.
    offset: usize,
    /// Line of the next character, from 1.
    line: usize,
}

impl<'t> JsonScanner<'t> {
    /// The beginning of a text.
    pub fn new(text: &'t str) -> Self {
        Self { text: text.as_bytes(), offset: 0, line: 1 }
    }

    /// The whole text.
    pub fn text(&self) -> &'t [u8] {
        self.text
    }

    /// The offset of what comes next, bytes.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The line of what comes next, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Passes space; the first byte after it.
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.get(self.offset)? {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' => {}
                byte => return Some(*byte),
            }
            self.offset += 1;
        }
    }

    /// Passes an object or an array. `member` gets the name of each member, or the index of each element, and passes its
    /// value. Any other value has no members.
    pub fn members(&mut self, member: &mut dyn FnMut(&mut Self, &str) -> Option<()>) -> Option<()> {
        let is_object = match self.peek()? {
            b'{' => true,
            b'[' => false,
            _ => return self.skip(),
        };
        self.offset += 1;
        for index in 0_usize.. {
            while self.peek()? == b',' {
                self.offset += 1;
            }
            if matches!(self.peek()?, b'}' | b']') {
                self.offset += 1;
                break;
            }
            match is_object {
                true => {
                    let name = self.name()?;
                    (self.peek()? == b':').then(|| self.offset += 1)?;
                    self.peek()?;
                    member(self, &name)?;
                }
                false => member(self, &index.to_string())?,
            }
        }
        Some(())
    }

    /// Passes a value.
    pub fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => return self.skip_string(),
            b'{' | b'[' => {}
            _ => {
                let rest = &self.text[self.offset..];
                let is_end = |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
                let length = rest.iter().position(is_end).unwrap_or(rest.len());
                self.offset += length;
                return (length > 0).then_some(());
            }
        }
        let mut depth = 0_usize;
        loop {
            match self.text.get(self.offset)? {
                b'"' => {
                    self.skip_string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                b'\n' => self.line += 1,
                _ => {}
            }
            self.offset += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn skip_string(&mut self) -> Option<()> {
        self.offset += 1;
        loop {
            self.offset += memchr2(b'"', b'\\', self.text.get(self.offset..)?)?;
            match self.text[self.offset] {
                b'"' => break,
                _ => self.offset += 2,
            }
        }
        self.offset += 1;
        Some(())
    }

    /// Passes a string; its content.
    fn name(&mut self) -> Option<Cow<'t, str>> {
        let start = self.offset;
        (self.peek()? == b'"').then(|| self.skip_string())??;
        let quoted = &self.text[start..self.offset];
        match quoted.contains(&b'\\') {
            true => serde_json::from_slice(quoted).ok().map(Cow::Owned),
            false => std::str::from_utf8(&quoted[1..quoted.len() - 1]).ok().map(Cow::Borrowed),
        }
    }
}
