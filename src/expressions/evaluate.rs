//! Evaluation of expressions, bounded in steps.

use std::cmp::Ordering;
use std::sync::Arc;

use compact_str::CompactString;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use smallvec::SmallVec;

use super::node::{Collect, Each, Extent, Node, Records};
use super::operators::to_date;
use super::value::{check_comparable, compare};
use super::{EvalError, Expression, Function, Value};
use crate::model::{FieldValue, Record};

/// Maximum number of steps of one evaluation. A step is a part of the expression, a record that is looked at, or 64 bytes
/// or elements of a result.
pub const MAX_STEPS: u32 = 1_000_000;

/// What expressions can use beside their variables.
pub trait World {
    /// The record of a kind with an id.
    fn find(&self, kind: &str, id: &str) -> Option<Arc<Record>>;
    /// The first record of a kind behind an index in the order of creation, with its index. The first one has a higher
    /// index than 0.
    fn next(&self, kind: &str, after: u64) -> Option<(u64, Arc<Record>)>;
    /// The records of a kind with that text in a field, and others whose text differs in case, oldest first.
    fn find_by(&self, kind: &str, field: &str, text: &str) -> Vec<Arc<Record>>;
    /// Whether the caller acts for the owner of a record.
    fn is_own(&self, record: &Record) -> bool;
    /// The time zone of the owner.
    fn zone(&self) -> TimeZone;
    /// The time.
    fn now(&self) -> Timestamp;
    /// The day, in the time zone of the owner.
    fn today(&self) -> Date;
    /// Whether a quirk is on; the response then names it.
    fn quirk(&self, id: &str) -> bool;
    /// A new unique id.
    fn uid(&mut self) -> CompactString;
    /// A new secret of 64 hexadecimal digits.
    fn secret(&mut self) -> CompactString;
    /// The next numeric id of a kind.
    fn next_number(&self, kind: &str) -> u64;
    /// The request: `method`, `path`, `query`, `headers`, `body`.
    fn request(&self) -> Value;
    /// The caller: `kind`, `owner` and the ids of its records.
    fn caller(&self) -> Value;
    /// How many steps the evaluations of the request, this one included, have left; no limit where there is no request.
    fn steps_left(&self) -> u32 {
        u32::MAX
    }
    /// Counts the steps of an evaluation.
    fn spend_steps(&mut self, steps: u32) {
        let _ = steps;
    }
}

/// One evaluation.
struct Evaluation<'e> {
    /// The variables of the scope of the expression.
    inputs: &'e [Value],
    /// The variables inside of the expression; then those of each function that is being called.
    inner: Vec<Value>,
    frame: Frame,
    world: &'e mut dyn World,
    steps_left: u32,
    /// How many steps it had at the beginning.
    steps: u32,
}

/// Whose variables are meant.
#[derive(Clone, Copy)]
enum Frame {
    /// Those of the expression: `inputs`, then `inner`.
    Expression,
    /// Those of a function, from this place of `inner` on.
    Function(usize),
}

/// The arguments of a call.
type Arguments = SmallVec<[Value; 3]>;

impl Expression {
    /// The value of the expression. `variables` are those of its scope, in order.
    ///
    /// # Errors
    /// If an operator or a function gets a value of another type than it needs, or after [`MAX_STEPS`] steps or those of its request.
    pub fn evaluate(&self, variables: &[Value], world: &mut dyn World) -> Result<Value, EvalError> {
        let inputs = &variables[..self.inputs.min(variables.len())];
        let inner = vec![Value::NULL; self.slots.saturating_sub(inputs.len())];
        let steps = world.steps_left().min(MAX_STEPS);
        let mut evaluation = Evaluation { inputs, inner, frame: Frame::Expression, world, steps_left: steps, steps };
        let value = evaluation.value(&self.node);
        let spent = steps - evaluation.steps_left;
        evaluation.world.spend_steps(spent);
        value.map_err(|error| EvalError::new(format!("`{}`: {}", self.text, error.message)))
    }

    /// Whether the expression is true; `null` counts as false.
    ///
    /// # Errors
    /// As [`Expression::evaluate`], or if the value is no boolean.
    pub fn holds(&self, variables: &[Value], world: &mut dyn World) -> Result<bool, EvalError> {
        truth(&self.evaluate(variables, world)?)
    }
}

fn truth(value: &Value) -> Result<bool, EvalError> {
    match value {
        Value::Field(FieldValue::Null) => Ok(false),
        Value::Field(FieldValue::Bool(truth)) => Ok(*truth),
        other => Err(EvalError::new(format!("expected true or false, found {}", other.describe()))),
    }
}

impl Evaluation<'_> {
    fn spend(&mut self, steps: usize) -> Result<(), EvalError> {
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        match self.steps_left.checked_sub(steps) {
            Some(left) => {
                self.steps_left = left;
                Ok(())
            }
            None => {
                self.steps_left = 0;
                Err(EvalError::new(match self.steps < MAX_STEPS {
                    true => "the expressions of the request take too many steps in total".to_owned(),
                    false => format!("takes more than {MAX_STEPS} steps"),
                }))
            }
        }
    }

    fn value(&mut self, node: &Node) -> Result<Value, EvalError> {
        self.spend(1)?;
        Ok(match node {
            Node::Constant(value) => value.clone(),
            Node::Variable(index) => self.variable(*index).clone(),
            Node::Request => self.world.request(),
            Node::Caller => self.world.caller(),
            Node::Now => Value::Time(self.world.now()),
            Node::Today => Value::Date(self.world.today()),
            Node::Member(of, name) => self.member(of, name)?,
            Node::Has(of, name) => (!self.member(of, name)?.is_null()).into(),
            Node::Index(parts) => self.index(&parts[0], &parts[1])?,
            Node::List(elements) => {
                let elements = elements.iter().map(|element| self.value(element));
                elements.collect::<Result<Vec<_>, _>>()?.into()
            }
            Node::Object(members) => {
                let members = members.iter().map(|(name, member)| Ok((name.clone(), self.value(member)?)));
                Value::Object(members.collect::<Result<_, EvalError>>()?)
            }
            Node::And(sides) => (self.truth(&sides[0])? && self.truth(&sides[1])?).into(),
            Node::Or(sides) => (self.truth(&sides[0])? || self.truth(&sides[1])?).into(),
            Node::Not(of) => (!self.truth(of)?).into(),
            Node::Negate(of) => {
                let value = self.value(of)?;
                super::node::Operator::Subtract.apply(&Value::from(0), &value)?
            }
            Node::If(parts) => match self.truth(&parts[0])? {
                true => self.value(&parts[1])?,
                false => self.value(&parts[2])?,
            },
            Node::Binary(operator, sides) => {
                let (a, b) = (self.value(&sides[0])?, self.value(&sides[1])?);
                self.sized(operator.apply(&a, &b)?)?
            }
            Node::ToDate(of) => to_date(&self.value(of)?),
            Node::Call(function, arguments) => self.call(function, arguments)?,
            Node::Each(each) => self.each(each)?,
            Node::Apply(body, arguments) => self.apply(body, arguments)?,
            Node::Find(extent, kind, id) => {
                let found = self.value(id)?.as_id().and_then(|id| self.world.find(kind, &id));
                found.filter(|record| *extent == Extent::All || self.world.is_own(record)).into()
            }
            Node::Records(records) => self.records(records)?,
            Node::Local(time, pattern) => {
                let (time, pattern) = (to_date(&self.value(time)?), self.value(pattern)?);
                super::functions::format_date(&time, pattern.as_text().unwrap_or_default(), self.world.zone())?
            }
            Node::Quirk(id) => self.world.quirk(id).into(),
            Node::Uid => Value::from(&self.world.uid()),
            Node::Secret => Value::from(&self.world.secret()),
            Node::NextNumber(kind) => i64::try_from(self.world.next_number(kind)).unwrap_or(i64::MAX).into(),
        })
    }

    fn variable(&self, index: usize) -> &Value {
        match self.frame {
            Frame::Expression => self.inputs.get(index).unwrap_or_else(|| &self.inner[index - self.inputs.len()]),
            Frame::Function(base) => &self.inner[base + index],
        }
    }

    /// Sets a variable that is no input of the expression.
    fn set_variable(&mut self, index: usize, value: Value) {
        let place = match self.frame {
            Frame::Expression => index - self.inputs.len(),
            Frame::Function(base) => base + index,
        };
        self.inner[place] = value;
    }

    fn call(&mut self, function: &Function, arguments: &[Node]) -> Result<Value, EvalError> {
        let arguments = arguments.iter().map(|argument| self.value(argument)).collect::<Result<Arguments, _>>()?;
        for (argument, parameter) in arguments.iter().zip(function.parameters) {
            if argument.is_null() && parameter.passes_null() {
                return Ok(Value::NULL);
            }
            self.spend(size(argument) / 64)?;
        }
        self.sized((function.run)(&arguments)?)
    }

    /// Counts the size of a result.
    fn sized(&mut self, value: Value) -> Result<Value, EvalError> {
        self.spend(size(&value) / 64)?;
        Ok(value)
    }

    fn truth(&mut self, node: &Node) -> Result<bool, EvalError> {
        truth(&self.value(node)?)
    }

    fn member(&mut self, of: &Node, name: &str) -> Result<Value, EvalError> {
        // Looked up without a copy of the whole.
        let member = match of {
            Node::Variable(index) => {
                self.spend(1)?;
                self.variable(*index).member(name)
            }
            _ => self.value(of)?.member(name),
        };
        Ok(member.unwrap_or(Value::NULL))
    }

    fn index(&mut self, of: &Node, index: &Node) -> Result<Value, EvalError> {
        let (of, index) = (self.value(of)?, self.value(index)?);
        if let Some(name) = index.as_text() {
            return Ok(of.member(name).unwrap_or(Value::NULL));
        }
        let position = match &index {
            Value::Field(FieldValue::Integer(position)) => usize::try_from(*position).ok(),
            other => return Err(EvalError::new(format!("an index is a number or text, not {}", other.describe()))),
        };
        let mut list = of.elements().ok_or_else(|| EvalError::new(format!("{} has no elements", of.describe())))?;
        self.spend(list.len() / 64)?;
        Ok(position.and_then(|position| list.nth(position)).unwrap_or(Value::NULL))
    }

    fn each(&mut self, each: &Each) -> Result<Value, EvalError> {
        let list = self.value(&each.list)?;
        let elements = list.elements();
        let elements = elements.ok_or_else(|| EvalError::new(format!("expected a list, found {}", list.describe())))?;
        let mut collected = Vec::new();
        let mut keys = Vec::new();
        let mut matches = 0;
        for element in elements {
            self.set_variable(each.variable, element);
            if let Some(condition) = &each.condition
                && !self.truth(condition)?
            {
                continue;
            }
            match each.what {
                Collect::Map => collected.push(self.value(&each.body)?),
                Collect::SortBy => keys.push((self.value(&each.body)?, self.variable(each.variable).clone())),
                Collect::Filter if self.truth(&each.body)? => collected.push(self.variable(each.variable).clone()),
                Collect::Filter => {}
                Collect::All if !self.truth(&each.body)? => return Ok(false.into()),
                Collect::Exists if self.truth(&each.body)? => return Ok(true.into()),
                Collect::All | Collect::Exists => {}
                Collect::ExistsOne => matches += usize::from(self.truth(&each.body)?),
            }
        }
        Ok(match each.what {
            Collect::Map | Collect::Filter => collected.into(),
            Collect::SortBy => sort_by_key(keys)?,
            Collect::All => true.into(),
            Collect::Exists => false.into(),
            Collect::ExistsOne => (matches == 1).into(),
        })
    }

    fn records(&mut self, records: &Records) -> Result<Value, EvalError> {
        let mut found = Vec::new();
        let equal = records.equal.as_ref().map(|(field, text)| Ok((field, self.value(text)?))).transpose()?;
        // A field with another value than text is found by looking at all records.
        if let Some((field, text)) = equal
            && let Some(text) = text.as_text()
        {
            for record in self.world.find_by(&records.kind, field, text) {
                self.add_record(records, record, &mut found)?;
            }
            return Ok(found.into());
        }
        let mut index = 0;
        while let Some((at, record)) = self.world.next(&records.kind, index) {
            index = at;
            self.add_record(records, record, &mut found)?;
        }
        Ok(found.into())
    }

    /// Adds a record to those found, if it has the right owner and fits the condition.
    fn add_record(&mut self, records: &Records, record: Arc<Record>, found: &mut Vec<Value>) -> Result<(), EvalError> {
        self.spend(1)?;
        if records.extent == Extent::Own && !self.world.is_own(&record) {
            return Ok(());
        }
        let record = Value::Record(record);
        if let Some((variable, condition)) = &records.condition {
            self.set_variable(*variable, record.clone());
            if !self.truth(condition)? {
                return Ok(());
            }
        }
        found.push(record);
        Ok(())
    }

    /// The value of a function of a resources file.
    fn apply(&mut self, body: &Expression, arguments: &[Node]) -> Result<Value, EvalError> {
        let base = self.inner.len();
        for argument in arguments {
            let argument = self.value(argument)?;
            self.inner.push(argument);
        }
        self.inner.resize(base + body.slots.max(arguments.len()), Value::NULL);
        let outside = std::mem::replace(&mut self.frame, Frame::Function(base));
        let value = self.value(&body.node);
        self.frame = outside;
        self.inner.truncate(base);
        value.map_err(|error| EvalError::new(format!("in `{}`: {}", body.text, error.message)))
    }
}

/// Values in ascending order of their keys, `null` first. Values with equal keys stay in their order.
fn sort_by_key(mut keys: Vec<(Value, Value)>) -> Result<Value, EvalError> {
    check_comparable(keys.iter().map(|(key, _)| key).filter(|key| !key.is_null()))?;
    keys.sort_by(|(a, _), (b, _)| match (a.is_null(), b.is_null()) {
        (false, false) => compare(a, b).unwrap_or(Ordering::Equal),
        (a, b) => b.cmp(&a),
    });
    Ok(keys.into_iter().map(|(_, value)| value).collect::<Vec<_>>().into())
}

/// The number of bytes of a text, or of elements of a list.
fn size(value: &Value) -> usize {
    match value {
        Value::Field(FieldValue::Text(text)) => text.len(),
        Value::Field(FieldValue::List(list)) => list.len(),
        Value::List(list) => list.len(),
        _ => 0,
    }
}
