//! Reader of `*.resources.yaml`.

use std::collections::HashMap;
use std::sync::Arc;

use super::behaviour::{Compiler, find_effect_loop, kinds_of, read_behaviour};
use super::lifecycle::read_lifecycle;
use super::procedure::{read_functions, read_named_procedures};
use super::{
    Field, FieldType, NamedFunction, Names, OperationReference, Procedure, ReferenceTarget, Resource, Resources,
};
use crate::diagnostics::{Diagnostic, Diagnostics, Key, SourceFile, YamlMap, YamlNode, YamlValue};
use crate::model::{FieldNames, FieldValue};
use crate::openapi::PathPattern;
use crate::openapi::load::embedded_file;
use crate::openapi::role::DECLARED_ROLES;

/// Keys of a resource that had another name before, with the name of today.
const RENAMED: [(&str, &str); 4] =
    [("life", "lifecycle"), ("also", "aliases"), ("owns", "cascade"), ("merges", "merge_by")];

impl Resources {
    /// Reads resources files. `owner` is the kind of record that owns others, or empty.
    ///
    /// # Errors
    /// All mistakes of the first wrong file: an unknown key or type, a missing entry, a kind that is defined twice.
    pub fn read(files: &[SourceFile], owner: &str) -> Result<Self, Diagnostics> {
        let mut resources = Self::default();
        let roots = files.iter().map(YamlNode::read).collect::<Result<Vec<_>, _>>()?;
        let names = Arc::new(read_names_of(files, &roots)?);
        resources.names = Arc::clone(&names);
        for (file, root) in files.iter().zip(&roots) {
            let wrong = |list| Diagnostics::new(&file.name, &file.text, list);
            let mut entries = root.entries("a resources file").map_err(|diagnostic| wrong(vec![diagnostic]))?;
            for name in ["functions", "procedures"] {
                entries.take(name);
            }
            read_texts(&mut entries, "kinds").map_err(|diagnostic| wrong(vec![diagnostic]))?;
            let mut diagnostics = Vec::new();
            let mut references = Vec::new();
            let handlers = read_operations(&mut entries, None, file, &mut resources.procedures);
            match handlers {
                Ok(handlers) => references.extend(handlers),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
            for (key, node) in entries.rest() {
                let compiler = Compiler::new(file, &names.kinds, &key.name);
                let rows = (&mut references, &mut resources.procedures);
                match read_resource((&key.name, file, &compiler), node, owner, rows) {
                    Ok(_) if resources.get(&key.name).is_some() => {
                        diagnostics
                            .push(Diagnostic::new(key.span, format!("the resource `{}` is defined twice", key.name)));
                    }
                    Ok(resource) => resources.add(resource),
                    Err(diagnostic) => diagnostics.push(diagnostic),
                }
            }
            diagnostics.extend(entries.finish().err());
            if !diagnostics.is_empty() {
                return Err(wrong(diagnostics));
            }
            let in_file = |row: Row| OperationReference {
                file: file.name.clone(),
                span: row.key.span,
                operation: row.key.name,
                target: row.target,
            };
            resources.references.extend(references.into_iter().map(in_file));
            resources.check_operations(file)?;
        }
        if let Some((resource, effect, path)) = find_effect_loop(&resources.list) {
            let text = files.iter().find(|file| file.name == resource.file).map_or("", |file| &file.text);
            let diagnostic = Diagnostic::new(effect.span, format!("this effect causes itself without end: {path}"))
                .help("remove one of these effects, or let it happen on an operation or on entering a state");
            return Err(Diagnostics::new(&resource.file, text, vec![diagnostic]));
        }
        resources.check_procedures(files)?;
        Ok(resources)
    }

    /// Compiles the procedures of files of the user. Those of embedded files are compiled when they run first: a test compiles
    /// them all.
    fn check_procedures(&self, files: &[SourceFile]) -> Result<(), Diagnostics> {
        for file in files {
            let is_of_file = |procedure: &&Procedure| procedure.file.name == file.name;
            let of_operations = self.procedures.iter().map(|procedure| &**procedure).filter(is_of_file);
            let of_file: Vec<&Procedure> =
                of_operations.chain(self.names.procedures.values().filter(is_of_file)).collect();
            if of_file.is_empty() || embedded_file(&file.name).is_some_and(|embedded| embedded.text == file.text) {
                continue;
            }
            let wrong: Vec<_> =
                of_file.into_iter().filter_map(|procedure| procedure.steps(&self.names).err().cloned()).collect();
            if !wrong.is_empty() {
                return Err(Diagnostics::new(&file.name, &file.text, wrong));
            }
        }
        Ok(())
    }

    /// Checks that no operation has two handlers or roles. The last one is in the file.
    fn check_operations(&self, file: &SourceFile) -> Result<(), Diagnostics> {
        let is_served = |reference: &&OperationReference| {
            matches!(
                reference.target,
                ReferenceTarget::Handler(_) | ReferenceTarget::Procedure(_) | ReferenceTarget::Role(..)
            )
        };
        let mut known: HashMap<&str, &OperationReference> = HashMap::new();
        let mut diagnostics = Vec::new();
        for reference in self.references.iter().filter(is_served) {
            if let Some(first) = known.insert(&reference.operation, reference) {
                let message = format!("`{}` has two handlers or roles", reference.operation);
                let place = format!("the first one is in {}:{}; remove one", first.file, first.span.line);
                diagnostics.push(Diagnostic::new(reference.span, message).help(place));
            }
        }
        if diagnostics.is_empty() { Ok(()) } else { Err(Diagnostics::new(&file.name, &file.text, diagnostics)) }
    }
}

/// The kinds, functions and procedures of all files.
fn read_names_of(files: &[SourceFile], roots: &[YamlNode]) -> Result<Names, Diagnostics> {
    let mut names = Names { kinds: kinds_of(roots), ..Names::default() };
    for (file, root) in files.iter().zip(roots) {
        let read = read_functions(root, &mut names).and_then(|()| read_named_procedures(root, file, &mut names));
        read.map_err(|diagnostic| Diagnostics::new(&file.name, &file.text, vec![diagnostic]))?;
    }
    Ok(names)
}

/// An [`OperationReference`] without its file.
pub(super) struct Row {
    pub(super) key: Key,
    pub(super) target: ReferenceTarget,
}

fn read_resource(
    (kind, file, compiler): (&str, &SourceFile, &Compiler<'_>),
    node: &YamlNode,
    owner_kind: &str,
    (references, procedures): (&mut Vec<Row>, &mut Vec<Arc<Procedure>>),
) -> Result<Resource, Diagnostic> {
    reject_renamed(node, &RENAMED)?;
    let mut entries = node.entries("a resource")?;
    let plural = entries.require("plural")?.text()?.to_owned();
    let pattern = |node: &YamlNode, text: &str| {
        let wrong =
            || Diagnostic::new(node.span, format!("`{text}` is not a path")).help("write `/v1/pets` or `/v1/*/pets`");
        PathPattern::parse(text).ok_or_else(wrong)
    };
    let paths = match entries.take("paths") {
        Some(node) => node.texts()?.into_iter().map(|text| pattern(node, text)).collect::<Result<_, _>>()?,
        None => Vec::new(),
    };
    let aliases = read_texts(&mut entries, "aliases")?;
    let cascade = read_names(&mut entries, "cascade")?;
    let merge_by = read_names(&mut entries, "merge_by")?;
    let fields = entries.take("fields").map(read_fields).transpose()?.unwrap_or_default();
    let lifecycle_node = entries.take("lifecycle");
    let lifecycle = lifecycle_node.map(|node| read_lifecycle(node, (kind, compiler), references)).transpose()?;
    let behaviour = read_behaviour(&mut entries, &fields, (kind, lifecycle.as_ref(), compiler), references)?;
    let fields: Vec<Field> = fields.into_iter().map(|(_, field)| field).collect();
    let names = FieldNames::new(fields.iter().map(|field| (field.name.as_str(), field.default.clone())));
    let owner = fields.iter().position(|field| matches!(&field.kind, FieldType::Ref(kind) if kind == owner_kind));
    references.extend(read_operations(&mut entries, Some(kind), file, procedures)?);
    for (key, node) in entries.take("after").map_or(Ok(Vec::new()), |node| Ok(node.entries("after")?.rest()))? {
        node.list()?;
        procedures.push(Arc::new(Procedure::of_operation(key, node, file, Some(kind))));
        references.push(Row { key: key.clone(), target: ReferenceTarget::AfterProcedure(procedures.len() - 1) });
    }
    entries.finish()?;
    let (kind, file) = (kind.to_owned(), file.name.clone());
    let resource =
        Resource { kind, file, plural, aliases, paths, cascade, merge_by, lifecycle, behaviour, fields, names, owner };
    match (resource.timed_without_time(), lifecycle_node) {
        (Some(row), Some(node)) => {
            let message = format!("`since: {}` is not a field with a date or a time", row.since);
            Err(Diagnostic::new(node.span, message).help(format!("add it to `fields`: `{}: date`", row.since)))
        }
        _ => Ok(resource),
    }
}

/// Rejects a key of an earlier version, naming the key that replaced it.
pub(super) fn reject_renamed(node: &YamlNode, renamed: &[(&str, &str)]) -> Result<(), Diagnostic> {
    let YamlValue::Map(entries) = &node.node else { return Ok(()) };
    for (key, _) in entries {
        if let Some((old, new)) = renamed.iter().find(|(old, _)| *old == key.name) {
            return Err(
                Diagnostic::new(key.span, format!("`{old}` is now called `{new}`")).help(format!("write `{new}: …`"))
            );
        }
    }
    Ok(())
}

pub(super) fn read_texts<'t>(entries: &mut YamlMap<'t>, name: &'t str) -> Result<Vec<String>, Diagnostic> {
    match entries.take(name) {
        Some(node) => Ok(node.texts()?.into_iter().map(str::to_owned).collect()),
        None => Ok(Vec::new()),
    }
}

fn read_names<'t>(entries: &mut YamlMap<'t>, name: &'t str) -> Result<Vec<(String, String)>, Diagnostic> {
    let Some(node) = entries.take(name) else { return Ok(Vec::new()) };
    let pairs = node.entries(name)?.rest().into_iter();
    pairs.map(|(key, node)| Ok((key.name.clone(), node.text()?.to_owned()))).collect()
}

/// The table of operations with their roles for records of a kind, or the handlers that serve them. The name of a handler
/// has a dot.
fn read_operations(
    entries: &mut YamlMap<'_>,
    kind: Option<&str>,
    file: &SourceFile,
    procedures: &mut Vec<Arc<Procedure>>,
) -> Result<Vec<Row>, Diagnostic> {
    let Some(node) = entries.take("operations") else { return Ok(Vec::new()) };
    let rows = node.entries("operations")?.rest().into_iter();
    rows.map(|(key, node)| {
        let target = match &node.node {
            YamlValue::List(_) => {
                procedures.push(Arc::new(Procedure::of_operation(key, node, file, None)));
                ReferenceTarget::Procedure(procedures.len() - 1)
            }
            _ => match (NamedFunction { name: node.text()?.to_owned(), span: node.span }, kind) {
                (function, _) if function.name.contains('.') => ReferenceTarget::Handler(function),
                (function, kind) => read_role(&function, kind)?,
            },
        };
        Ok(Row { key: key.clone(), target })
    })
    .collect()
}

fn read_role(named: &NamedFunction, kind: Option<&str>) -> Result<ReferenceTarget, Diagnostic> {
    let name = &named.name;
    let Some((_, role)) = DECLARED_ROLES.iter().find(|(known, _)| known == name) else {
        let known = DECLARED_ROLES.map(|(known, _)| known).join(", ");
        return Err(
            Diagnostic::new(named.span, format!("unknown role `{name}`")).help(format!("the roles are {known}"))
        );
    };
    match kind {
        Some(kind) => Ok(ReferenceTarget::Role(*role, kind.to_owned())),
        None => {
            let message = format!("`{name}` is a role of operations on one kind of record");
            Err(Diagnostic::new(named.span, message).help("move the row to `operations` in the entry of the kind"))
        }
    }
}

/// The parts of a field that are read when the fields of all kinds are known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FieldNode<'t> {
    pub(super) computed: Option<&'t YamlNode>,
    pub(super) is_hidden: bool,
}

/// The fields of a kind.
pub(super) fn read_fields(node: &YamlNode) -> Result<Vec<(FieldNode<'_>, Field)>, Diagnostic> {
    let fields = node.entries("the fields")?.rest().into_iter();
    fields.map(|(key, node)| read_field(&key.name, node)).collect()
}

fn read_field<'t>(name: &str, node: &'t YamlNode) -> Result<(FieldNode<'t>, Field), Diagnostic> {
    let has_type = matches!(&node.node, YamlValue::Map(entries) if entries.iter().any(|(key, _)| key.name == "type"));
    let mut field = Field { name: name.to_owned(), kind: FieldType::Any, required: false, default: FieldValue::Null };
    let mut more = FieldNode::default();
    if has_type {
        let mut entries = node.entries("a field")?;
        field.kind = read_type(entries.require("type")?)?;
        field.required = entries.take("required").map(YamlNode::boolean).transpose()?.unwrap_or(false);
        let default = entries.take_nullable("default");
        field.default = default.map(|node| FieldValue::from(&node.to_json())).unwrap_or_default();
        more.computed = entries.take("computed");
        more.is_hidden = entries.take("hidden").map(YamlNode::boolean).transpose()?.unwrap_or(false);
        entries.finish()?;
        if let (Some(computed), Some(_)) = (more.computed, default) {
            return Err(Diagnostic::new(computed.span, format!("`{name}` is computed, so it cannot have a default")));
        }
    } else {
        field.kind = read_type(node)?;
    }
    Ok((more, field))
}

fn read_type(node: &YamlNode) -> Result<FieldType, Diagnostic> {
    if let YamlValue::Map(_) = node.node {
        let mut entries = node.entries("a type")?;
        let (list, object) = (entries.take("list"), entries.take("object"));
        entries.finish()?;
        return match (list, object) {
            (Some(element), None) => Ok(FieldType::List(Box::new(read_type(element)?))),
            (None, Some(members)) => {
                let members = members.entries("the members of an object")?.rest().into_iter();
                let members = members.map(|(key, node)| Ok((key.name.clone(), read_type(node)?)));
                Ok(FieldType::Object(members.collect::<Result<_, Diagnostic>>()?))
            }
            _ => Err(node.expected("`list: TYPE` or `object: {name: TYPE}`")),
        };
    }
    let text = node.text()?;
    let known = ["text", "integer", "decimal", "boolean", "date", "time", "any", "ref KIND"];
    match text {
        "text" => Ok(FieldType::Text),
        "integer" => Ok(FieldType::Integer),
        "decimal" => Ok(FieldType::Decimal),
        "boolean" => Ok(FieldType::Boolean),
        "date" => Ok(FieldType::Date),
        "time" => Ok(FieldType::Time),
        "any" => Ok(FieldType::Any),
        _ => match text.strip_prefix("ref ") {
            Some(kind) => Ok(FieldType::Ref(kind.trim().to_owned())),
            None => Err(Diagnostic::unknown(node.span, "type", text, &known)),
        },
    }
}
