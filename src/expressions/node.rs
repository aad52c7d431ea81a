//! Compiled expressions.

use compact_str::CompactString;

use super::Value;
use super::functions::Function;

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
    Each(Box<Each>),
    /// The record of a kind with an id.
    Find(CompactString, Box<Node>),
    /// The records of a kind for which a condition on the variable with that index holds.
    Records(CompactString, Option<(usize, Box<Node>)>),
    Quirk(CompactString),
    Uid,
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
