use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use serde_saphyr::{Location, Spanned};

use super::{Complaint, Complaints, Mistakes, Place, Text, nearest};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// Where the value begins.
    pub place: Place,
    /// The value.
    pub node: Node,
}

/// What a [`Tree`] can be.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`, in no other spelling.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text, quoted or plain.
    Text(String),
    /// A sequence.
    List(Vec<Tree>),
    /// A mapping, in the order of the file.
    Map(Vec<(Key, Tree)>),
}

/// A key of a mapping and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The key.
    pub name: String,
    /// Where it stands.
    pub place: Place,
}

/// Bounds for files that people write, far above any real one: they stop alias bombs, not users.
const MAX_NODES: usize = 2_000_000;
const MAX_ALIASES: usize = 1_000;
const MAX_DEPTH: usize = 100;

impl Tree {
    /// Reads a YAML or JSON text.
    ///
    /// # Errors
    /// When the text is no YAML, names a key twice, or is larger than any file people write.
    pub fn read(source: &Text) -> Result<Self, Complaints> {
        Self::read_at(source, &source.text, 1)
    }

    /// Reads YAML that is a part of a text, beginning at that line, so that places are those of the text.
    ///
    /// # Errors
    /// As [`Tree::read`].
    pub fn read_at(source: &Text, part: &str, first_line: usize) -> Result<Self, Complaints> {
        // Blank lines before the part give every value the line that it has in the whole text.
        let padded = format!("{}{part}", "\n".repeat(first_line.saturating_sub(1)));
        let options = serde_saphyr::options! {
            strict_booleans: true,
            with_snippet: false,
            budget: serde_saphyr::budget! {
                max_nodes: MAX_NODES,
                max_aliases: MAX_ALIASES,
                max_depth: MAX_DEPTH,
                max_total_scalar_bytes: 64 << 20,
            },
        };
        match serde_saphyr::from_str_with_options::<Spanned<Bare>>(&padded, options) {
            Ok(spanned) => Ok(spanned.into()),
            Err(error) => {
                let place = error.location().map_or(Place { line: first_line, column: 1 }, place_of);
                let message = error.without_snippet().to_string();
                // What the reader adds for programmers is left out.
                let end = [" at line ", ", set DuplicateKeyPolicy"].iter().filter_map(|tail| message.find(tail)).min();
                let message = message[..end.unwrap_or(message.len())].to_owned();
                Err(Complaints::new(&source.name, &source.text, vec![Complaint::new(place, message)]))
            }
        }
    }

    /// The entries of a mapping; `what` names it in complaints.
    ///
    /// # Errors
    /// When the value is no mapping.
    pub fn entries<'t>(&'t self, what: &'t str) -> Result<Entries<'t>, Complaint> {
        match &self.node {
            Node::Map(entries) => {
                Ok(Entries { place: self.place, what, left: entries.iter().map(Some).collect(), asked: Vec::new() })
            }
            _ => Err(self.wrong(&format!("{what} as a mapping (`name: value`)"))),
        }
    }

    /// The elements of a sequence.
    ///
    /// # Errors
    /// When the value is no sequence.
    pub fn list(&self) -> Result<&[Tree], Complaint> {
        match &self.node {
            Node::List(list) => Ok(list),
            _ => Err(self.wrong("a list")),
        }
    }

    /// The value as text.
    ///
    /// # Errors
    /// When it is anything else; a number or a truth value wants quotes.
    pub fn text(&self) -> Result<&str, Complaint> {
        match &self.node {
            Node::Text(text) => Ok(text),
            Node::Number(number) => Err(self.wrong("text").help(format!("write '{number}' in quotes"))),
            Node::Bool(truth) => Err(self.wrong("text").help(format!("write '{truth}' in quotes"))),
            _ => Err(self.wrong("text")),
        }
    }

    /// One text, or a list of texts.
    ///
    /// # Errors
    /// When it is neither.
    pub fn texts(&self) -> Result<Vec<&str>, Complaint> {
        match &self.node {
            Node::List(list) => list.iter().map(Tree::text).collect(),
            _ => Ok(vec![self.text()?]),
        }
    }

    /// The value as `true` or `false`.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn truth(&self) -> Result<bool, Complaint> {
        match &self.node {
            Node::Bool(truth) => Ok(*truth),
            _ => Err(self.wrong("true or false")),
        }
    }

    /// The value as a whole number that is not negative.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn count(&self) -> Result<u64, Complaint> {
        match &self.node {
            Node::Number(number) => number.as_u64().ok_or_else(|| self.wrong("a whole number")),
            _ => Err(self.wrong("a whole number")),
        }
    }

    /// The complaint that something else was wanted here.
    pub fn wrong(&self, wanted: &str) -> Complaint {
        Complaint::new(self.place, format!("expected {wanted}, found {}", self.node.name()))
    }

    /// The value as JSON, without places.
    pub fn to_json(&self) -> Value {
        match &self.node {
            Node::Null => Value::Null,
            Node::Bool(truth) => Value::Bool(*truth),
            Node::Number(number) => Value::Number(number.clone()),
            Node::Text(text) => Value::String(text.clone()),
            Node::List(list) => Value::Array(list.iter().map(Tree::to_json).collect()),
            Node::Map(entries) => {
                Value::Object(entries.iter().map(|(key, value)| (key.name.clone(), value.to_json())).collect())
            }
        }
    }
}

impl Node {
    fn name(&self) -> String {
        match self {
            Node::Null => "nothing".into(),
            Node::Bool(truth) => format!("`{truth}`"),
            Node::Number(number) => format!("the number `{number}`"),
            Node::Text(text) => format!("the text `{}`", text.chars().take(40).collect::<String>()),
            Node::List(_) => "a list".into(),
            Node::Map(_) => "a mapping".into(),
        }
    }
}

/// The entries of a mapping while it is read: what is asked for is known, what is left over is a mistake.
pub struct Entries<'t> {
    /// Where the mapping begins.
    pub place: Place,
    what: &'t str,
    left: Vec<Option<&'t (Key, Tree)>>,
    asked: Vec<&'t str>,
}

impl<'t> Entries<'t> {
    /// The value of that name, if it is there and not `null`.
    pub fn take(&mut self, name: &'t str) -> Option<&'t Tree> {
        self.asked.push(name);
        let slot = self.left.iter_mut().find(|slot| slot.is_some_and(|(key, _)| key.name == name))?;
        slot.take().map(|(_, value)| value).filter(|value| value.node != Node::Null)
    }

    /// The value of that name.
    ///
    /// # Errors
    /// When it is not there.
    pub fn need(&mut self, name: &'t str) -> Result<&'t Tree, Complaint> {
        if let Some(value) = self.take(name) {
            return Ok(value);
        }
        // A name that is nearly this one is more likely mistyped than this one forgotten. It is told once.
        let near = nearest(name, self.left.iter().flatten().map(|(key, _)| key.name.as_str()));
        let meant =
            near.and_then(|near| self.left.iter_mut().find(|slot| slot.is_some_and(|(key, _)| key.name == near)));
        Err(match meant.and_then(Option::take) {
            Some((key, _)) => Complaint::unknown(key.place, &format!("entry of {}", self.what), &key.name, &[name]),
            None => Complaint::missing(self.place, self.what, name),
        })
    }

    /// The entries that nobody asked for yet, for mappings whose keys are names of the user's own.
    pub fn rest(&mut self) -> Vec<&'t (Key, Tree)> {
        self.left.iter_mut().filter_map(Option::take).collect()
    }

    /// Says that everything was asked for.
    ///
    /// # Errors
    /// When an entry is left over: it is unknown, and the nearest of the known names is the advice.
    pub fn finish(self) -> Result<(), Complaint> {
        self.strange().next().map_or(Ok(()), Err)
    }

    /// Says that everything was asked for, and notes each entry that is left over.
    pub fn finish_with(self, wrong: &mut Mistakes) {
        for complaint in self.strange() {
            wrong.add(complaint);
        }
    }

    fn strange(self) -> impl Iterator<Item = Complaint> {
        let Self { what, left, asked, .. } = self;
        let unknown = move |key: &Key| Complaint::unknown(key.place, &format!("entry of {what}"), &key.name, &asked);
        left.into_iter().flatten().map(move |(key, _)| unknown(key))
    }
}

fn place_of(location: Location) -> Place {
    Place { line: location.line() as usize, column: location.column() as usize }
}

/// What the YAML reader fills; a [`Tree`] without the outermost place.
enum Bare {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Spanned<Bare>>),
    Map(Vec<(Spanned<String>, Spanned<Bare>)>),
}

impl From<Spanned<Bare>> for Tree {
    fn from(spanned: Spanned<Bare>) -> Self {
        let node = match spanned.value {
            Bare::Null => Node::Null,
            Bare::Bool(truth) => Node::Bool(truth),
            Bare::Number(number) => Node::Number(number),
            Bare::Text(text) => Node::Text(text),
            Bare::List(list) => Node::List(list.into_iter().map(Tree::from).collect()),
            Bare::Map(entries) => Node::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| (Key { place: place_of(key.referenced), name: key.value }, value.into()))
                    .collect(),
            ),
        };
        Tree { place: place_of(spanned.referenced), node }
    }
}

impl<'de> Deserialize<'de> for Bare {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BareVisitor)
    }
}

struct BareVisitor;

impl<'de> Visitor<'de> for BareVisitor {
    type Value = Bare;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Bare, E> {
        Ok(Bare::Null)
    }

    fn visit_none<E>(self) -> Result<Bare, E> {
        Ok(Bare::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Bare, E> {
        Ok(Bare::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Bare, E> {
        Ok(Bare::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Bare, E> {
        Ok(Bare::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Bare, E> {
        Ok(Number::from_f64(number).map_or_else(|| Bare::Text(number.to_string()), Bare::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Bare, E> {
        Ok(Bare::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Bare, E> {
        Ok(Bare::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Bare, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element()? {
            list.push(element);
        }
        Ok(Bare::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Bare, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Bare::Map(entries))
    }
}
