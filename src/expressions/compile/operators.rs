//! Operators.

use cel::common::ast::{CallExpr, IdedExpr, operators as symbols};

use super::{Compiler, Mistake, Typed};
use crate::expressions::Type;
use crate::expressions::node::{Node, Operator};

/// The operators with two operands that are both evaluated, by the names that the parser gives them.
const BINARY: [(&str, Operator); 12] = [
    (symbols::ADD, Operator::Add),
    (symbols::SUBSTRACT, Operator::Subtract),
    (symbols::MULTIPLY, Operator::Multiply),
    (symbols::DIVIDE, Operator::Divide),
    (symbols::MODULO, Operator::Remainder),
    (symbols::EQUALS, Operator::Equal),
    (symbols::NOT_EQUALS, Operator::NotEqual),
    (symbols::LESS, Operator::Less),
    (symbols::LESS_EQUALS, Operator::LessOrEqual),
    (symbols::GREATER, Operator::Greater),
    (symbols::GREATER_EQUALS, Operator::GreaterOrEqual),
    (symbols::IN, Operator::In),
];

impl Compiler<'_> {
    pub(super) fn operator(&mut self, of: &IdedExpr, call: &CallExpr) -> Result<Typed, Mistake> {
        let operands: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        match (call.func_name.as_str(), operands.as_slice()) {
            (symbols::LOGICAL_AND, [a, b]) => Ok((Node::And(self.conditions(a, b)?), Type::Bool)),
            (symbols::LOGICAL_OR, [a, b]) => Ok((Node::Or(self.conditions(a, b)?), Type::Bool)),
            (symbols::LOGICAL_NOT, [a]) => Ok((Node::Not(Box::new(self.compile_as(a, &Type::Bool)?)), Type::Bool)),
            (symbols::NEGATE, [a]) => {
                let (node, kind) = self.compile(a)?;
                match kind.may_be_number() || kind == Type::Null {
                    true => Ok((Node::Negate(Box::new(node)), kind)),
                    false => Err(self.mistake(a, format!("the value is {kind}, not a number"))),
                }
            }
            (symbols::CONDITIONAL, [condition, then, otherwise]) => {
                let condition = self.compile_as(condition, &Type::Bool)?;
                let (then, kind) = self.compile(then)?;
                let (otherwise, other) = self.compile(otherwise)?;
                Ok((Node::If(Box::new([condition, then, otherwise])), kind.or(other)))
            }
            (symbols::INDEX, [base, index]) => self.index(base, index),
            (name, [a, b]) if let Some((_, operator)) = BINARY.iter().find(|(known, _)| *known == name) => {
                self.binary(of, *operator, a, b)
            }
            (name, _) => Err(self.mistake(of, format!("the operator `{}` is not supported", name.trim_matches('_')))),
        }
    }

    fn conditions(&mut self, a: &IdedExpr, b: &IdedExpr) -> Result<Box<[Node; 2]>, Mistake> {
        Ok(Box::new([self.compile_as(a, &Type::Bool)?, self.compile_as(b, &Type::Bool)?]))
    }

    fn index(&mut self, base: &IdedExpr, index: &IdedExpr) -> Result<Typed, Mistake> {
        let (of, kind) = self.compile(base)?;
        let (at, at_kind) = self.compile(index)?;
        let element = match &kind {
            Type::List(_) if at_kind == Type::Text => {
                return Err(self.mistake(index, "the index of a list is a number, not text"));
            }
            Type::List(element) => Type::clone(element),
            Type::Any | Type::Null | Type::Object(_) | Type::Record(_) => Type::Any,
            other => return Err(self.mistake(base, format!("{other} has no elements"))),
        };
        Ok((Node::Index(Box::new([of, at])), element))
    }

    fn binary(&mut self, of: &IdedExpr, operator: Operator, a: &IdedExpr, b: &IdedExpr) -> Result<Typed, Mistake> {
        let (left, left_type) = self.compile(a)?;
        let (right, right_type) = self.compile(b)?;
        let Some(kind) = result(operator, &left_type, &right_type) else {
            let message = format!("cannot apply `{}` to {left_type} and {right_type}", operator.symbol());
            let mistake = self.mistake(of, message);
            return Err(match (&left_type, &right_type) {
                (Type::Text, kind) | (kind, Type::Text) if kind.may_be_number() => {
                    mistake.help("convert one side with `string(…)` or `decimal(…)`")
                }
                _ => mistake,
            });
        };
        // Fields hold dates and times as text.
        let convert = |node: Node, kind: &Type| match kind {
            Type::Date | Type::Time => Node::ToDate(Box::new(node)),
            _ => node,
        };
        let sides = Box::new([convert(left, &left_type), convert(right, &right_type)]);
        Ok((Node::Binary(operator, sides), kind))
    }
}

/// The type of an operator's value; `None` if it cannot be applied to these types.
fn result(operator: Operator, a: &Type, b: &Type) -> Option<Type> {
    let is_time = |kind: &Type| matches!(kind, Type::Date | Type::Time);
    let is_unknown = |kind: &Type| matches!(kind, Type::Any | Type::Null);
    match operator {
        Operator::Equal | Operator::NotEqual => {
            (a.fits(b) || b.fits(a) || (is_time(a) && is_time(b))).then_some(Type::Bool)
        }
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            let is_ordered =
                |kind: &Type| kind.may_be_number() || kind.may_be_text() || is_time(kind) || *kind == Type::Bool;
            let fits = a.fits(b) || b.fits(a) || (is_time(a) && is_time(b));
            let is_known_order = |kind: &Type| is_unknown(kind) || is_ordered(kind);
            (fits && is_known_order(a) && is_known_order(b)).then_some(Type::Bool)
        }
        Operator::In => {
            let is_searchable = matches!(b, Type::List(_) | Type::Object(_) | Type::Record(_)) || is_unknown(b);
            is_searchable.then_some(Type::Bool)
        }
        Operator::Add if a.may_be_text() && b.may_be_text() && (*a == Type::Text || *b == Type::Text) => {
            Some(Type::Text)
        }
        Operator::Add if *a == Type::Span && (is_time(b) || is_unknown(b)) => Some(b.clone()),
        Operator::Add if matches!((a, b), (Type::List(_), Type::List(_))) => Some(a.clone().or(b.clone())),
        Operator::Add if matches!((a, b), (Type::List(_), other) | (other, Type::List(_)) if is_unknown(other)) => {
            Some(Type::list(Type::Any))
        }
        Operator::Add | Operator::Subtract if *b == Type::Span && (is_time(a) || is_unknown(a)) => Some(a.clone()),
        _ if is_unknown(a) && is_unknown(b) => Some(Type::Any),
        _ if (a.may_be_number() || is_unknown(a)) && (b.may_be_number() || is_unknown(b)) => match (a, b) {
            (Type::Integer, Type::Integer) => Some(Type::Integer),
            (Type::Decimal, _) | (_, Type::Decimal) => Some(Type::Decimal),
            _ => Some(Type::Any),
        },
        _ => None,
    }
}
