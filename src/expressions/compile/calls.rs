//! Calls of functions, and forms that bind a variable or use the store.

use std::sync::Arc;

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue};
use compact_str::CompactString;
use strum::VariantNames;

use super::{Compiler, Mistake, Typed, compile_inside};
use crate::diagnostics::nearest;
use crate::expressions::functions::{FUNCTIONS, Function, find};
use crate::expressions::node::{Collect, Each, Extent, Node, Operator, Records};
use crate::expressions::{DefinedFunction, Parameter, Scope, Type};

/// Forms that are not functions, as they are written.
const FORMS: [&str; 10] =
    ["has", "find", "find_own", "all", "all_own", "local", "next_number", "quirk", "secret", "uid"];

impl Compiler<'_> {
    pub(super) fn named_call(&mut self, of: &IdedExpr, call: &CallExpr) -> Result<Typed, Mistake> {
        let arguments: Vec<&IdedExpr> = call.args.iter().collect();
        match (call.func_name.as_str(), call.target.as_deref(), arguments.as_slice()) {
            ("has", None, [member]) => self.has(member),
            ("find", None, [kind, id]) => self.find(Extent::All, kind, id),
            ("find_own", None, [kind, id]) => self.find(Extent::Own, kind, id),
            ("all", None, [kind]) => self.records(Extent::All, kind, None),
            ("all", None, [kind, condition]) => self.records(Extent::All, kind, Some(condition)),
            ("all_own", None, [kind]) => self.records(Extent::Own, kind, None),
            ("all_own", None, [kind, condition]) => self.records(Extent::Own, kind, Some(condition)),
            ("local", None, [time, pattern]) => {
                let (time, pattern) = (self.compile(time)?.0, self.compile_as(pattern, &Type::Text)?);
                self.uses_others = true;
                Ok((Node::Local(Box::new(time), Box::new(pattern)), Type::Text))
            }
            ("quirk", None, [id]) => {
                let id = self.literal(id, "the id of a quirk")?;
                self.uses_others = true;
                Ok((Node::Quirk(id), Type::Bool))
            }
            ("next_number", None, [kind]) => {
                self.uses_others = true;
                Ok((Node::NextNumber(self.kind(kind)?), Type::Integer))
            }
            ("secret", None, []) => {
                self.uses_others = true;
                Ok((Node::Secret, Type::Text))
            }
            ("uid", None, []) => {
                self.uses_others = true;
                Ok((Node::Uid, Type::Text))
            }
            (name, Some(list), [variable, rest @ ..]) if let Ok(what) = name.parse::<Collect>() => match (what, rest) {
                (Collect::Map, [condition, body]) => self.each(what, list, variable, Some(condition), body),
                (_, [body]) => self.each(what, list, variable, None, body),
                _ => Err(self
                    .mistake(of, format!("`{name}` needs a variable and an expression"))
                    .help(format!("write `list.{name}(x, …)`"))),
            },
            (name, _, _) => match (find(name), self.scope.kinds.function(name)) {
                (Some(function), _) => self.function(of, function, call),
                (None, Some(function)) => self.defined_function(of, name, &Arc::clone(function), call),
                (None, None) => Err(self.unknown_function(of, name)),
            },
        }
    }

    fn unknown_function(&self, of: &IdedExpr, name: &str) -> Mistake {
        let functions = FUNCTIONS.iter().map(|function| function.name);
        let defined = self.scope.kinds.functions().map(|(name, _)| name);
        let known = functions.chain(FORMS).chain(Collect::VARIANTS.iter().copied()).chain(defined);
        // The name may be known, with other arguments.
        if known.clone().any(|known| known == name) {
            let mistake = self.mistake(of, format!("wrong arguments of `{name}`"));
            return match name {
                "has" => mistake.help("write `has(record.field)`"),
                "find" | "find_own" => mistake.help(format!("write `{name}('kind', id)`")),
                "all_own" => mistake.help("write `all_own('kind')` or `all_own('kind', item.field == value)`"),
                "local" => mistake.help("write `local(record.start_time, '%b %-d')`"),
                "all" => mistake.help("write `all('kind')`, `all('kind', item.field == value)` or `list.all(x, …)`"),
                "quirk" => mistake.help("write `quirk('id')`"),
                "next_number" => mistake.help("write `next_number('kind')`"),
                "uid" | "secret" => mistake.help(format!("write `{name}()`")),
                _ => mistake.help(format!("write `list.{name}(x, …)`")),
            };
        }
        let mistake = self.mistake(of, format!("unknown function `{name}`"));
        match nearest(name, known) {
            Some(near) => mistake.help(format!("did you mean `{near}`?")),
            None => mistake,
        }
    }

    fn has(&mut self, member: &IdedExpr) -> Result<Typed, Mistake> {
        if !matches!(member.expr, Expr::Select(_)) {
            return Err(self.mistake(member, "`has` needs a member").help("write `has(record.field)`"));
        }
        match self.compile(member)? {
            (Node::Member(of, name), _) => Ok((Node::Has(of, name), Type::Bool)),
            _ => Err(self.mistake(member, "`has` needs a member").help("write `has(record.field)`")),
        }
    }

    /// A text that is written as such.
    fn literal(&self, of: &IdedExpr, what: &str) -> Result<CompactString, Mistake> {
        match &of.expr {
            Expr::Literal(LiteralValue::String(text)) => Ok(text.inner().into()),
            _ => Err(self.mistake(of, format!("{what} must be written as text")).help("write it in quotes: 'name'")),
        }
    }

    fn kind(&self, of: &IdedExpr) -> Result<CompactString, Mistake> {
        let kind = self.literal(of, "the kind of a record")?;
        if self.scope.kinds.has(&kind) {
            return Ok(kind);
        }
        let mistake = self.mistake(of, format!("unknown kind `{kind}`"));
        Err(match nearest(&kind, self.scope.kinds.names()) {
            Some(near) => mistake.help(format!("did you mean `{near}`?")),
            None => mistake.help(format!("describe it in a resources file: `{kind}: {{plural: {kind}s}}`")),
        })
    }

    fn find(&mut self, extent: Extent, kind: &IdedExpr, id: &IdedExpr) -> Result<Typed, Mistake> {
        let kind = self.kind(kind)?;
        let (id_node, id_type) = self.compile(id)?;
        if !matches!(id_type, Type::Any | Type::Null | Type::Text | Type::Integer) {
            return Err(self.mistake(id, format!("an id is text, not {id_type}")));
        }
        self.uses_others = true;
        Ok((Node::Find(extent, kind.clone(), Box::new(id_node)), Type::Record(kind)))
    }

    /// The records of a kind; in the condition, `item` is each of them.
    fn records(&mut self, extent: Extent, kind: &IdedExpr, condition: Option<&IdedExpr>) -> Result<Typed, Mistake> {
        let kind = self.kind(kind)?;
        self.uses_others = true;
        let record = Type::Record(kind.clone());
        let condition = match condition {
            Some(condition) => {
                let compile = |compiler: &mut Self| compiler.compile_as(condition, &Type::Bool);
                let (variable, node) = self.with_variable("item", record.clone(), compile)?;
                Some((variable, node))
            }
            None => None,
        };
        let equal = condition.as_ref().and_then(|(variable, condition)| equal_field(*variable, condition));
        Ok((Node::Records(Box::new(Records { extent, kind, equal, condition })), Type::list(record)))
    }

    /// A call of a function of a resources file.
    fn defined_function(
        &mut self,
        of: &IdedExpr,
        name: &str,
        function: &DefinedFunction,
        call: &CallExpr,
    ) -> Result<Typed, Mistake> {
        let arguments: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        let wanted = &function.parameters;
        if arguments.len() != wanted.len() {
            let message = format!("`{name}` has {} arguments, not {}", arguments.len(), wanted.len());
            return Err(self.mistake(of, message).help(format!("write `{name}({})`", wanted.join(", "))));
        }
        let nodes = arguments.into_iter().map(|argument| Ok(self.compile(argument)?.0));
        let nodes = nodes.collect::<Result<Vec<_>, _>>()?;
        self.uses_others = true;
        let body = match function.body.get() {
            Some(body) => Arc::clone(body),
            None if self.open.functions.iter().any(|open| open == name) => {
                let path = self.open.functions.join("`, `");
                return Err(self.mistake(of, format!("functions need each other without end: `{path}`, `{name}`")));
            }
            None => {
                let variables = wanted.iter().map(|parameter| (parameter.clone(), Type::Any)).collect();
                let scope = Scope { kinds: self.scope.kinds, variables, has_request: true };
                let mut open = self.open.clone();
                open.functions.push(name.into());
                let body = compile_inside(&function.text, &scope, &Type::Any, open);
                let body = body.map_err(|mistake| {
                    // The function that has the mistake is named, not those that call it.
                    let message = match mistake.message.starts_with("in the function `") {
                        true => mistake.message,
                        false => format!("in the function `{name}`: {}", mistake.message),
                    };
                    Mistake { at: self.position(of), message, help: mistake.help }
                })?;
                Arc::clone(function.body.get_or_init(|| Arc::new(body)))
            }
        };
        self.check_depth(of, body.depth)?;
        let kind = body.kind().clone();
        Ok((Node::Apply(body, nodes), kind))
    }

    /// An expression for each element of a list.
    fn each(
        &mut self,
        what: Collect,
        list: &IdedExpr,
        variable: &IdedExpr,
        condition: Option<&IdedExpr>,
        body: &IdedExpr,
    ) -> Result<Typed, Mistake> {
        let (list_node, list_type) = self.compile(list)?;
        let element = match &list_type {
            Type::List(element) => Type::clone(element),
            Type::Any | Type::Null => Type::Any,
            other => return Err(self.mistake(list, format!("the value is {other}, not a list"))),
        };
        let Expr::Ident(name) = &variable.expr else {
            return Err(self
                .mistake(variable, "the name of a variable is expected")
                .help("write `list.map(x, x.price)`"));
        };
        let (index, (condition, (body, kind))) = self.with_variable(name, element, |compiler| {
            let condition = condition.map(|condition| compiler.compile_as(condition, &Type::Bool)).transpose()?;
            let body = match what {
                Collect::Map | Collect::SortBy => compiler.compile(body)?,
                _ => (compiler.compile_as(body, &Type::Bool)?, Type::Bool),
            };
            Ok((condition, body))
        })?;
        let kind = match what {
            Collect::Map => Type::list(kind),
            Collect::Filter | Collect::SortBy => list_type,
            Collect::All | Collect::Exists | Collect::ExistsOne => Type::Bool,
        };
        Ok((Node::Each(Box::new(Each { what, list: list_node, variable: index, condition, body })), kind))
    }

    fn function(&mut self, of: &IdedExpr, function: &'static Function, call: &CallExpr) -> Result<Typed, Mistake> {
        let arguments: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        let most = function.parameters.len();
        if arguments.len() > most || arguments.len() < most - function.optional {
            let wanted = function.parameters.iter().map(|parameter| parameter.name()).collect::<Vec<_>>().join(", ");
            let message = format!("`{}` has {} arguments, not {}", function.name, arguments.len(), most);
            return Err(self.mistake(of, message).help(format!("write `{}({wanted})`", function.name)));
        }
        let (mut nodes, mut kinds) = (Vec::new(), Vec::new());
        for (argument, parameter) in arguments.into_iter().zip(function.parameters) {
            let (node, kind) = self.compile(argument)?;
            if !parameter.accepts(&kind) {
                let wanted = Parameter::name(*parameter);
                return Err(self.mistake(argument, format!("`{}` needs a {wanted}, found {kind}", function.name)));
            }
            nodes.push(node);
            kinds.push(kind);
        }
        let kind = (function.result)(&kinds);
        Ok((Node::Call(function, nodes), kind))
    }
}

/// The field of the variable that a condition compares with a value which does not depend on the variable, and that value.
fn equal_field(variable: usize, condition: &Node) -> Option<(CompactString, Node)> {
    match condition {
        Node::And(sides) => equal_field(variable, &sides[0]).or_else(|| equal_field(variable, &sides[1])),
        Node::Binary(Operator::Equal, sides) => {
            let [a, b] = &**sides;
            let field = |node: &Node| match node {
                Node::Member(of, name) if matches!(**of, Node::Variable(index) if index == variable) => {
                    Some(name.clone())
                }
                _ => None,
            };
            let found = field(a).map(|name| (name, b)).or_else(|| field(b).map(|name| (name, a)));
            // The id of a record is no field.
            let found = found.filter(|(name, _)| !matches!(name.as_str(), "id" | "uid"));
            found.filter(|(_, value)| value.is_plain(variable)).map(|(name, value)| (name, value.clone()))
        }
        _ => None,
    }
}
