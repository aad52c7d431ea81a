//! Expressions: conditions and values that people write in resources files.
//!
//! The language is CEL (Common Expression Language), parsed by the crate `cel`. Names and types are checked when a file is
//! read ([`compile`]), with positions in the text. Evaluation is ours because it needs what the crate does not have: exact
//! decimals, records without conversion, and a limit of steps. It differs from CEL in these points:
//!
//! - A number with a decimal point is an exact decimal; integers and decimals can be mixed. There are no `uint`, `double`
//!   and `bytes`.
//! - A member that an object does not have is `null`. A list operation on `null` finds no elements, arithmetic
//!   and functions of `null` are `null`, an order comparison with it is false, and `null` counts as false in conditions.
//! - Texts with dates or times can be compared with dates and times.
//! - Logical operators evaluate from left to right, and end with the first side that decides.

mod compile;
mod evaluate;
mod functions;
mod node;
mod operators;
mod types;
mod value;

pub use compile::{Mistake, compile};
pub use evaluate::{MAX_STEPS, World};
pub use functions::{FUNCTIONS, Function, Parameter};
pub use types::{DefinedFunction, Kinds, Scope, Type};
pub use value::Value;

use std::collections::BTreeSet;
use std::sync::Arc;

use compact_str::CompactString;

use self::node::Node;

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Expression {
    node: Node,
    text: Arc<str>,
    kind: Type,
    /// How many variables its scope has.
    inputs: usize,
    /// How many variables there are, those inside of it included.
    slots: usize,
    reads: BTreeSet<CompactString>,
    uses_others: bool,
    /// How many operators and calls are inside of each other, those of functions included.
    depth: usize,
}

impl Expression {
    /// An expression that is always the same value.
    pub fn constant(value: Value, kind: Type) -> Self {
        Self {
            node: Node::Constant(value),
            text: "".into(),
            kind,
            inputs: 0,
            slots: 0,
            reads: BTreeSet::new(),
            uses_others: false,
            depth: 0,
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The type of its value.
    pub fn kind(&self) -> &Type {
        &self.kind
    }

    /// The text that it always is, if it is one.
    pub fn constant_text(&self) -> Option<&str> {
        match &self.node {
            Node::Constant(value) => value.as_text(),
            _ => None,
        }
    }

    /// The fields of the variable `record` that it names.
    pub fn reads(&self) -> &BTreeSet<CompactString> {
        &self.reads
    }

    /// Whether its value depends on more than its variables: on other records, the time, the request or a quirk.
    pub fn uses_others(&self) -> bool {
        self.uses_others
    }
}

/// An expression cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EvalError {
    /// Why, with the expression.
    pub message: String,
}

impl EvalError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

#[cfg(test)]
mod function_tests;
#[cfg(test)]
mod tests;
