//! Runs procedures: the steps that resources files describe for an operation.

mod respond;
mod values;

use std::sync::Arc;

use compact_str::CompactString;

use crate::diagnostics::Span;
use crate::expressions::{Expression, Value};
use crate::model::{FieldValue, Fields, Record};
use crate::openapi::template::parameter_names;
use crate::openapi::{Operation, Procedure, REQUEST_VARIABLES, Rejection, Step, StepAction, Values};
use crate::request::{
    ApiError, BehaviourRunner, Context, ErrorKind, PathValues, Query, Reply, RequestView, error_kind, set_updated,
};

/// Maximum number of elements of `for_each`, and of records that one step changes.
const MAX_TARGETS: usize = 10_000;

/// How the steps of a procedure end.
enum Ending {
    /// They have all run.
    Done,
    /// With a response.
    Reply(Reply),
    /// With a value for the calling procedure.
    Value(Value),
}

/// A procedure while it runs.
struct Run<'p, 'r> {
    procedure: &'p Procedure,
    runner: &'p mut BehaviourRunner<'r>,
    query: &'r Query,
    operation: &'r Operation,
    variables: Vec<Value>,
}

/// Serves an operation by the procedure with that index.
///
/// # Errors
/// Unauthorized if the caller acts for no owner, that of a step that rejects the request, or of an expression that cannot be
/// evaluated. Nothing is changed then.
pub fn serve_procedure(ctx: &mut Context<'_>, index: usize) -> Result<Reply, ApiError> {
    let procedure = ctx.resources.procedure(index);
    if procedure.needs_owner && ctx.state.ownership.is_declared() {
        ctx.owner()?;
    }
    let mark = ctx.state.mark();
    let result = run(ctx, procedure, None);
    if result.is_err() {
        ctx.state.undo(mark);
    }
    match result? {
        (Ending::Reply(reply), _) => Ok(reply),
        _ => Ok(Reply::empty()),
    }
}

/// Runs the procedure with that index after a record was written. Returns the record as it is then.
///
/// # Errors
/// As [`serve_procedure`].
pub(super) fn run_after_write(
    ctx: &mut Context<'_>,
    index: usize,
    record: Arc<Record>,
) -> Result<Arc<Record>, ApiError> {
    let procedure = ctx.resources.procedure(index);
    let (_, record) = run(ctx, procedure, Some(record))?;
    record.ok_or_else(|| ApiError::new(ErrorKind::Absent, "Not Found"))
}

fn run(
    ctx: &mut Context<'_>,
    procedure: &Procedure,
    record: Option<Arc<Record>>,
) -> Result<(Ending, Option<Arc<Record>>), ApiError> {
    let (query, operation, view) = (ctx.query, ctx.operation, RequestView::of(ctx));
    let mut variables: Vec<Value> = [
        FieldValue::from(ctx.body),
        path_fields(procedure, ctx.path).into(),
        query.iter().map(|(name, value)| (name.into(), value.into())).collect::<Fields>().into(),
    ]
    .map(Value::Field)
    .into();
    variables.extend(record.clone().map(Value::Record));
    let mut runner = BehaviourRunner::new(ctx.state, ctx.resources, Some(view));
    let ending = Run { procedure, runner: &mut runner, query, operation, variables }.run()?;
    let written = record.and_then(|record| ctx.state.store.get(&record.kind, &record.id).cloned());
    Ok((ending, written))
}

/// The values of the path by the names that the procedure has for them: copies of a contract can name parameters differently.
fn path_fields(procedure: &Procedure, path: &PathValues) -> Fields {
    let names = parameter_names(&procedure.name).map(CompactString::from);
    names.zip(path.iter().map(FieldValue::from)).collect()
}

impl Run<'_, '_> {
    fn run(&mut self) -> Result<Ending, ApiError> {
        let names = Arc::clone(self.runner.resources().names());
        let steps = self.procedure.steps(&names).map_err(|wrong| self.failed(wrong.span, &wrong.message))?;
        self.variables.resize(steps.slots.max(self.variables.len()), Value::NULL);
        self.steps(&steps.list)
    }

    fn steps(&mut self, steps: &[Step]) -> Result<Ending, ApiError> {
        for step in steps {
            for slot in &step.declared {
                self.variables[*slot] = Value::NULL;
            }
            if let Some(condition) = &step.when
                && !self.holds(step.span, condition)?
            {
                continue;
            }
            let ending = self.step(step)?;
            if !matches!(ending, Ending::Done) {
                return Ok(ending);
            }
        }
        Ok(Ending::Done)
    }

    fn step(&mut self, step: &Step) -> Result<Ending, ApiError> {
        let span = step.span;
        match &step.action {
            StepAction::Let(set) => {
                for (slot, expression) in set {
                    self.variables[*slot] = self.value(span, expression)?;
                }
            }
            StepAction::Find { kind, id, slot, rejection } => {
                let id = self.value(span, id)?.as_id();
                let found = id.and_then(|id| self.runner.find_own(kind, &id));
                self.variables[*slot] = Value::Record(found.ok_or_else(|| rejected(rejection))?);
            }
            StepAction::Require(names) => self.require(names)?,
            StepAction::Reject { condition, rejection } => {
                if self.holds(span, condition)? {
                    return Err(rejected(rejection));
                }
            }
            StepAction::Create { kind, id, set, slot } => {
                let record = self.create(span, kind, id.as_ref(), set)?;
                self.set(*slot, Value::Record(record));
            }
            StepAction::Update { records, target, set, slot } => {
                for record in self.records(span, records)? {
                    let changed = self.update(span, record, (*target, set))?;
                    self.set(*slot, Value::Record(changed));
                }
            }
            StepAction::Delete(records) => {
                for record in self.records(span, records)? {
                    self.runner.state().store.remove(&record.kind, &record.id);
                }
            }
            StepAction::ForEach { list, item, steps } => return self.for_each(span, list, (*item, steps)),
            StepAction::Call { name, arguments, slot } => match self.call(span, name, arguments)? {
                Ending::Reply(reply) => return Ok(Ending::Reply(reply)),
                Ending::Value(value) => self.set(*slot, value),
                Ending::Done => self.set(*slot, Value::NULL),
            },
            StepAction::Return(expression) => return Ok(Ending::Value(self.value(span, expression)?)),
            StepAction::Respond { parts, status } => {
                return self.reply(span, parts, status.as_ref()).map(Ending::Reply);
            }
            StepAction::List(list) => return self.list(span, list).map(Ending::Reply),
        }
        Ok(Ending::Done)
    }

    /// Checks that members of the body are text.
    fn require(&self, names: &[String]) -> Result<(), ApiError> {
        let is_text = |name: &str| self.variables[0].member(name).is_some_and(|value| is_text(&value));
        names.iter().find(|name| !is_text(name)).map_or(Ok(()), |name| Err(ApiError::missing(name)))
    }

    fn create(
        &mut self,
        span: Span,
        kind: &CompactString,
        id: Option<&Expression>,
        set: &Values,
    ) -> Result<Arc<Record>, ApiError> {
        let id = id.map(|id| self.value(span, id)).transpose()?.and_then(|id| id.as_id());
        let fields = self.fields(span, Some(kind), set)?;
        let id = id.unwrap_or_else(|| self.runner.state().ids.uid());
        let owner = self.runner.owner();
        Ok(self.runner.new_record(kind, Some(id), fields, owner))
    }

    fn update(
        &mut self,
        span: Span,
        record: Arc<Record>,
        (target, set): (usize, &Values),
    ) -> Result<Arc<Record>, ApiError> {
        let kind = record.kind.clone();
        let mut changed = Record::clone(&record);
        self.variables[target] = Value::Record(record);
        let fields = self.fields(span, Some(&kind), set)?;
        let is_set = |name: &str| fields.iter().any(|(known, _)| known == name);
        set_updated(self.runner.state(), &mut changed, is_set);
        for (name, value) in fields {
            changed.fields.set(&name, value);
        }
        Ok(self.runner.put(changed))
    }

    fn for_each(&mut self, span: Span, list: &Expression, (item, steps): (usize, &[Step])) -> Result<Ending, ApiError> {
        for element in self.elements(span, list)? {
            self.variables[item] = element;
            let ending = self.steps(steps)?;
            if !matches!(ending, Ending::Done) {
                return Ok(ending);
            }
        }
        Ok(Ending::Done)
    }

    fn call(&mut self, span: Span, name: &str, arguments: &[Expression]) -> Result<Ending, ApiError> {
        let names = Arc::clone(self.runner.resources().names());
        let Some(procedure) = names.procedures.get(name) else { return Err(self.failed(span, "unknown procedure")) };
        let mut variables = self.variables[..REQUEST_VARIABLES.len()].to_vec();
        for argument in arguments {
            variables.push(self.value(span, argument)?);
        }
        Run { procedure, runner: self.runner, query: self.query, operation: self.operation, variables }.run()
    }

    fn set(&mut self, slot: Option<usize>, value: Value) {
        if let Some(slot) = slot {
            self.variables[slot] = value;
        }
    }

    fn failed(&self, span: Span, message: &str) -> ApiError {
        let (file, line) = (&self.procedure.file.name, span.line);
        ApiError::new(ErrorKind::Expression, format!("{file}:{line}: {message}"))
    }
}

fn is_text(value: &Value) -> bool {
    value.as_text().is_some_and(|text| !text.is_empty())
}

fn rejected(rejection: &Rejection) -> ApiError {
    let error = ApiError::new(error_kind(rejection.error), &rejection.message);
    let error = rejection.field.iter().fold(error, |error, field| error.field(field));
    let error = rejection.status.into_iter().fold(error, ApiError::status);
    if rejection.is_unknown_id { error.unknown() } else { error }
}
