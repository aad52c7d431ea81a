//! YAML values with positions, and typed access to them.

use serde_json::{Number, Value};

use super::read_yaml::{self, DuplicateKeys};
use super::{Diagnostic, Diagnostics, SourceFile, Span, YamlMap, read_json};

/// A value with its position.
#[derive(Clone, Debug, PartialEq)]
pub struct YamlNode {
    /// Start of the value.
    pub span: Span,
    /// The value.
    pub node: YamlValue,
    /// Source text of a number that JSON would write differently: `01234`, `1.10`, `+41`, `0x1F`.
    pub plain: Option<Box<str>>,
}

/// The value of a [`YamlNode`].
#[derive(Clone, Debug, PartialEq)]
pub enum YamlValue {
    /// `null`, `~` or empty.
    Null,
    /// `true` or `false`. `yes`, `on` and the like are text.
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

/// A key of a mapping with its position.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The key.
    pub name: String,
    /// Start of the key.
    pub span: Span,
}

impl YamlNode {
    /// Reads a YAML or JSON text.
    ///
    /// # Errors
    /// If the text is not valid YAML, repeats a key in a mapping, or exceeds the limits.
    pub fn read(source: &SourceFile) -> Result<Self, Diagnostics> {
        Self::read_at(source, &source.text, 1)
    }

    /// Reads a text that is YAML, or JSON of any size.
    ///
    /// # Errors
    /// As [`YamlNode::read`]. A JSON text has no limit on the number of values.
    pub fn read_large(source: &SourceFile) -> Result<Self, Diagnostics> {
        let json = source.text.trim_start().starts_with('{').then(|| read_json::read(&source.text));
        json.flatten().map_or_else(|| Self::read(source), Ok)
    }

    /// Reads YAML that is a part of a text and begins at a line, so that positions are those of the whole text.
    ///
    /// # Errors
    /// As [`YamlNode::read`].
    pub fn read_at(source: &SourceFile, part: &str, first_line: usize) -> Result<Self, Diagnostics> {
        read_yaml::read(source, part, first_line, DuplicateKeys::Error)
    }

    /// Reads a file of someone else: of a key that is repeated in a mapping the last value counts. The second result is
    /// the first repeated key.
    ///
    /// # Errors
    /// As [`YamlNode::read`], except for repeated keys.
    pub fn read_lenient(source: &SourceFile) -> Result<(Self, Option<Diagnostic>), Diagnostics> {
        let strict = match Self::read(source) {
            Ok(node) => return Ok((node, None)),
            Err(diagnostics) => diagnostics,
        };
        match read_yaml::read(source, &source.text, 1, DuplicateKeys::LastWins) {
            Ok(node) => Ok((node, strict.list.into_iter().next())),
            Err(_) => Err(strict),
        }
    }

    /// The entries of a mapping; `what` names it in diagnostics.
    ///
    /// # Errors
    /// If the value is not a mapping.
    pub fn entries<'t>(&'t self, what: &'t str) -> Result<YamlMap<'t>, Diagnostic> {
        match &self.node {
            YamlValue::Map(entries) => {
                let left = entries.iter().map(Some).collect();
                Ok(YamlMap { span: self.span, what, left, requested: Vec::new(), empty: Vec::new() })
            }
            _ => Err(self.expected(&format!("{what} as a mapping (`name: value`)"))),
        }
    }

    /// The elements of a sequence.
    ///
    /// # Errors
    /// If the value is not a sequence.
    pub fn list(&self) -> Result<&[YamlNode], Diagnostic> {
        match &self.node {
            YamlValue::List(list) => Ok(list),
            _ => Err(self.expected("a list")),
        }
    }

    /// The value as text.
    ///
    /// # Errors
    /// If it is anything else; numbers and booleans need quotes.
    pub fn text(&self) -> Result<&str, Diagnostic> {
        match &self.node {
            YamlValue::Text(text) => Ok(text),
            YamlValue::Number(number) => Err(self.expected("text").help(format!("write '{number}' in quotes"))),
            YamlValue::Bool(truth) => Err(self.expected("text").help(format!("write '{truth}' in quotes"))),
            _ => Err(self.expected("text")),
        }
    }

    /// A text, or a list of texts.
    ///
    /// # Errors
    /// If it is neither.
    pub fn texts(&self) -> Result<Vec<&str>, Diagnostic> {
        match &self.node {
            YamlValue::List(list) => list.iter().map(YamlNode::text).collect(),
            _ => Ok(vec![self.text()?]),
        }
    }

    /// The value as a boolean.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn boolean(&self) -> Result<bool, Diagnostic> {
        match &self.node {
            YamlValue::Bool(truth) => Ok(*truth),
            _ => Err(self.expected("true or false")),
        }
    }

    /// The value as a non-negative integer.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn count(&self) -> Result<u64, Diagnostic> {
        match &self.node {
            YamlValue::Number(number) => number.as_u64().ok_or_else(|| self.expected("a whole number")),
            _ => Err(self.expected("a whole number")),
        }
    }

    /// A diagnostic: another kind of value was expected here.
    pub fn expected(&self, wanted: &str) -> Diagnostic {
        Diagnostic::new(self.span, format!("expected {wanted}, found {}", self.node.name()))
    }

    /// The value as JSON, without positions.
    pub fn to_json(&self) -> Value {
        self.to_json_with(&|_, number| Value::Number(number.clone()))
    }

    /// As [`YamlNode::to_json`]; `convert` converts numbers that JSON would write differently, from their source text.
    pub fn to_json_with(&self, convert: &dyn Fn(&str, &Number) -> Value) -> Value {
        match &self.node {
            YamlValue::Null => Value::Null,
            YamlValue::Bool(truth) => Value::Bool(*truth),
            YamlValue::Number(number) => match &self.plain {
                Some(text) => convert(text, number),
                None => Value::Number(number.clone()),
            },
            YamlValue::Text(text) => Value::String(text.clone()),
            YamlValue::List(list) => Value::Array(list.iter().map(|node| node.to_json_with(convert)).collect()),
            YamlValue::Map(entries) => {
                let entries = entries.iter();
                Value::Object(entries.map(|(key, value)| (key.name.clone(), value.to_json_with(convert))).collect())
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
