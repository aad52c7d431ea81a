//! Expressions in resources files: what they can name, and where their mistakes are.

use compact_str::CompactString;

use super::Trigger;
use crate::diagnostics::{Diagnostic, Key, SourceFile, Span, YamlMap, YamlNode, YamlValue};
use crate::expressions::{Expression, Kinds, Mistake, Scope, Type, Value, compile};
use crate::model::FieldValue;
use crate::openapi::resource::read::{Row, read_fields};
use crate::openapi::resource::{Field, FieldType, ReferenceTarget};

/// Keys at the top level of a file that are no kinds.
pub(in crate::openapi::resource) const NO_KINDS: [&str; 4] = ["operations", "functions", "procedures", "kinds"];

/// The kinds that resources files describe, with the types of their fields. Mistakes are reported when the kinds are read.
pub(in crate::openapi::resource) fn kinds_of<'n>(roots: impl IntoIterator<Item = &'n YamlNode>) -> Kinds {
    let mut kinds = Kinds::default();
    for root in roots {
        let YamlValue::Map(entries) = &root.node else { continue };
        for (key, node) in entries.iter().filter(|(key, _)| !NO_KINDS.contains(&key.name.as_str())) {
            kinds.add(&key.name, types_of(node));
        }
        // Kinds that only procedures and handlers write.
        let others = entries.iter().filter(|(key, _)| key.name == "kinds");
        for name in others.filter_map(|(_, node)| node.texts().ok()).flatten() {
            kinds.add(name, None);
        }
    }
    kinds
}

/// The types of the stored and derived fields of a kind; `None` if its fields are not described.
fn types_of(node: &YamlNode) -> Option<Vec<(CompactString, Type)>> {
    let YamlValue::Map(entries) = &node.node else { return None };
    let of = |name: &str| entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node);
    let fields = read_fields(of("fields")?).ok()?;
    let derived = of("derive").and_then(|node| match &node.node {
        YamlValue::Map(entries) => Some(entries.iter().map(|(key, _)| (CompactString::from(&key.name), Type::Any))),
        _ => None,
    });
    let typed = |field: &Field| (CompactString::from(&field.name), Type::from(&field.kind));
    Some(fields.iter().map(|(_, field)| typed(field)).chain(derived.into_iter().flatten()).collect())
}

impl From<&FieldType> for Type {
    fn from(kind: &FieldType) -> Self {
        match kind {
            FieldType::Text | FieldType::Ref(_) => Self::Text,
            FieldType::Integer => Self::Integer,
            FieldType::Decimal => Self::Decimal,
            FieldType::Boolean => Self::Bool,
            FieldType::Date => Self::Date,
            FieldType::Time => Self::Time,
            FieldType::Any => Self::Any,
            FieldType::List(element) => Self::list(Self::from(&**element)),
            FieldType::Object(members) => {
                Self::Object(members.iter().map(|(name, kind)| (name.into(), Self::from(kind))).collect())
            }
        }
    }
}

/// Compiles the expressions of one kind.
#[derive(Clone)]
pub(in crate::openapi::resource) struct Compiler<'c> {
    file: &'c SourceFile,
    scope: Scope<'c>,
}

impl<'c> Compiler<'c> {
    /// A compiler for expressions about a record of a kind, `record`, and the record before the change, `before`.
    pub(in crate::openapi::resource) fn new(file: &'c SourceFile, kinds: &'c Kinds, kind: &str) -> Self {
        let record = Type::Record(kind.into());
        let variables = vec![("record".into(), record.clone()), ("before".into(), record)];
        Self { file, scope: Scope { kinds, variables, has_request: true } }
    }

    /// A compiler for expressions that know no variable yet.
    pub(in crate::openapi::resource) fn without_variables(file: &'c SourceFile, kinds: &'c Kinds) -> Self {
        Self { file, scope: Scope { kinds, variables: Vec::new(), has_request: true } }
    }

    /// The variables with their types.
    pub(in crate::openapi::resource) fn variables(&self) -> &[(CompactString, Type)] {
        &self.scope.variables
    }

    /// Sets the type of a variable, by its index.
    pub(in crate::openapi::resource) fn set_type(&mut self, index: usize, kind: Type) {
        if let Some(variable) = self.scope.variables.get_mut(index) {
            variable.1 = kind;
        }
    }

    /// The kind of the variable `record`.
    fn record_kind(&self) -> &str {
        match self.scope.variables.first() {
            Some((_, Type::Record(kind))) => kind,
            _ => "",
        }
    }

    /// The same compiler for expressions that are evaluated with or without a request.
    pub(super) fn with_request(&self, has_request: bool) -> Self {
        Self { file: self.file, scope: Scope { has_request, ..self.scope.clone() } }
    }

    /// The same compiler without `before`.
    pub(in crate::openapi::resource) fn of_record(&self) -> Self {
        let mut compiler = self.with_request(false);
        compiler.scope.variables.truncate(1);
        compiler
    }

    /// The same compiler with one more variable, if it has a type.
    pub(in crate::openapi::resource) fn with_variable(&self, name: &str, kind: Option<Type>) -> Self {
        let mut compiler = self.clone();
        compiler.scope.variables.extend(kind.map(|kind| (name.into(), kind)));
        compiler
    }

    /// An expression: text in CEL, or a number, a boolean or null as such.
    pub(in crate::openapi::resource) fn expression(
        &self,
        node: &YamlNode,
        wanted: &Type,
    ) -> Result<Expression, Diagnostic> {
        let (value, kind) = match &node.node {
            YamlValue::Text(text) => {
                return compile(text, &self.scope, wanted).map_err(|mistake| self.diagnostic(node, text, mistake));
            }
            YamlValue::Number(_) => {
                let value = FieldValue::from(&node.to_json());
                let kind = if matches!(value, FieldValue::Integer(_)) { Type::Integer } else { Type::Decimal };
                (value, kind)
            }
            YamlValue::Bool(truth) => (FieldValue::Bool(*truth), Type::Bool),
            YamlValue::Null => (FieldValue::Null, Type::Null),
            _ => return Err(node.expected("an expression")),
        };
        match kind.fits(wanted) {
            true => Ok(Expression::constant(Value::Field(value), kind)),
            false => Err(Diagnostic::new(node.span, format!("the value is {kind}, not {wanted}"))),
        }
    }

    /// The diagnostic for a mistake. Its position is inside the expression if that is written on one line without escapes.
    fn diagnostic(&self, node: &YamlNode, text: &str, mistake: Mistake) -> Diagnostic {
        let line = self.file.text.lines().nth(node.span.line.saturating_sub(1)).unwrap_or_default();
        let written: String = line.chars().skip(node.span.column.saturating_sub(1)).collect();
        let quote = usize::from(written.starts_with(['"', '\'']));
        let is_literal = written.chars().skip(quote).collect::<String>().starts_with(text);
        let column = if is_literal { node.span.column + quote + mistake.at } else { node.span.column };
        let diagnostic = Diagnostic::new(Span { column, ..node.span }, mistake.message);
        match mistake.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }

    /// The expression of an entry that may be missing.
    pub(in crate::openapi::resource) fn optional<'t>(
        &self,
        entries: &mut YamlMap<'t>,
        name: &'t str,
        wanted: &Type,
    ) -> Result<Option<Expression>, Diagnostic> {
        entries.take(name).map(|node| self.expression(node, wanted)).transpose()
    }

    /// Values for the fields of a kind.
    pub(in crate::openapi::resource) fn values<'t>(
        &self,
        entries: &mut YamlMap<'t>,
        name: &'t str,
        kind: &str,
    ) -> Result<Vec<(CompactString, Expression)>, Diagnostic> {
        let Some(node) = entries.take(name) else { return Ok(Vec::new()) };
        let YamlValue::Map(pairs) = &node.node else { return Err(node.expected("a mapping")) };
        self.fields(pairs, Some(kind))
    }

    /// Values by name: for the fields of a kind, if one is given.
    pub(in crate::openapi::resource) fn fields(
        &self,
        pairs: &[(Key, YamlNode)],
        kind: Option<&str>,
    ) -> Result<Vec<(CompactString, Expression)>, Diagnostic> {
        let pairs = pairs.iter().map(|(key, node)| {
            let wanted = kind.map_or(Ok(Type::Any), |kind| self.field(kind, key))?;
            Ok((CompactString::from(&key.name), self.expression(node, &wanted)?))
        });
        pairs.collect()
    }

    /// The type of a field that an expression sets.
    fn field(&self, kind: &str, key: &Key) -> Result<Type, Diagnostic> {
        self.scope.kinds.field(kind, &key.name).ok_or_else(|| {
            let known = self.scope.kinds.fields(kind).unwrap_or_default();
            let known: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
            Diagnostic::unknown(key.span, &format!("field of `{kind}`"), &key.name, &known)
        })
    }

    /// A kind that is described.
    pub(in crate::openapi::resource) fn kind(&self, node: &YamlNode) -> Result<CompactString, Diagnostic> {
        let kind = node.text()?;
        match self.scope.kinds.has(kind) {
            true => Ok(kind.into()),
            false => Err(Diagnostic::unknown(node.span, "kind", kind, &self.scope.kinds.names().collect::<Vec<_>>())),
        }
    }

    /// What causes a rule or an effect. Operations are added to `references`.
    pub(super) fn triggers(&self, node: &YamlNode, references: &mut Vec<Row>) -> Result<Vec<Trigger>, Diagnostic> {
        let nodes = match &node.node {
            YamlValue::List(list) if list.is_empty() => {
                let diagnostic = Diagnostic::new(node.span, "the list of causes is empty");
                return Err(diagnostic.help("write `create`, `update`, `delete` or `METHOD /path`"));
            }
            YamlValue::List(list) => list.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let read = |node: &YamlNode| {
            Ok(match node.text()? {
                "create" => Trigger::Create,
                "update" => Trigger::Update,
                "delete" => Trigger::Delete,
                text if text.contains(' ') => {
                    let key = Key { name: text.to_owned(), span: node.span };
                    references.push(Row { key, target: ReferenceTarget::Trigger(self.record_kind().to_owned()) });
                    Trigger::Operation(text.to_owned())
                }
                text => {
                    let known = ["create", "update", "delete", "METHOD /path"];
                    return Err(Diagnostic::unknown(node.span, "cause", text, &known));
                }
            })
        };
        nodes.iter().map(read).collect()
    }
}
