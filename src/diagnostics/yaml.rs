use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use serde_saphyr::{Location, Spanned};

use super::{Collector, Diagnostic, Diagnostics, SourceFile, Span, nearest};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct YamlNode {
    /// Where the value begins.
    pub span: Span,
    /// The value.
    pub node: YamlValue,
}

/// What a [`YamlNode`] can be.
#[derive(Clone, Debug, PartialEq)]
pub enum YamlValue {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`, in no other spelling.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text, quoted or plain.
    Text(String),
    /// A sequence.
    List(Vec<YamlNode>),
    /// A mapping, in the order of the file.
    Map(Vec<(Key, YamlNode)>),
}

/// A key of a mapping and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The key.
    pub name: String,
    /// Where it stands.
    pub span: Span,
}

/// Bounds for files that people write, far above any real one: they stop alias bombs, not users.
const MAX_NODES: usize = 2_000_000;
const MAX_ALIASES: usize = 1_000;
const MAX_DEPTH: usize = 100;

impl YamlNode {
    /// Reads a YAML or JSON text.
    ///
    /// # Errors
    /// When the text is no YAML, names a key twice, or is larger than any file people write.
    pub fn read(source: &SourceFile) -> Result<Self, Diagnostics> {
        Self::read_at(source, &source.text, 1)
    }

    /// Reads YAML that is a part of a text, beginning at that line, so that places are those of the text.
    ///
    /// # Errors
    /// As [`YamlNode::read`].
    pub fn read_at(source: &SourceFile, part: &str, first_line: usize) -> Result<Self, Diagnostics> {
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
                let span = error.location().map_or(Span { line: first_line, column: 1 }, span_of_location);
                let message = error.without_snippet().to_string();
                // What the reader adds for programmers is left out.
                let end = [" at line ", ", set DuplicateKeyPolicy"].iter().filter_map(|tail| message.find(tail)).min();
                let message = message[..end.unwrap_or(message.len())].to_owned();
                Err(Diagnostics::new(&source.name, &source.text, vec![Diagnostic::new(span, message)]))
            }
        }
    }

    /// The entries of a mapping; `what` names it in complaints.
    ///
    /// # Errors
    /// When the value is no mapping.
    pub fn entries<'t>(&'t self, what: &'t str) -> Result<YamlMap<'t>, Diagnostic> {
        match &self.node {
            YamlValue::Map(entries) => {
                Ok(YamlMap { span: self.span, what, left: entries.iter().map(Some).collect(), asked: Vec::new() })
            }
            _ => Err(self.expected(&format!("{what} as a mapping (`name: value`)"))),
        }
    }

    /// The elements of a sequence.
    ///
    /// # Errors
    /// When the value is no sequence.
    pub fn list(&self) -> Result<&[YamlNode], Diagnostic> {
        match &self.node {
            YamlValue::List(list) => Ok(list),
            _ => Err(self.expected("a list")),
        }
    }

    /// The value as text.
    ///
    /// # Errors
    /// When it is anything else; a number or a truth value wants quotes.
    pub fn text(&self) -> Result<&str, Diagnostic> {
        match &self.node {
            YamlValue::Text(text) => Ok(text),
            YamlValue::Number(number) => Err(self.expected("text").help(format!("write '{number}' in quotes"))),
            YamlValue::Bool(truth) => Err(self.expected("text").help(format!("write '{truth}' in quotes"))),
            _ => Err(self.expected("text")),
        }
    }

    /// One text, or a list of texts.
    ///
    /// # Errors
    /// When it is neither.
    pub fn texts(&self) -> Result<Vec<&str>, Diagnostic> {
        match &self.node {
            YamlValue::List(list) => list.iter().map(YamlNode::text).collect(),
            _ => Ok(vec![self.text()?]),
        }
    }

    /// The value as `true` or `false`.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn boolean(&self) -> Result<bool, Diagnostic> {
        match &self.node {
            YamlValue::Bool(truth) => Ok(*truth),
            _ => Err(self.expected("true or false")),
        }
    }

    /// The value as a whole number that is not negative.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn count(&self) -> Result<u64, Diagnostic> {
        match &self.node {
            YamlValue::Number(number) => number.as_u64().ok_or_else(|| self.expected("a whole number")),
            _ => Err(self.expected("a whole number")),
        }
    }

    /// The complaint that something else was wanted here.
    pub fn expected(&self, wanted: &str) -> Diagnostic {
        Diagnostic::new(self.span, format!("expected {wanted}, found {}", self.node.name()))
    }

    /// The value as JSON, without places.
    pub fn to_json(&self) -> Value {
        match &self.node {
            YamlValue::Null => Value::Null,
            YamlValue::Bool(truth) => Value::Bool(*truth),
            YamlValue::Number(number) => Value::Number(number.clone()),
            YamlValue::Text(text) => Value::String(text.clone()),
            YamlValue::List(list) => Value::Array(list.iter().map(YamlNode::to_json).collect()),
            YamlValue::Map(entries) => {
                Value::Object(entries.iter().map(|(key, value)| (key.name.clone(), value.to_json())).collect())
            }
        }
    }
}

impl YamlValue {
    fn name(&self) -> String {
        match self {
            YamlValue::Null => "nothing".into(),
            YamlValue::Bool(truth) => format!("`{truth}`"),
            YamlValue::Number(number) => format!("the number `{number}`"),
            YamlValue::Text(text) => format!("the text `{}`", text.chars().take(40).collect::<String>()),
            YamlValue::List(_) => "a list".into(),
            YamlValue::Map(_) => "a mapping".into(),
        }
    }
}

/// The entries of a mapping while it is read: what is asked for is known, what is left over is a mistake.
pub struct YamlMap<'t> {
    /// Where the mapping begins.
    pub span: Span,
    what: &'t str,
    left: Vec<Option<&'t (Key, YamlNode)>>,
    asked: Vec<&'t str>,
}

impl<'t> YamlMap<'t> {
    /// The value of that name, if it is there and not `null`.
    pub fn take(&mut self, name: &'t str) -> Option<&'t YamlNode> {
        self.asked.push(name);
        let slot = self.left.iter_mut().find(|slot| slot.is_some_and(|(key, _)| key.name == name))?;
        slot.take().map(|(_, value)| value).filter(|value| value.node != YamlValue::Null)
    }

    /// The value of that name.
    ///
    /// # Errors
    /// When it is not there.
    pub fn require(&mut self, name: &'t str) -> Result<&'t YamlNode, Diagnostic> {
        if let Some(value) = self.take(name) {
            return Ok(value);
        }
        // A name that is nearly this one is more likely mistyped than this one forgotten. It is told once.
        let near = nearest(name, self.left.iter().flatten().map(|(key, _)| key.name.as_str()));
        let meant =
            near.and_then(|near| self.left.iter_mut().find(|slot| slot.is_some_and(|(key, _)| key.name == near)));
        Err(match meant.and_then(Option::take) {
            Some((key, _)) => Diagnostic::unknown(key.span, &format!("entry of {}", self.what), &key.name, &[name]),
            None => Diagnostic::missing(self.span, self.what, name),
        })
    }

    /// The entries that nobody asked for yet, for mappings whose keys are names of the user's own.
    pub fn rest(&mut self) -> Vec<&'t (Key, YamlNode)> {
        self.left.iter_mut().filter_map(Option::take).collect()
    }

    /// Says that everything was asked for.
    ///
    /// # Errors
    /// When an entry is left over: it is unknown, and the nearest of the known names is the advice.
    pub fn finish(self) -> Result<(), Diagnostic> {
        self.strange().next().map_or(Ok(()), Err)
    }

    /// Says that everything was asked for, and notes each entry that is left over.
    pub fn finish_with(self, diagnostics: &mut Collector) {
        for diagnostic in self.strange() {
            diagnostics.add(diagnostic);
        }
    }

    fn strange(self) -> impl Iterator<Item = Diagnostic> {
        let Self { what, left, asked, .. } = self;
        let unknown = move |key: &Key| Diagnostic::unknown(key.span, &format!("entry of {what}"), &key.name, &asked);
        left.into_iter().flatten().map(move |(key, _)| unknown(key))
    }
}

fn span_of_location(location: Location) -> Span {
    Span { line: location.line() as usize, column: location.column() as usize }
}

/// What the YAML reader fills; a [`YamlNode`] without the outermost place.
enum Bare {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Spanned<Bare>>),
    Map(Vec<(Spanned<String>, Spanned<Bare>)>),
}

impl From<Spanned<Bare>> for YamlNode {
    fn from(spanned: Spanned<Bare>) -> Self {
        let node = match spanned.value {
            Bare::Null => YamlValue::Null,
            Bare::Bool(truth) => YamlValue::Bool(truth),
            Bare::Number(number) => YamlValue::Number(number),
            Bare::Text(text) => YamlValue::Text(text),
            Bare::List(list) => YamlValue::List(list.into_iter().map(YamlNode::from).collect()),
            Bare::Map(entries) => YamlValue::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| (Key { span: span_of_location(key.referenced), name: key.value }, value.into()))
                    .collect(),
            ),
        };
        YamlNode { span: span_of_location(spanned.referenced), node }
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
