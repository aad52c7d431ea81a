//! Reader of the steps of a procedure.

use strum::VariantNames;

use super::{ListStep, Names, Procedure, REQUEST_VARIABLES, Rejection, Step, StepAction, Steps, Values};
use crate::diagnostics::{Diagnostic, YamlMap, YamlNode, YamlValue};
use crate::expressions::{Expression, Type};
use crate::openapi::resource::RuleError;
use crate::openapi::resource::behaviour::Compiler;

/// The keys that say what a step does.
const ACTIONS: [&str; 13] = [
    "owner", "let", "find", "require", "reject", "create", "update", "delete", "for_each", "call", "return", "respond",
    "list",
];

/// The state of reading a procedure.
struct StepReader<'n> {
    names: &'n Names,
    compiler: Compiler<'n>,
    /// The largest number of variables so far.
    slots: usize,
}

/// Reads the steps of a procedure.
pub(super) fn read_steps(procedure: &Procedure, names: &Names) -> Result<Steps, Diagnostic> {
    let mut compiler = Compiler::without_variables(&procedure.file, &names.kinds);
    for name in REQUEST_VARIABLES {
        compiler = compiler.with_variable(name, Some(Type::Any));
    }
    let record = procedure.record.clone().map(Type::Record);
    compiler = compiler.with_variable("record", record);
    for name in &procedure.parameters {
        compiler = compiler.with_variable(name, Some(Type::Any));
    }
    let slots = compiler.variables().len();
    let mut reader = StepReader { names, compiler, slots };
    let list = reader.steps(procedure.nodes()?)?;
    Ok(Steps { list, slots: reader.slots })
}

impl StepReader<'_> {
    /// Steps whose variables are unknown after them.
    fn steps(&mut self, nodes: &[YamlNode]) -> Result<Vec<Step>, Diagnostic> {
        let outside = self.compiler.clone();
        let steps = nodes.iter().map(|node| self.step(node)).collect();
        self.compiler = outside;
        steps
    }

    fn step(&mut self, node: &YamlNode) -> Result<Step, Diagnostic> {
        let mut entries = node.entries("a step")?;
        let when = self.compiler.optional(&mut entries, "when", &Type::Bool)?;
        let known = self.compiler.variables().len();
        let action = self.action(node, &mut entries)?;
        entries.finish()?;
        let declared = (known..self.compiler.variables().len()).collect();
        Ok(Step { when, action, span: node.span, declared })
    }

    fn action<'t>(&mut self, node: &'t YamlNode, entries: &mut YamlMap<'t>) -> Result<StepAction, Diagnostic> {
        let found = ACTIONS.into_iter().find_map(|name| Some((name, entries.take_present(name)?)));
        let Some((name, value)) = found else {
            let known = ACTIONS[1..].join(", ");
            return Err(
                Diagnostic::new(node.span, "a step needs one of its keys").help(format!("the keys are {known}"))
            );
        };
        match name {
            "owner" if value.text()? == "optional" => Ok(StepAction::Let(Vec::new())),
            "owner" => Err(value.expected("`optional`")),
            "let" => self.read_let(value),
            "find" => self.read_find(value, entries),
            "require" => Ok(StepAction::Require(value.texts()?.into_iter().map(str::to_owned).collect())),
            "reject" => {
                let condition = self.compiler.expression(value, &Type::Bool)?;
                Ok(StepAction::Reject { condition, rejection: read_rejection(node, entries, false)? })
            }
            "create" => {
                let kind = self.compiler.kind(value)?;
                let id = self.compiler.optional(entries, "id", &Type::Any)?;
                let set = self.values(entries.require("set")?, &self.compiler, Some(&kind))?;
                Ok(StepAction::Create { slot: self.result(entries, &Type::Record(kind.clone()))?, kind, id, set })
            }
            "update" => self.read_update(value, entries),
            "delete" => Ok(StepAction::Delete(self.compiler.expression(value, &Type::Any)?)),
            "for_each" => {
                let list = self.compiler.expression(value, &Type::list(Type::Any))?;
                let outside = self.compiler.clone();
                let item = self.declare("item", &element_of(&list));
                let steps = self.steps(entries.require("do")?.list()?)?;
                self.compiler = outside;
                Ok(StepAction::ForEach { list, item, steps })
            }
            "call" => self.read_call(value, entries),
            "return" => Ok(StepAction::Return(self.compiler.expression(value, &Type::Any)?)),
            "respond" => {
                let parts = self.values(value, &self.compiler, None)?;
                let status = self.compiler.optional(entries, "status", &Type::Integer)?;
                Ok(StepAction::Respond { parts, status })
            }
            _ => self.read_list(value, entries),
        }
    }

    fn read_let(&mut self, value: &YamlNode) -> Result<StepAction, Diagnostic> {
        let mut set = Vec::new();
        for (key, node) in value.entries("`let`")?.rest() {
            let expression = self.compiler.expression(node, &Type::Any)?;
            set.push((self.declare(&key.name, expression.kind()), expression));
        }
        Ok(StepAction::Let(set))
    }

    fn read_find<'t>(&mut self, value: &'t YamlNode, entries: &mut YamlMap<'t>) -> Result<StepAction, Diagnostic> {
        let kind = self.compiler.kind(value)?;
        let id = self.compiler.expression(entries.require("id")?, &Type::Any)?;
        let rejection = read_rejection(value, entries, true)?;
        let slot = self.declare(entries.require("as")?.text()?, &Type::Record(kind.clone()));
        Ok(StepAction::Find { kind, id, slot, rejection })
    }

    fn read_update<'t>(&mut self, value: &'t YamlNode, entries: &mut YamlMap<'t>) -> Result<StepAction, Diagnostic> {
        let records = self.compiler.expression(value, &Type::Any)?;
        let kind = match records.kind() {
            Type::List(_) => element_of(&records),
            other => other.clone(),
        };
        let outside = self.compiler.clone();
        let target = self.declare("target", &kind);
        let of_kind = match &kind {
            Type::Record(kind) => Some(kind.as_str()),
            _ => None,
        };
        let set = self.values(entries.require("set")?, &self.compiler, of_kind)?;
        self.compiler = outside;
        let slot = self.result(entries, &kind)?;
        Ok(StepAction::Update { records, target, set, slot })
    }

    fn read_call<'t>(&mut self, value: &'t YamlNode, entries: &mut YamlMap<'t>) -> Result<StepAction, Diagnostic> {
        let name = value.text()?;
        let Some(procedure) = self.names.procedures.get(name) else {
            let known: Vec<&str> = self.names.procedures.keys().map(String::as_str).collect();
            return Err(Diagnostic::unknown(value.span, "procedure", name, &known));
        };
        let mut given = match entries.take("with") {
            Some(node) => node.entries("`with`")?.rest(),
            None => Vec::new(),
        };
        let mut arguments = Vec::new();
        for parameter in &procedure.parameters {
            arguments.push(match given.iter().position(|(key, _)| key.name == *parameter) {
                Some(index) => self.compiler.expression(&given.remove(index).1, &Type::Any)?,
                None => Expression::constant(crate::expressions::Value::NULL, Type::Null),
            });
        }
        if let Some((key, _)) = given.first() {
            let known: Vec<&str> = procedure.parameters.iter().map(|name| name.as_str()).collect();
            return Err(Diagnostic::unknown(key.span, "parameter", &key.name, &known));
        }
        Ok(StepAction::Call { name: name.to_owned(), arguments, slot: self.result(entries, &Type::Any)? })
    }

    fn read_list<'t>(&mut self, value: &'t YamlNode, entries: &mut YamlMap<'t>) -> Result<StepAction, Diagnostic> {
        let name = value.text()?.into();
        let records = self.compiler.expression(entries.require("of")?, &Type::list(Type::Any))?;
        let has_pages = self.compiler.optional(entries, "pages", &Type::Bool)?;
        let hide = self.compiler.optional(entries, "hide", &Type::Text)?;
        let is_declared = entries.take("declared").map(YamlNode::boolean).transpose()?.unwrap_or(false);
        let aliases = match entries.take("aliases") {
            Some(node) => {
                let pairs = node.entries("`aliases`")?.rest().into_iter();
                pairs.map(|(key, node)| Ok((key.name.clone(), node.text()?.to_owned()))).collect::<Result<_, _>>()?
            }
            None => Vec::new(),
        };
        let outside = self.compiler.clone();
        let item = self.declare("item", &element_of(&records));
        let condition = self.compiler.optional(entries, "where", &Type::Bool)?;
        let view = self.compiler.optional(entries, "view", &Type::Any)?;
        self.compiler = outside;
        Ok(StepAction::List(Box::new(ListStep {
            name,
            records,
            item,
            condition,
            view,
            hide,
            aliases,
            is_declared,
            has_pages,
        })))
    }

    /// The variable `as`, if there is one.
    fn result<'t>(&mut self, entries: &mut YamlMap<'t>, kind: &Type) -> Result<Option<usize>, Diagnostic> {
        let name = entries.take("as").map(YamlNode::text).transpose()?;
        Ok(name.map(|name| self.declare(name, kind)))
    }

    /// The index of a variable: that of the name, if it is known.
    fn declare(&mut self, name: &str, kind: &Type) -> usize {
        let known = self.compiler.variables().iter().position(|(known, _)| known == name);
        let index = known.unwrap_or_else(|| {
            self.compiler = self.compiler.with_variable(name, Some(kind.clone()));
            self.compiler.variables().len() - 1
        });
        // A variable that is set again can have another type.
        if self.compiler.variables()[index].1 != *kind {
            self.compiler.set_type(index, Type::Any);
        }
        self.slots = self.slots.max(index + 1);
        index
    }

    /// Values by name, or an expression for all of them.
    fn values(&self, node: &YamlNode, compiler: &Compiler<'_>, kind: Option<&str>) -> Result<Values, Diagnostic> {
        match &node.node {
            YamlValue::Map(entries) => Ok(Values::Each(compiler.fields(entries, kind)?)),
            _ => Ok(Values::Object(compiler.expression(node, &Type::Any)?)),
        }
    }
}

/// The type of the elements of a list.
fn element_of(list: &Expression) -> Type {
    match list.kind() {
        Type::List(element) => Type::clone(element),
        _ => Type::Any,
    }
}

fn read_rejection<'t>(
    node: &'t YamlNode,
    entries: &mut YamlMap<'t>,
    is_unknown_id: bool,
) -> Result<Rejection, Diagnostic> {
    let (error, status) = RuleError::read(entries)?;
    let field = entries.take("field").map(|node| node.text().map(str::to_owned)).transpose()?;
    let message = entries.take("message").map(|node| node.text().map(str::to_owned)).transpose()?;
    let message = match (message, error, &field) {
        (Some(message), ..) => message,
        (None, RuleError::Missing, Some(field)) => format!("Mandatory parameter {field} is missing"),
        (None, RuleError::Unauthorized, _) => "Unauthorized".to_owned(),
        _ => return Err(Diagnostic::missing(node.span, "a step that rejects", "message")),
    };
    let unknown = entries.take("unknown").map(YamlNode::boolean).transpose()?;
    Ok(Rejection { error, status, field, message, is_unknown_id: unknown.unwrap_or(is_unknown_id) })
}

impl RuleError {
    /// Reads `error` and `status` of an entry that rejects a request.
    pub(in crate::openapi::resource) fn read<'t>(entries: &mut YamlMap<'t>) -> Result<(Self, Option<u16>), Diagnostic> {
        let error = match entries.take("error") {
            Some(node) => {
                let name = node.text()?;
                name.parse().map_err(|_| Diagnostic::unknown(node.span, "kind of error", name, Self::VARIANTS))?
            }
            None => Self::default(),
        };
        let status = match entries.take("status") {
            Some(node) => {
                let status = u16::try_from(node.count()?).ok().filter(|status| (400..600).contains(status));
                Some(status.ok_or_else(|| node.expected("a status from 400 to 599"))?)
            }
            None => None,
        };
        Ok((error, status))
    }
}
