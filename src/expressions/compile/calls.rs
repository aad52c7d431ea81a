//! Calls of functions, and forms that bind a variable or use the store.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue};
use compact_str::CompactString;
use strum::VariantNames;

use super::{Compiler, Mistake, Typed};
use crate::diagnostics::nearest;
use crate::expressions::functions::{FUNCTIONS, Function, find};
use crate::expressions::node::{Collect, Each, Node};
use crate::expressions::{Parameter, Type};

/// Forms that are not functions, as they are written.
const FORMS: [&str; 5] = ["has", "find", "all", "quirk", "uid"];

impl Compiler<'_> {
    pub(super) fn named_call(&mut self, of: &IdedExpr, call: &CallExpr) -> Result<Typed, Mistake> {
        let arguments: Vec<&IdedExpr> = call.args.iter().collect();
        match (call.func_name.as_str(), call.target.as_deref(), arguments.as_slice()) {
            ("has", None, [member]) => self.has(member),
            ("find", None, [kind, id]) => self.find(kind, id),
            ("all", None, [kind]) => self.records(kind, None),
            ("all", None, [kind, condition]) => self.records(kind, Some(condition)),
            ("quirk", None, [id]) => {
                let id = self.literal(id, "the id of a quirk")?;
                self.uses_others = true;
                Ok((Node::Quirk(id), Type::Bool))
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
            (name, _, _) => match find(name) {
                Some(function) => self.function(of, function, call),
                None => Err(self.unknown_function(of, name)),
            },
        }
    }

    fn unknown_function(&self, of: &IdedExpr, name: &str) -> Mistake {
        let functions = FUNCTIONS.iter().map(|function| function.name);
        let known = functions.chain(FORMS).chain(Collect::VARIANTS.iter().copied());
        // The name may be known, with other arguments.
        if known.clone().any(|known| known == name) {
            let mistake = self.mistake(of, format!("wrong arguments of `{name}`"));
            return match name {
                "has" => mistake.help("write `has(record.field)`"),
                "find" => mistake.help("write `find('kind', id)`"),
                "all" => mistake.help("write `all('kind')`, `all('kind', item.field == value)` or `list.all(x, …)`"),
                "quirk" => mistake.help("write `quirk('id')`"),
                "uid" => mistake.help("write `uid()`"),
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

    fn find(&mut self, kind: &IdedExpr, id: &IdedExpr) -> Result<Typed, Mistake> {
        let kind = self.kind(kind)?;
        let (id_node, id_type) = self.compile(id)?;
        if !matches!(id_type, Type::Any | Type::Null | Type::Text | Type::Integer) {
            return Err(self.mistake(id, format!("an id is text, not {id_type}")));
        }
        self.uses_others = true;
        Ok((Node::Find(kind.clone(), Box::new(id_node)), Type::Record(kind)))
    }

    /// The records of a kind; in the condition, `item` is each of them.
    fn records(&mut self, kind: &IdedExpr, condition: Option<&IdedExpr>) -> Result<Typed, Mistake> {
        let kind = self.kind(kind)?;
        self.uses_others = true;
        let record = Type::Record(kind.clone());
        let condition = match condition {
            Some(condition) => {
                let compile = |compiler: &mut Self| compiler.compile_as(condition, &Type::Bool);
                let (variable, node) = self.with_variable("item", record.clone(), compile)?;
                Some((variable, Box::new(node)))
            }
            None => None,
        };
        Ok((Node::Records(kind, condition), Type::list(record)))
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
                Collect::Map => compiler.compile(body)?,
                _ => (compiler.compile_as(body, &Type::Bool)?, Type::Bool),
            };
            Ok((condition, body))
        })?;
        let kind = match what {
            Collect::Map => Type::list(kind),
            Collect::Filter => list_type,
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
