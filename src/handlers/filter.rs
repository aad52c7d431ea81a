//! Filter expressions, as OData (`$filter`) and SCIM (`filter`) write them:
//! `name eq 'Ann' and (length gt 5 or not startswith(port, 'Os'))`.

use std::cmp::Ordering;

use super::condition::compare_text;
use crate::model::FieldValue;
use crate::request::RecordView;

/// Expressions nested deeper than this are not read.
const MAX_DEPTH: usize = 32;

/// A condition on a record.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    /// A path of field names, and what its value must be.
    Field(Vec<String>, Test),
}

/// A condition on the value of a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    Equal(String),
    Less(String),
    Greater(String),
    Contains(String),
    StartsWith(String),
    EndsWith(String),
    Null,
}

/// A part of an expression.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A name, an operator or a number.
    Word(String),
    Text(String),
    Open,
    Close,
    Comma,
}

impl Filter {
    /// Reads an expression; `None` if it is none, or has functions that are not known.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let tokens = tokens(text)?;
        let mut reader = Reader { tokens: &tokens };
        let filter = reader.any(0)?;
        reader.tokens.is_empty().then_some(filter)
    }

    /// Whether a record meets the condition. A field that it lacks is null.
    pub(super) fn matches(&self, view: &RecordView) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(view)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(view)),
            Self::Not(part) => !part.matches(view),
            Self::Field(path, test) => test.holds(value_at(view, path).as_ref()),
        }
    }
}

/// The value of a field of a record, also inside objects.
fn value_at(view: &RecordView, path: &[String]) -> Option<FieldValue> {
    let (name, below) = path.split_first()?;
    let id = (below.is_empty() && name == "id").then(|| FieldValue::from(view.id()));
    let value = view.get(name).cloned().or(id)?;
    Some(below.iter().fold(value, |value, name| value.get(name).clone())).filter(|value| !value.is_null())
}

impl Test {
    fn holds(&self, known: Option<&FieldValue>) -> bool {
        let Some(known) = known.filter(|known| !known.is_null()) else { return *self == Self::Null };
        let order = |value: &str| compare_text(Some(known), value);
        let text = || known.as_text().unwrap_or_default();
        match self {
            Self::Equal(value) => order(value) == Ordering::Equal,
            Self::Less(value) => order(value) == Ordering::Less,
            Self::Greater(value) => order(value) == Ordering::Greater,
            Self::Contains(value) => text().contains(value),
            Self::StartsWith(value) => text().starts_with(value),
            Self::EndsWith(value) => text().ends_with(value),
            Self::Null => false,
        }
    }
}

/// The parts of an expression; `None` if a text has no end.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            ',' => tokens.push(Token::Comma),
            // A quote inside a text is doubled, or follows a backslash.
            '\'' | '"' => {
                let mut value = String::new();
                loop {
                    match letters.next()? {
                        '\\' if letter == '"' => value.push(letters.next()?),
                        next if next == letter && letters.peek() == Some(&letter) => value.extend(letters.next()),
                        next if next == letter => break,
                        next => value.push(next),
                    }
                }
                tokens.push(Token::Text(value));
            }
            letter if letter.is_whitespace() => {}
            letter => {
                let mut word = String::from(letter);
                while let Some(next) = letters.next_if(|next| !next.is_whitespace() && !"(),'\"".contains(*next)) {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Some(tokens)
}

/// The parts that are not read yet.
struct Reader<'t> {
    tokens: &'t [Token],
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first.clone())
    }

    /// Reads a part if it is next.
    fn take(&mut self, token: &Token) -> Option<()> {
        self.tokens.first().filter(|first| *first == token)?;
        self.next().map(drop)
    }

    /// Reads a word if it is next, in any case.
    fn take_word(&mut self, word: &str) -> Option<()> {
        let is_word = |first: &&Token| matches!(first, Token::Word(known) if known.eq_ignore_ascii_case(word));
        self.tokens.first().filter(is_word)?;
        self.next().map(drop)
    }

    fn any(&mut self, depth: usize) -> Option<Filter> {
        let mut parts = vec![self.all(depth)?];
        while self.take_word("or").is_some() {
            parts.push(self.all(depth)?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Filter::Any(parts) })
    }

    fn all(&mut self, depth: usize) -> Option<Filter> {
        let mut parts = vec![self.one(depth)?];
        while self.take_word("and").is_some() {
            parts.push(self.one(depth)?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Filter::All(parts) })
    }

    fn one(&mut self, depth: usize) -> Option<Filter> {
        if depth == MAX_DEPTH {
            return None;
        }
        if self.take_word("not").is_some() {
            return Some(Filter::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take(&Token::Open).is_some() {
            let inside = self.any(depth + 1)?;
            return self.take(&Token::Close).map(|()| inside);
        }
        let Token::Word(name) = self.next()? else { return None };
        match self.take(&Token::Open) {
            Some(()) => self.function(&name),
            None => self.comparison(&name),
        }
    }

    /// `startswith(name, 'A')`, also compared with `true` or `false`.
    fn function(&mut self, name: &str) -> Option<Filter> {
        let (first, ()) = (self.next()?, self.take(&Token::Comma)?);
        let (second, ()) = (self.next()?, self.take(&Token::Close)?);
        let (field, value) = match (first, second) {
            (Token::Word(field), Token::Text(value)) => (field, value),
            // `substringof('A', name)` is the former name of `contains`.
            (Token::Text(value), Token::Word(field)) => (field, value),
            _ => return None,
        };
        let test = match name.to_ascii_lowercase().as_str() {
            "contains" | "substringof" => Test::Contains(value),
            "startswith" => Test::StartsWith(value),
            "endswith" => Test::EndsWith(value),
            _ => return None,
        };
        let filter = Filter::Field(path(&field), test);
        if self.take_word("eq").is_none() {
            return Some(filter);
        }
        let is_true = self.take_word("true").is_some();
        if is_true { Some(filter) } else { self.take_word("false").map(|()| Filter::Not(Box::new(filter))) }
    }

    /// `length gt 5`.
    fn comparison(&mut self, name: &str) -> Option<Filter> {
        let Token::Word(operator) = self.next()? else { return None };
        let field = |test: Test| Filter::Field(path(name), test);
        let not = |filter: Filter| Filter::Not(Box::new(filter));
        let operator = operator.to_ascii_lowercase();
        if operator == "pr" {
            return Some(not(field(Test::Null)));
        }
        if operator == "in" {
            return self.list().map(|values| Filter::Any(values.into_iter().map(Test::Equal).map(field).collect()));
        }
        let value = match self.next()? {
            Token::Word(null) if null == "null" => {
                return match operator.as_str() {
                    "eq" => Some(field(Test::Null)),
                    "ne" => Some(not(field(Test::Null))),
                    _ => None,
                };
            }
            Token::Word(value) | Token::Text(value) => value,
            _ => return None,
        };
        let or_equal =
            |test: fn(String) -> Test| Filter::Any(vec![field(test(value.clone())), field(Test::Equal(value.clone()))]);
        Some(match operator.as_str() {
            "eq" => field(Test::Equal(value)),
            "ne" => not(field(Test::Equal(value))),
            "lt" => field(Test::Less(value)),
            "gt" => field(Test::Greater(value)),
            "le" => or_equal(Test::Less),
            "ge" => or_equal(Test::Greater),
            "co" => field(Test::Contains(value)),
            "sw" => field(Test::StartsWith(value)),
            "ew" => field(Test::EndsWith(value)),
            _ => return None,
        })
    }

    /// `('a', 'b')`.
    fn list(&mut self) -> Option<Vec<String>> {
        self.take(&Token::Open)?;
        let mut values = Vec::new();
        loop {
            let (Token::Word(value) | Token::Text(value)) = self.next()? else { return None };
            values.push(value);
            if self.take(&Token::Close).is_some() {
                return Some(values);
            }
            self.take(&Token::Comma)?;
        }
    }
}

/// The names of a path: `port/name` or `port.name`.
fn path(field: &str) -> Vec<String> {
    field.split(['/', '.']).map(str::to_owned).collect()
}
