use std::borrow::Cow;

use serde_json::Value;

use crate::exchange::plain_length;

/// The JSON of an answer, taken apart only as deep as rules look; what lies deeper stays the text that it is. To read a
/// whole answer and to write it again takes longer than to make it.
#[derive(Clone, Debug)]
pub enum Draft<'a> {
    /// Anything, as text.
    Text(Cow<'a, str>),
    /// An object; the names that it borrows stand in the text as they are.
    Object(Vec<(Cow<'a, str>, Draft<'a>)>),
    /// A list.
    List(Vec<Draft<'a>>),
}

impl<'a> Draft<'a> {
    /// Takes a body apart, so many steps deep; `None` when it is no JSON.
    pub fn read(body: &'a str, depth: usize) -> Option<Self> {
        let mut reader = Reader { text: body, at: 0 };
        let draft = reader.value(depth)?;
        reader.peek().is_none().then_some(draft)
    }

    /// The JSON text.
    pub fn text(&self) -> String {
        let mut out = String::with_capacity(self.length());
        self.write(&mut out);
        out
    }

    /// How long the text is, about.
    fn length(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Object(members) => {
                members.iter().map(|(name, value)| name.len() + value.length() + 4).sum::<usize>() + 2
            }
            Self::List(list) => list.iter().map(|element| element.length() + 1).sum::<usize>() + 2,
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Object(members) => {
                out.push('{');
                for (place, (name, value)) in members.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    match name {
                        Cow::Owned(name) if plain_length(name.as_bytes()) < name.len() => {
                            out.push_str(&Value::from(name.as_str()).to_string());
                        }
                        name => {
                            out.push('"');
                            out.push_str(name);
                            out.push('"');
                        }
                    }
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
            Self::List(list) => {
                out.push('[');
                for (place, element) in list.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    element.write(out);
                }
                out.push(']');
            }
        }
    }

    /// The part of that name.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The part of that name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Self> {
        let Self::Object(members) = self else { return None };
        members.iter_mut().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The part that a JSON pointer names.
    pub fn at(&self, way: &[String]) -> Option<&Self> {
        way.iter().try_fold(self, |draft, step| match (draft, step.parse::<usize>()) {
            (Self::List(list), Ok(index)) => list.get(index),
            (Self::Object(_), Err(_)) => draft.get(step),
            _ => None,
        })
    }

    /// What it says, if it is a JSON string.
    pub fn said(&self) -> Option<String> {
        match self {
            Self::Text(text) => serde_json::from_str(text).ok(),
            _ => None,
        }
    }

    /// Puts a value into an object, making the objects on the way; says whether anything changed: nothing does where the
    /// same stands already.
    pub fn put(&mut self, way: &[String], value: Self) -> bool {
        match (way, self, value) {
            ([], Self::Object(members), Self::Object(more)) => {
                let before = members.len();
                for (name, value) in more {
                    if members.iter().all(|(known, _)| *known != name) {
                        members.push((name, value));
                    }
                }
                members.len() > before
            }
            ([], into, value) => into.turn_into(value),
            ([first, rest @ ..], into @ Self::Object(_), value) => {
                let Some(below) = into.get_mut(first) else {
                    let mut made = if rest.is_empty() { Self::Text("null".into()) } else { Self::Object(Vec::new()) };
                    let changed = if rest.is_empty() { made.turn_into(value) } else { made.put(rest, value) };
                    let Self::Object(members) = into else { return false };
                    members.push((first.clone().into(), made));
                    return changed;
                };
                // A whole object replaces what stands under a name.
                if rest.is_empty() { below.turn_into(value) } else { below.put(rest, value) }
            }
            ([first, rest @ ..], Self::List(list), value) => {
                let below = first.parse::<usize>().ok().and_then(|index| list.get_mut(index));
                below.is_some_and(|below| below.put(rest, value))
            }
            _ => false,
        }
    }

    fn turn_into(&mut self, value: Self) -> bool {
        if let (Self::Text(before), Self::Text(after)) = (&*self, &value)
            && !after.starts_with(['{', '['])
        {
            let changed = before != after;
            *self = value;
            return changed;
        }
        let (before, after) = (self.text(), value.text());
        *self = value;
        // The order of its names does not make another object of it.
        let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
        before != after && !(before.starts_with(['{', '[']) && parsed(&before) == parsed(&after))
    }
}

impl From<&Value> for Draft<'_> {
    fn from(value: &Value) -> Self {
        match value {
            Value::Object(map) => {
                Self::Object(map.iter().map(|(name, value)| (name.clone().into(), Self::from(value))).collect())
            }
            Value::Array(list) => Self::List(list.iter().map(Self::from).collect()),
            other => Self::Text(other.to_string().into()),
        }
    }
}

/// Reads a text that is JSON if its brackets and quotes are right: whoever wrote it wrote JSON or plain words.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.text.as_bytes().get(self.at)? {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        let is_there = self.peek() == Some(wanted);
        self.at += usize::from(is_there);
        is_there.then_some(())
    }

    fn value(&mut self, depth: usize) -> Option<Draft<'a>> {
        match self.peek()? {
            b'{' if depth > 0 => self
                .parts(b'}', |reader| {
                    let name = reader.name()?;
                    reader.take(b':')?;
                    Some((name, reader.value(depth - 1)?))
                })
                .map(Draft::Object),
            b'[' if depth > 0 => self.parts(b']', |reader| reader.value(depth - 1)).map(Draft::List),
            b'"' => self.string().map(|(text, _)| Draft::Text(text.into())),
            b'{' | b'[' => self.whole().map(|text| Draft::Text(text.into())),
            _ => self.word().map(|text| Draft::Text(text.into())),
        }
    }

    /// What stands between brackets, with commas.
    fn parts<T>(&mut self, end: u8, part: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.at += 1;
        // Most objects of answers have about so many.
        let mut parts = Vec::with_capacity(16);
        while self.peek()? != end {
            if !parts.is_empty() {
                self.take(b',')?;
            }
            parts.push(part(self)?);
        }
        self.at += 1;
        Some(parts)
    }

    fn name(&mut self) -> Option<Cow<'a, str>> {
        let (written, is_plain) = self.string()?;
        match is_plain {
            true => Some(written[1..written.len() - 1].into()),
            false => serde_json::from_str(written).ok().map(Cow::Owned),
        }
    }

    /// A string with its quotes, and whether it is written as it is.
    fn string(&mut self) -> Option<(&'a str, bool)> {
        self.take(b'"')?;
        let (start, mut is_plain) = (self.at - 1, true);
        loop {
            self.at += plain_length(self.text.as_bytes().get(self.at..)?);
            match self.text.as_bytes().get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => return None,
            }
            is_plain = false;
        }
        self.at += 1;
        Some((self.text.get(start..self.at)?, is_plain))
    }

    /// An object or a list, up to the bracket that ends it.
    fn whole(&mut self) -> Option<&'a str> {
        let (start, mut depth) = (self.at, 0);
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            self.at += rest.iter().position(|byte| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']'))?;
            match self.text.as_bytes()[self.at] {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                _ => depth -= 1,
            }
            self.at += 1;
            if depth == 0 {
                return self.text.get(start..self.at);
            }
        }
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Option<&'a str> {
        let rest = &self.text[self.at..];
        let end = rest.find(|letter: char| matches!(letter, ',' | ']' | '}') || letter.is_ascii_whitespace());
        let word = &rest[..end.unwrap_or(rest.len())];
        self.at += word.len();
        serde_json::from_str::<serde::de::IgnoredAny>(word).ok().map(|_| word)
    }
}
