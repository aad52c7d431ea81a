//! Types of expressions, as far as they are known before any request.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use compact_str::CompactString;

use super::Expression;

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Anything: the type is only known when the expression is evaluated.
    Any,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// Any number.
    Decimal,
    /// Text.
    Text,
    /// A day.
    Date,
    /// A point in time.
    Time,
    /// A span of time.
    Span,
    /// A list.
    List(Arc<Type>),
    /// An object with these members.
    Object(Arc<[(CompactString, Type)]>),
    /// A record of that kind.
    Record(CompactString),
}

/// The kinds of records and the functions that expressions can name. A kind whose fields are unknown has none here.
#[derive(Clone, Debug, Default)]
pub struct Kinds {
    kinds: BTreeMap<CompactString, Option<Vec<(CompactString, Type)>>>,
    functions: BTreeMap<CompactString, Arc<DefinedFunction>>,
}

/// A function that a resources file defines by an expression.
#[derive(Debug)]
pub struct DefinedFunction {
    /// The names of its parameters.
    pub parameters: Vec<CompactString>,
    /// The expression.
    pub text: String,
    /// The expression once it is compiled.
    pub(super) body: OnceLock<Arc<Expression>>,
}

impl DefinedFunction {
    /// A function with these parameters and this expression.
    pub fn new(parameters: Vec<CompactString>, text: impl Into<String>) -> Self {
        Self { parameters, text: text.into(), body: OnceLock::new() }
    }
}

/// What an expression can name.
#[derive(Clone, Debug)]
pub struct Scope<'k> {
    /// The kinds of records.
    pub kinds: &'k Kinds,
    /// The variables with their types, in the order in which their values are given.
    pub variables: Vec<(CompactString, Type)>,
    /// Whether there is a request: `request` and `caller`.
    pub has_request: bool,
}

impl Kinds {
    /// Adds a kind with its fields; `None` if they are unknown.
    pub fn add(&mut self, kind: &str, fields: Option<Vec<(CompactString, Type)>>) {
        self.kinds.insert(kind.into(), fields);
    }

    /// Adds a function; returns whether there was one of that name.
    pub fn add_function(&mut self, name: &str, function: DefinedFunction) -> bool {
        self.functions.insert(name.into(), Arc::new(function)).is_some()
    }

    /// The function of that name.
    pub fn function(&self, name: &str) -> Option<&Arc<DefinedFunction>> {
        self.functions.get(name)
    }

    /// The functions with their names.
    pub fn functions(&self) -> impl Iterator<Item = (&str, &Arc<DefinedFunction>)> + Clone {
        self.functions.iter().map(|(name, function)| (name.as_str(), function))
    }

    /// Whether a kind is known.
    pub fn has(&self, kind: &str) -> bool {
        self.kinds.contains_key(kind)
    }

    /// The names of the kinds.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.kinds.keys().map(CompactString::as_str)
    }

    /// The fields of a kind, if they are known.
    pub fn fields(&self, kind: &str) -> Option<&[(CompactString, Type)]> {
        self.kinds.get(kind)?.as_deref()
    }

    /// The type of a field; `None` if the kind's fields are known and it has no such field.
    pub fn field(&self, kind: &str, name: &str) -> Option<Type> {
        match self.fields(kind) {
            None => Some(Type::Any),
            Some(fields) => match fields.iter().find(|(known, _)| known == name) {
                Some((_, kind)) => Some(kind.clone()),
                // Every record has an id, which some paths call `uid`.
                None => matches!(name, "id" | "uid").then_some(Type::Text),
            },
        }
    }
}

impl Type {
    /// A list of a type.
    pub fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    /// Whether it is or may be a number.
    pub(super) fn may_be_number(&self) -> bool {
        matches!(self, Self::Any | Self::Integer | Self::Decimal)
    }

    /// Whether it is or may be text.
    pub(super) fn may_be_text(&self) -> bool {
        matches!(self, Self::Any | Self::Text)
    }

    /// Whether a value of this type may be one of another type. `null` may be any.
    pub fn fits(&self, wanted: &Self) -> bool {
        match (self, wanted) {
            (Self::Any | Self::Null, _) | (_, Self::Any) => true,
            (Self::Integer, Self::Decimal) => true,
            (Self::List(own), Self::List(wanted)) => own.fits(wanted),
            // Fields store dates and times as text.
            (Self::Text, Self::Date | Self::Time) | (Self::Date | Self::Time, Self::Text) => true,
            (Self::Object(own), Self::Object(wanted)) => own.iter().all(|(name, kind)| {
                let known = wanted.iter().find(|(known, _)| known == name);
                known.is_none_or(|(_, wanted)| kind.fits(wanted))
            }),
            (Self::Record(_), Self::Object(_)) => true,
            (own, wanted) => own == wanted,
        }
    }

    /// The type of a value that has one of two types.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (own, other) if own == other => own,
            (Self::Null, other) => other,
            (own, Self::Null) => own,
            (Self::Integer | Self::Decimal, Self::Integer | Self::Decimal) => Self::Decimal,
            _ => Self::Any,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any value"),
            Self::Null => f.write_str("null"),
            Self::Bool => f.write_str("true or false"),
            Self::Integer => f.write_str("a whole number"),
            Self::Decimal => f.write_str("a number"),
            Self::Text => f.write_str("text"),
            Self::Date => f.write_str("a date"),
            Self::Time => f.write_str("a time"),
            Self::Span => f.write_str("a span of time"),
            Self::List(_) => f.write_str("a list"),
            Self::Object(_) => f.write_str("an object"),
            Self::Record(kind) => write!(f, "a record of kind `{kind}`"),
        }
    }
}
