use std::borrow::Cow;

use serde_json::Value;
use smallvec::SmallVec;

use crate::request::plain_length;

/// The JSON of an answer, taken apart only where rules look; everything else stays the text that it is. To read a whole
/// answer and to write it again takes longer than to make it.
#[derive(Clone, Debug)]
pub enum Draft<'a> {
    /// Anything, as text.
    Text(Cow<'a, str>),
    /// An object, and the names that were looked for when it was taken apart: what is none of its members is not there.
    Object(Vec<Part<'a>>, Names<'a>),
    /// A list.
    List(Vec<Draft<'a>>),
}

/// A part of an object.
#[derive(Clone, Debug)]
pub enum Part<'a> {
    /// Members at which nobody has looked, as text, with the commas between them.
    Rest(&'a str),
    /// A member.
    Member(Cow<'a, str>, Draft<'a>),
}

/// FieldPaths on which rules look, from one place on.
type FieldPaths<'w> = SmallVec<[&'w [String]; 4]>;

/// Names that rules look for.
type Names<'w> = SmallVec<[&'w str; 2]>;

impl<'a> Draft<'a> {
    /// Takes a body apart along these ways (the steps of JSON pointers, of which `*` is every element of a list); `None`
    /// when it is no JSON. Other ways are still open, but each costs another look at the text.
    pub fn read(body: &'a str, field_paths: &[&'a [String]]) -> Option<Self> {
        let mut reader = Reader { text: body, at: 0 };
        let draft = reader.value(field_paths)?;
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
            Self::Object(parts, _) => {
                let length = |part: &Part<'_>| match part {
                    Part::Rest(text) => text.len() + 1,
                    Part::Member(name, value) => name.len() + value.length() + 4,
                };
                parts.iter().map(length).sum::<usize>() + 2
            }
            Self::List(list) => list.iter().map(|element| element.length() + 1).sum::<usize>() + 2,
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Object(parts, _) => {
                out.push('{');
                for (index, part) in parts.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    match part {
                        Part::Rest(text) => out.push_str(text),
                        Part::Member(name, value) => {
                            write_name(name, out);
                            out.push(':');
                            value.write(out);
                        }
                    }
                }
                out.push('}');
            }
            Self::List(list) => {
                out.push('[');
                for (index, element) in list.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    element.write(out);
                }
                out.push(']');
            }
        }
    }

    /// Makes an object or a list of a text that is one.
    fn open(&mut self) {
        let Self::Text(Cow::Borrowed(text)) = self else { return };
        let mut reader = Reader { text, at: 0 };
        let opened = match reader.peek() {
            Some(b'{') => reader.object(&[]),
            Some(b'[') => reader.list(&[]),
            _ => None,
        };
        if let Some(opened) = opened {
            *self = opened;
        }
    }

    /// The part of that name.
    pub fn get(&mut self, name: &str) -> Option<&mut Self> {
        self.open();
        let Self::Object(parts, known) = self else { return None };
        let is_it = |part: &Part<'_>| matches!(part, Part::Member(known, _) if known == name);
        let index = match parts.iter().position(is_it) {
            Some(index) => index,
            None if known.contains(&name) => return None,
            None => {
                let found = parts.iter().enumerate().find_map(|(index, part)| match part {
                    Part::Rest(text) => Some((index, Reader { text, at: 0 }.split(name)?)),
                    Part::Member(..) => None,
                });
                let (index, split) = found?;
                let member = split.iter().position(is_it)?;
                parts.splice(index..=index, split);
                index + member
            }
        };
        match &mut parts[index] {
            Part::Member(_, value) => Some(value),
            Part::Rest(_) => None,
        }
    }

    /// The part that a JSON pointer names.
    pub fn at(&mut self, field_path: &[String]) -> Option<&mut Self> {
        field_path.iter().try_fold(self, |draft, step| {
            draft.open();
            match (draft, step.parse::<usize>()) {
                (Self::List(list), Ok(index)) => list.get_mut(index),
                (draft @ Self::Object(..), Err(_)) => draft.get(step),
                _ => None,
            }
        })
    }

    /// The elements, if it is a list.
    pub fn elements(&mut self) -> &mut [Self] {
        self.open();
        match self {
            Self::List(list) => list,
            _ => &mut [],
        }
    }

    /// What it says, if it is a JSON string.
    pub fn said(&self) -> Option<String> {
        match self {
            Self::Text(text) => serde_json::from_str(text).ok(),
            _ => None,
        }
    }

    /// The members of an object; none, if it is none.
    fn into_members(mut self) -> Vec<(Cow<'a, str>, Self)> {
        self.open();
        let Self::Object(parts, _) = self else { return Vec::new() };
        let members = parts.into_iter().flat_map(|part| match part {
            Part::Rest(text) => Reader { text, at: 0 }.members().unwrap_or_default(),
            Part::Member(name, value) => vec![(name, value)],
        });
        members.collect()
    }

    fn is_object(&self) -> bool {
        match self {
            Self::Text(text) => text.starts_with('{'),
            Self::Object(..) => true,
            Self::List(_) => false,
        }
    }

    /// Puts a value into an object, making the objects on the way; says whether anything changed: nothing does where the
    /// same stands already.
    pub fn put(&mut self, field_path: &[String], value: Self) -> bool {
        match field_path {
            [] if self.is_object() && value.is_object() => {
                let mut changed = false;
                for (name, value) in value.into_members() {
                    if self.get(&name).is_none()
                        && let Self::Object(parts, _) = self
                    {
                        parts.push(Part::Member(name, value));
                        changed = true;
                    }
                }
                changed
            }
            [] => self.turn_into(value),
            [first, rest @ ..] => {
                self.open();
                match self {
                    Self::List(list) => {
                        let below = first.parse::<usize>().ok().and_then(|index| list.get_mut(index));
                        below.is_some_and(|below| below.put_or_turn_into(rest, value))
                    }
                    Self::Object(..) => self.put_below(first, rest, value),
                    Self::Text(_) => false,
                }
            }
        }
    }

    fn put_below(&mut self, name: &str, rest: &[String], value: Self) -> bool {
        if let Some(below) = self.get(name) {
            return below.put_or_turn_into(rest, value);
        }
        let mut made = if rest.is_empty() { Self::Text("null".into()) } else { Self::Object(Vec::new(), Names::new()) };
        let changed = made.put_or_turn_into(rest, value);
        if let Self::Object(parts, _) = self {
            parts.push(Part::Member(name.to_owned().into(), made));
        }
        changed
    }

    /// A whole object adds its names to an answer, but replaces what stands in one.
    fn put_or_turn_into(&mut self, rest: &[String], value: Self) -> bool {
        if rest.is_empty() { self.turn_into(value) } else { self.put(rest, value) }
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

fn write_name(name: &str, out: &mut String) {
    if plain_length(name.as_bytes()) == name.len() {
        out.push('"');
        out.push_str(name);
        out.push('"');
    } else {
        out.push_str(&Value::from(name).to_string());
    }
}

impl From<&Value> for Draft<'_> {
    fn from(value: &Value) -> Self {
        match value {
            Value::Object(map) => {
                let member = |(name, value): (&String, &Value)| Part::Member(name.clone().into(), Self::from(value));
                Self::Object(map.iter().map(member).collect(), Names::new())
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

    /// A value, taken apart where ways lead into it.
    fn value(&mut self, field_paths: &[&'a [String]]) -> Option<Draft<'a>> {
        let leads_on = field_paths.iter().any(|field_path| !field_path.is_empty());
        match self.peek()? {
            b'{' if leads_on => self.object(field_paths),
            b'[' if leads_on => self.list(field_paths),
            _ => self.skip().map(|text| Draft::Text(text.into())),
        }
    }

    fn object(&mut self, field_paths: &[&'a [String]]) -> Option<Draft<'a>> {
        self.take(b'{')?;
        let names: Names<'a> =
            field_paths.iter().filter_map(|field_path| field_path.first()).map(String::as_str).collect();
        let mut parts = Vec::new();
        let mut rest: Option<(usize, usize)> = None;
        let mut is_first = true;
        while self.peek()? != b'}' {
            if !is_first {
                self.take(b',')?;
                self.peek()?;
            }
            is_first = false;
            let start = self.at;
            let is_plain = self.pass_string()?;
            let end = self.at;
            self.take(b':')?;
            // Most names are none of those: to compare bytes costs less than to take the name for itself.
            let written = &self.text.as_bytes()[start + 1..end - 1];
            if is_plain && !names.iter().any(|name| name.as_bytes() == written) {
                self.pass()?;
                rest = Some((rest.map_or(start, |(start, _)| start), self.at));
                continue;
            }
            let name = name_of(self.text.get(start..end)?, is_plain)?;
            parts.extend(rest.take().and_then(|(start, end)| self.text.get(start..end)).map(Part::Rest));
            let below = below(field_paths, |step| *step == *name);
            parts.push(Part::Member(name, self.value(&below)?));
        }
        self.at += 1;
        parts.extend(rest.and_then(|(start, end)| self.text.get(start..end)).map(Part::Rest));
        Some(Draft::Object(parts, names))
    }

    fn list(&mut self, field_paths: &[&'a [String]]) -> Option<Draft<'a>> {
        self.take(b'[')?;
        let mut list = Vec::new();
        while self.peek()? != b']' {
            if !list.is_empty() {
                self.take(b',')?;
            }
            let index = list.len();
            list.push(self.value(&below(field_paths, |step| step == "*" || step.parse() == Ok(index)))?);
        }
        self.at += 1;
        Some(Draft::List(list))
    }

    /// The next of some members, with where it begins.
    fn member(&mut self) -> Option<(usize, Cow<'a, str>, &'a str)> {
        let _ = self.take(b',');
        self.peek()?;
        let start = self.at;
        let name = self.name()?;
        self.take(b':')?;
        Some((start, name, self.skip()?))
    }

    fn members(mut self) -> Option<Vec<(Cow<'a, str>, Draft<'a>)>> {
        let mut members = Vec::new();
        while self.peek().is_some() {
            let (_, name, value) = self.member()?;
            members.push((name, Draft::Text(value.into())));
        }
        Some(members)
    }

    /// Some members as those before the one of that name, that one, and those behind it; nothing, when there is none.
    fn split(mut self, name: &str) -> Option<SmallVec<[Part<'a>; 3]>> {
        loop {
            let (start, found, value) = self.member()?;
            if found == name {
                let rest = |text: &'a str| {
                    let text = text.trim_matches(|letter: char| letter == ',' || letter.is_ascii_whitespace());
                    (!text.is_empty()).then_some(Part::Rest(text))
                };
                let (before, after) = (rest(self.text.get(..start)?), rest(self.text.get(self.at..)?));
                let member = Part::Member(found, Draft::Text(value.into()));
                return Some(before.into_iter().chain([member]).chain(after).collect());
            }
        }
    }

    /// A value as text.
    fn skip(&mut self) -> Option<&'a str> {
        self.peek()?;
        let start = self.at;
        self.pass()?;
        self.text.get(start..self.at)
    }

    fn name(&mut self) -> Option<Cow<'a, str>> {
        let start = self.at;
        let is_plain = self.pass_string()?;
        name_of(self.text.get(start..self.at)?, is_plain)
    }

    /// Goes on behind a value.
    fn pass(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.pass_string().map(|_| ()),
            b'{' | b'[' => self.pass_whole(),
            _ => self.pass_word(),
        }
    }

    /// Goes on behind a string; says whether it is written as it is.
    fn pass_string(&mut self) -> Option<bool> {
        let bytes = self.text.as_bytes();
        if *bytes.get(self.at)? != b'"' {
            return None;
        }
        let (mut at, mut is_plain) = (self.at + 1, true);
        loop {
            at += plain_length(bytes.get(at..)?);
            match bytes.get(at)? {
                b'"' => break,
                b'\\' => at += 2,
                _ => return None,
            }
            is_plain = false;
        }
        self.at = at + 1;
        Some(is_plain)
    }

    /// Goes on behind an object or a list.
    fn pass_whole(&mut self) -> Option<()> {
        let mut depth = 0;
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            self.at += rest.iter().position(|byte| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']'))?;
            match self.text.as_bytes()[self.at] {
                b'"' => {
                    self.pass_string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                _ => depth -= 1,
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// Goes on behind a number, `true`, `false` or `null`.
    fn pass_word(&mut self) -> Option<()> {
        let rest = &self.text.as_bytes()[self.at..];
        let is_end = |byte: &u8| matches!(byte, b',' | b']' | b'}') || byte.is_ascii_whitespace();
        let word = &rest[..rest.iter().position(is_end).unwrap_or(rest.len())];
        self.at += word.len();
        match word {
            b"null" | b"true" | b"false" => Some(()),
            word => serde_json::from_slice::<serde::de::IgnoredAny>(word).ok().map(|_| ()),
        }
    }
}

/// A name as it is meant, of its text with quotes.
fn name_of(written: &str, is_plain: bool) -> Option<Cow<'_, str>> {
    match is_plain {
        true => Some(written[1..written.len() - 1].into()),
        false => serde_json::from_str(written).ok().map(Cow::Owned),
    }
}

/// The ways that lead on by a step, from there on.
fn below<'w>(field_paths: &[&'w [String]], is_it: impl Fn(&String) -> bool) -> FieldPaths<'w> {
    field_paths
        .iter()
        .filter_map(|field_path| field_path.split_first().filter(|(step, _)| is_it(step)).map(|(_, rest)| rest))
        .collect()
}
