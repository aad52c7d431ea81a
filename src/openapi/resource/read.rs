//! Reader of `*.resources.yaml`.

use super::lifecycle::read_lifecycle;
use super::{Field, FieldType, NamedFunction, OperationReference, ReferenceTarget, Resource, Resources};
use crate::diagnostics::{Diagnostic, Diagnostics, Key, SourceFile, YamlMap, YamlNode, YamlValue};
use crate::model::{FieldNames, FieldValue};
use crate::openapi::PathPattern;
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
        for file in files {
            let wrong = |list| Diagnostics::new(&file.name, &file.text, list);
            let root = YamlNode::read(file)?;
            let mut entries = root.entries("a resources file").map_err(|diagnostic| wrong(vec![diagnostic]))?;
            let mut diagnostics = Vec::new();
            let mut references = Vec::new();
            let handlers = read_operations(&mut entries, None);
            match handlers {
                Ok(handlers) => references.extend(handlers),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
            for (key, node) in entries.rest() {
                match read_resource(&key.name, node, owner, &mut references) {
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
        }
        Ok(resources)
    }
}

/// An [`OperationReference`] without its file.
pub(super) struct Row {
    pub(super) key: Key,
    pub(super) target: ReferenceTarget,
}

fn read_resource(
    kind: &str,
    node: &YamlNode,
    owner_kind: &str,
    references: &mut Vec<Row>,
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
    let fields = match entries.take("fields") {
        Some(node) => node.entries("the fields")?.rest(),
        None => Vec::new(),
    };
    let fields: Vec<Field> =
        fields.into_iter().map(|(key, node)| read_field(&key.name, node)).collect::<Result<_, _>>()?;
    let names = FieldNames::new(fields.iter().map(|field| (field.name.as_str(), field.default.clone())));
    let owner = fields.iter().position(|field| matches!(&field.kind, FieldType::Ref(kind) if kind == owner_kind));
    let lifecycle_node = entries.take("lifecycle");
    let lifecycle = lifecycle_node.map(|node| read_lifecycle(node, references)).transpose()?;
    references.extend(read_operations(&mut entries, Some(kind))?);
    references.extend(read_functions(&mut entries, "after", ReferenceTarget::AfterWrite)?);
    entries.finish()?;
    let resource =
        Resource { kind: kind.to_owned(), plural, aliases, paths, cascade, merge_by, lifecycle, fields, names, owner };
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
fn read_operations(entries: &mut YamlMap<'_>, kind: Option<&str>) -> Result<Vec<Row>, Diagnostic> {
    let rows = read_functions(entries, "operations", ReferenceTarget::Handler)?.into_iter();
    rows.map(|row| match &row.target {
        ReferenceTarget::Handler(function) if !function.name.contains('.') => {
            let target = read_role(function, kind)?;
            Ok(Row { target, ..row })
        }
        _ => Ok(row),
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

/// A table of operations and the Rust functions that they use.
fn read_functions<'t>(
    entries: &mut YamlMap<'t>,
    name: &'t str,
    target: fn(NamedFunction) -> ReferenceTarget,
) -> Result<Vec<Row>, Diagnostic> {
    let Some(node) = entries.take(name) else { return Ok(Vec::new()) };
    let rows = node.entries(name)?.rest().into_iter();
    rows.map(|(key, node)| {
        let function = NamedFunction { name: node.text()?.to_owned(), span: node.span };
        Ok(Row { key: key.clone(), target: target(function) })
    })
    .collect()
}

fn read_field(name: &str, node: &YamlNode) -> Result<Field, Diagnostic> {
    let has_type = matches!(&node.node, YamlValue::Map(entries) if entries.iter().any(|(key, _)| key.name == "type"));
    let (mut required, mut default) = (false, FieldValue::Null);
    let kind = if has_type {
        let mut entries = node.entries("a field")?;
        let kind = read_type(entries.require("type")?)?;
        required = entries.take("required").map(YamlNode::boolean).transpose()?.unwrap_or(false);
        default = entries.take_nullable("default").map(|node| FieldValue::from(&node.to_json())).unwrap_or_default();
        entries.finish()?;
        kind
    } else {
        read_type(node)?
    };
    Ok(Field { name: name.to_owned(), kind, required, default })
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
