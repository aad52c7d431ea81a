//! Compilation of expressions: names are resolved, and types are checked where they are known.

mod calls;
mod operators;

use std::collections::BTreeSet;

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo};
use compact_str::CompactString;
use rust_decimal::Decimal;

use super::node::Node;
use super::{Expression, Scope, Type, Value};
use crate::diagnostics::nearest;
use crate::model::FieldValue;

/// Maximum length of an expression, bytes.
const MAX_LENGTH: usize = 4096;

/// How deep the brackets of an expression, and its operators and calls, are inside of each other at most: reading, compiling and
/// evaluating take a part of the stack for each level.
const MAX_BRACKETS: u16 = 32;
const MAX_DEPTH: usize = 200;

/// The number of operators from which an expression is read by a thread with a stack of its own, and the size of that one, bytes.
const MANY_OPERATORS: usize = 100;
const PARSER_STACK: usize = 64 << 20;

/// Why a text is no valid expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where in the text, characters from its beginning.
    pub at: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead, if that is known.
    pub help: Option<String>,
}

impl Mistake {
    fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Compiles an expression. `wanted` is the type that its value must have.
///
/// # Errors
/// If it is no valid CEL, names something unknown, or has a type that is known to be wrong.
pub fn compile(text: &str, scope: &Scope<'_>, wanted: &Type) -> Result<Expression, Mistake> {
    compile_inside(text, scope, wanted, Open::default())
}

/// The same for an expression inside of others: the body of a function.
fn compile_inside(text: &str, scope: &Scope<'_>, wanted: &Type, open: Open) -> Result<Expression, Mistake> {
    if text.len() > MAX_LENGTH {
        return Err(Mistake::new(0, format!("the expression is longer than {MAX_LENGTH} bytes")));
    }
    let (parsed, source) = parse(text)?;
    let mut compiler = Compiler {
        scope,
        source: &source,
        variables: scope.variables.clone(),
        slots: scope.variables.len(),
        reads: BTreeSet::new(),
        uses_others: false,
        deepest: open.depth,
        open,
    };
    let (node, kind) = compiler.compile(&parsed)?;
    if !kind.fits(wanted) {
        return Err(Mistake::new(0, format!("the value is {kind}, not {wanted}")));
    }
    let Compiler { slots, reads, uses_others, open, deepest, .. } = compiler;
    let (inputs, depth) = (scope.variables.len(), deepest - open.depth);
    Ok(Expression { node, text: text.into(), kind, inputs, slots, reads, uses_others, depth })
}

/// Parses a text, without names and types.
fn parse(text: &str) -> Result<(IdedExpr, SourceInfo), Mistake> {
    let parse = || {
        // An environment without macros: `map`, `filter` and the like stay calls.
        let parser = cel::Env::default().with_optional_support(false).parser().max_recursion_depth(MAX_BRACKETS);
        parser.parse_with_source_info(text).map_err(|errors| syntax_mistake(text, &errors))
    };
    if text.bytes().filter(|byte| b"+-*/%[(?.<>=&|!".contains(byte)).count() < MANY_OPERATORS {
        return parse();
    }
    // The parser takes a part of the stack for each operator of a chain, such as `1 + 1 + …`.
    std::thread::scope(|scope| match std::thread::Builder::new().stack_size(PARSER_STACK).spawn_scoped(scope, parse) {
        Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        Err(_) => Err(Mistake::new(0, "the system has no thread to read an expression with so many operators")),
    })
}

fn syntax_mistake(text: &str, errors: &cel::ParseErrors) -> Mistake {
    let Some(error) = errors.errors.first() else { return Mistake::new(0, "not a valid expression") };
    let (line, column) = error.pos;
    let [line, column] = [line, column].map(|number| usize::try_from(number).unwrap_or(1).max(1));
    let before: usize = text.split('\n').take(line - 1).map(|line| line.chars().count() + 1).sum();
    // The parser lists what could follow, which is nearly everything.
    let reason = error.msg.trim_start_matches("Syntax error: ").split(" expecting").next().unwrap_or_default();
    let ends_early = reason.contains("'<EOF>'");
    let reason = reason.replace("mismatched input '<EOF>'", "it ends too early").replace("at '<EOF>'", "at the end");
    if reason.contains("Recursion limit") {
        let message = format!("brackets are nested more than {MAX_BRACKETS} deep");
        return Mistake::new(0, message).help("move parts of the expression to `functions`");
    }
    let reason = reason.replace("mismatched input", "unexpected").replace("extraneous input", "unexpected");
    let mistake = Mistake::new(before + column - 1, format!("not a valid expression: {reason}"));
    match ends_early {
        // In YAML a comma ends a value inside `{…}`, and ` #` ends it everywhere.
        true => mistake.help("the expression ends too early; in YAML, write it in quotes if it has a comma or ` #`"),
        false => mistake.help("expressions are CEL, such as `record.total > 0 && record.state == 'open'`"),
    }
}

/// The state of a compilation.
struct Compiler<'c> {
    scope: &'c Scope<'c>,
    source: &'c SourceInfo,
    /// The variables with their types; the index is that of their values.
    variables: Vec<(CompactString, Type)>,
    /// The largest number of variables so far.
    slots: usize,
    reads: BTreeSet<CompactString>,
    uses_others: bool,
    open: Open,
    /// The largest depth so far.
    deepest: usize,
}

/// What is being compiled around an expression.
#[derive(Clone, Default)]
struct Open {
    /// The functions.
    functions: Vec<CompactString>,
    /// The number of operators and calls.
    depth: usize,
}

/// A node and the type of its value.
type Typed = (Node, Type);

impl Compiler<'_> {
    /// Where an expression begins.
    fn position(&self, of: &IdedExpr) -> usize {
        self.source.offset_for(of.id).map_or(0, |(start, _)| start as usize)
    }

    fn mistake(&self, of: &IdedExpr, message: impl Into<String>) -> Mistake {
        Mistake::new(self.position(of), message)
    }

    fn compile(&mut self, of: &IdedExpr) -> Result<Typed, Mistake> {
        self.check_depth(of, 1)?;
        self.open.depth += 1;
        let compiled = self.compile_inner(of);
        self.open.depth -= 1;
        compiled
    }

    /// Counts levels below the current one.
    fn check_depth(&mut self, of: &IdedExpr, more: usize) -> Result<(), Mistake> {
        self.deepest = self.deepest.max(self.open.depth + more);
        if self.deepest > MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} operators and calls are inside of each other");
            return Err(self.mistake(of, message).help("write a list and a function over it, such as `sum`"));
        }
        Ok(())
    }

    fn compile_inner(&mut self, of: &IdedExpr) -> Result<Typed, Mistake> {
        match &of.expr {
            Expr::Literal(literal) => literal_value(literal).ok_or_else(|| {
                self.mistake(of, "this sort of number or text is not supported").help("write a plain number or text")
            }),
            Expr::Ident(name) => self.name(of, name),
            Expr::Select(select) => {
                let base = self.compile(&select.operand)?;
                self.member(of, base, &select.field)
            }
            Expr::List(list) => {
                let elements = list.elements.iter().map(|element| self.compile(element));
                let (nodes, kinds): (Vec<_>, Vec<_>) = elements.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
                let element = kinds.into_iter().reduce(Type::or).unwrap_or(Type::Any);
                Ok((Node::List(nodes), Type::list(element)))
            }
            Expr::Map(map) => self.object(of, map.entries.iter().map(|entry| &entry.expr)),
            Expr::Call(call) => self.call(of, call),
            Expr::Struct(_) | Expr::Comprehension(_) | Expr::Unspecified => {
                Err(self.mistake(of, "this form of an expression is not supported"))
            }
        }
    }

    /// A variable, or one of the names that every expression knows.
    fn name(&mut self, of: &IdedExpr, name: &str) -> Result<Typed, Mistake> {
        if let Some(index) = self.variables.iter().rposition(|(known, _)| known == name) {
            return Ok((Node::Variable(index), self.variables[index].1.clone()));
        }
        let (node, kind) = match name {
            "now" => (Node::Now, Type::Time),
            "today" => (Node::Today, Type::Date),
            "request" if self.scope.has_request => (Node::Request, request_type()),
            "caller" if self.scope.has_request => (Node::Caller, Type::Any),
            _ => return Err(self.unknown_name(of, name)),
        };
        self.uses_others = true;
        Ok((node, kind))
    }

    fn unknown_name(&self, of: &IdedExpr, name: &str) -> Mistake {
        let mut known: Vec<&str> = self.variables.iter().map(|(name, _)| name.as_str()).collect();
        known.extend(["now", "today"]);
        known.extend(["request", "caller"].iter().filter(|_| self.scope.has_request));
        let mistake = self.mistake(of, format!("unknown name `{name}`"));
        match nearest(name, known.iter().copied()) {
            Some(near) => mistake.help(format!("did you mean `{near}`?")),
            None => mistake.help(format!("known here: {}; text needs quotes: \"'{name}'\"", known.join(", "))),
        }
    }

    /// A member of an object or a field of a record.
    fn member(&mut self, of: &IdedExpr, (base, kind): Typed, name: &str) -> Result<Typed, Mistake> {
        let found = match &kind {
            Type::Any | Type::Null => Some(Type::Any),
            Type::Record(record) => self.scope.kinds.field(record, name),
            Type::Object(members) => members.iter().find(|(known, _)| known == name).map(|(_, kind)| kind.clone()),
            other => return Err(self.mistake(of, format!("{other} has no member `{name}`"))),
        };
        if matches!(base, Node::Variable(index) if self.variables[index].0 == "record") {
            self.reads.insert(name.into());
        }
        match found {
            Some(found) => Ok((Node::Member(Box::new(base), name.into()), found)),
            None => Err(self.unknown_member(of, &kind, name)),
        }
    }

    fn unknown_member(&self, of: &IdedExpr, kind: &Type, name: &str) -> Mistake {
        let known: Vec<&str> = match kind {
            Type::Record(record) => {
                let fields = self.scope.kinds.fields(record).unwrap_or_default();
                fields.iter().map(|(name, _)| name.as_str()).chain(["id"]).collect()
            }
            Type::Object(members) => members.iter().map(|(name, _)| name.as_str()).collect(),
            _ => Vec::new(),
        };
        let mistake = match kind {
            Type::Record(record) => self.mistake(of, format!("`{record}` has no field `{name}`")),
            _ => self.mistake(of, format!("the object has no member `{name}`")),
        };
        match nearest(name, known.iter().copied()) {
            Some(near) => mistake.help(format!("did you mean `{near}`?")),
            None => mistake.help(format!("known here: {}", known.join(", "))),
        }
    }

    fn object<'e>(&mut self, of: &IdedExpr, entries: impl Iterator<Item = &'e EntryExpr>) -> Result<Typed, Mistake> {
        let (mut members, mut kinds) = (Vec::new(), Vec::new());
        for entry in entries {
            let EntryExpr::MapEntry(entry) = entry else {
                return Err(self.mistake(of, "an object is written as `{'name': value}`"));
            };
            let Expr::Literal(LiteralValue::String(name)) = &entry.key.expr else {
                return Err(self.mistake(&entry.key, "a member's name must be text").help("write `{'name': value}`"));
            };
            let (node, kind) = self.compile(&entry.value)?;
            members.push((CompactString::from(name.inner()), node));
            kinds.push((CompactString::from(name.inner()), kind));
        }
        Ok((Node::Object(members), Type::Object(kinds.into())))
    }

    /// Compiles with one more variable, whose index `compile` gets.
    fn with_variable<T>(
        &mut self,
        name: &str,
        kind: Type,
        compile: impl FnOnce(&mut Self) -> Result<T, Mistake>,
    ) -> Result<(usize, T), Mistake> {
        let index = self.variables.len();
        self.variables.push((name.into(), kind));
        self.slots = self.slots.max(self.variables.len());
        let compiled = compile(self);
        self.variables.pop();
        Ok((index, compiled?))
    }

    /// Compiles an expression whose type must be `wanted` if it is known.
    fn compile_as(&mut self, of: &IdedExpr, wanted: &Type) -> Result<Node, Mistake> {
        let (node, kind) = self.compile(of)?;
        match kind.fits(wanted) {
            true => Ok(node),
            false => Err(self.mistake(of, format!("the value is {kind}, not {wanted}"))),
        }
    }

    /// A call is an operator, a form that binds a variable or uses the store, or a function.
    fn call(&mut self, of: &IdedExpr, call: &CallExpr) -> Result<Typed, Mistake> {
        if call.func_name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
            && !call.func_name.starts_with('_')
        {
            return self.named_call(of, call);
        }
        self.operator(of, call)
    }
}

fn request_type() -> Type {
    let members = [
        ("method", Type::Text),
        ("path", Type::Any),
        ("query", Type::Any),
        ("headers", Type::Any),
        ("body", Type::Any),
    ];
    Type::Object(members.map(|(name, kind)| (name.into(), kind)).into())
}

/// The value of a literal; `None` if it has no counterpart.
fn literal_value(literal: &LiteralValue) -> Option<Typed> {
    let (value, kind) = match literal {
        LiteralValue::Boolean(truth) => (FieldValue::Bool(**truth), Type::Bool),
        LiteralValue::Int(number) => (FieldValue::Integer(**number), Type::Integer),
        // The shortest text of a float has the digits that were written, up to 15 of them.
        LiteralValue::Double(number) => {
            (FieldValue::Decimal(number.to_string().parse::<Decimal>().ok()?), Type::Decimal)
        }
        LiteralValue::Null => (FieldValue::Null, Type::Null),
        LiteralValue::String(text) => (FieldValue::from(text.inner()), Type::Text),
        LiteralValue::Bytes(_) | LiteralValue::UInt(_) => return None,
    };
    Some((Node::Constant(Value::Field(value)), kind))
}
