//! Compiled expressions.

use std::sync::Arc;

use compact_str::CompactString;

use super::functions::Function;
use super::{Expression, Value};

/// A part of a compiled expression. Names are resolved: variables are indexes into a list of values.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Constant(Value),
    Variable(usize),
    Request,
    Caller,
    Now,
    Today,
    /// A member of an object or a field of a record.
    Member(Box<Node>, CompactString),
    /// Whether that member has a value.
    Has(Box<Node>, CompactString),
    /// An element of a list, or the member of an object whose name is computed.
    Index(Box<[Node; 2]>),
    List(Vec<Node>),
    Object(Vec<(CompactString, Node)>),
    And(Box<[Node; 2]>),
    Or(Box<[Node; 2]>),
    Not(Box<Node>),
    Negate(Box<Node>),
    /// Condition, value if it holds, value otherwise.
    If(Box<[Node; 3]>),
    Binary(Operator, Box<[Node; 2]>),
    /// Text that is a date or a time becomes one.
    ToDate(Box<Node>),
    Call(&'static Function, Vec<Node>),
    /// A function of a resources file: its body and the arguments.
    Apply(Arc<Expression>, Vec<Node>),
    Each(Box<Each>),
    /// The record of a kind with an id.
    Find(Extent, CompactString, Box<Node>),
    Records(Box<Records>),
    /// A date or a time as text, in the time zone of the owner, by a pattern.
    Local(Box<Node>, Box<Node>),
    Quirk(CompactString),
    Uid,
    Secret,
    NextNumber(CompactString),
}

impl Node {
    /// Whether it is a constant, a variable other than that one, or a member of such.
    pub(super) fn is_plain(&self, variable: usize) -> bool {
        match self {
            Self::Constant(_) | Self::Request | Self::Caller => true,
            Self::Variable(index) => *index != variable,
            Self::Member(of, _) => of.is_plain(variable),
            _ => false,
        }
    }
}

/// Of which owner records are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Of any.
    All,
    /// Of the owner for whom the caller acts.
    Own,
}

/// The records of a kind.
#[derive(Clone, Debug)]
pub(super) struct Records {
    pub(super) extent: Extent,
    pub(super) kind: CompactString,
    /// A field and the text that it must have, as far as the condition says that.
    pub(super) equal: Option<(CompactString, Node)>,
    /// The index of the variable that holds a record, and the condition on it.
    pub(super) condition: Option<(usize, Node)>,
}

/// An expression for each element of a list.
#[derive(Clone, Debug)]
pub(super) struct Each {
    pub(super) what: Collect,
    pub(super) list: Node,
    /// Index of the variable that holds the element.
    pub(super) variable: usize,
    /// Which elements count, for `map` with three arguments.
    pub(super) condition: Option<Node>,
    pub(super) body: Node,
}

/// What an [`Each`] makes of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Collect {
    Map,
    Filter,
    All,
    Exists,
    ExistsOne,
    /// The elements in ascending order of a value, `null` first.
    SortBy,
}

/// An operator with two operands that are both evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
}
