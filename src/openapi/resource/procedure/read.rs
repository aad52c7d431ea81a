//! Reader of procedures and functions. The steps of a procedure are read by `read_step`.

use std::sync::OnceLock;

use compact_str::CompactString;

use super::{Names, Procedure};
use crate::diagnostics::{Diagnostic, Key, SourceFile, YamlMap, YamlNode, YamlValue};
use crate::expressions::DefinedFunction;

impl Procedure {
    /// The procedure of an operation. `record` is the kind of the record that was written, if it follows a write.
    pub(in crate::openapi::resource) fn of_operation(
        key: &Key,
        node: &YamlNode,
        file: &SourceFile,
        record: Option<&str>,
    ) -> Self {
        Self {
            name: key.name.clone(),
            file: file.clone(),
            span: node.span,
            record: record.map(CompactString::from),
            parameters: Vec::new(),
            needs_owner: record.is_none() && !is_owner_optional(node),
            node: node.clone(),
            steps: OnceLock::new(),
        }
    }

    /// The nodes of its steps.
    pub(super) fn nodes(&self) -> Result<&[YamlNode], Diagnostic> {
        self.node.list()
    }
}

/// Whether the first step is `owner: optional`.
fn is_owner_optional(node: &YamlNode) -> bool {
    let YamlValue::List(steps) = &node.node else { return false };
    matches!(steps.first().map(|step| &step.node), Some(YamlValue::Map(entries)) if entries.iter().any(|(key, _)| key.name == "owner"))
}

/// Reads `functions: {name(parameter, …): expression}` of a file.
pub(in crate::openapi::resource) fn read_functions(root: &YamlNode, names: &mut Names) -> Result<(), Diagnostic> {
    for (key, node) in entries_of(root, "functions")? {
        let (name, parameters) = read_signature(key)?;
        let function = DefinedFunction::new(parameters, node.text()?);
        if names.kinds.add_function(&name, function) {
            return Err(Diagnostic::new(key.span, format!("the function `{name}` is defined twice")));
        }
    }
    Ok(())
}

/// Reads `procedures: {name(parameter, …): [step, …]}` of a file.
pub(in crate::openapi::resource) fn read_named_procedures(
    root: &YamlNode,
    file: &SourceFile,
    names: &mut Names,
) -> Result<(), Diagnostic> {
    for (key, node) in entries_of(root, "procedures")? {
        let (name, parameters) = read_signature(key)?;
        let procedure = Procedure { name: name.clone(), parameters, ..Procedure::of_operation(key, node, file, None) };
        if names.procedures.insert(name.clone(), procedure).is_some() {
            return Err(Diagnostic::new(key.span, format!("the procedure `{name}` is defined twice")));
        }
    }
    Ok(())
}

/// The entries of a table at the top level of a file.
fn entries_of<'n>(root: &'n YamlNode, name: &str) -> Result<Vec<&'n (Key, YamlNode)>, Diagnostic> {
    let YamlValue::Map(entries) = &root.node else { return Ok(Vec::new()) };
    match entries.iter().find(|(key, _)| key.name == name) {
        Some((_, node)) => Ok(node.entries("this table").map(|mut map: YamlMap<'_>| map.rest())?),
        None => Ok(Vec::new()),
    }
}

/// The name and the parameters in `name(parameter, …)`.
fn read_signature(key: &Key) -> Result<(String, Vec<CompactString>), Diagnostic> {
    let is_name = |text: &str| {
        text.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    let parts = key.name.split_once('(').and_then(|(name, rest)| Some((name, rest.strip_suffix(')')?)));
    let parts = parts.map(|(name, parameters)| {
        let parameters = parameters.split(',').map(str::trim).filter(|parameter| !parameter.is_empty());
        (name, parameters.collect::<Vec<_>>())
    });
    match parts {
        Some((name, parameters)) if is_name(name) && parameters.iter().all(|parameter| is_name(parameter)) => {
            Ok((name.to_owned(), parameters.into_iter().map(CompactString::from).collect()))
        }
        _ => Err(Diagnostic::new(key.span, format!("`{}` is no name with parameters", key.name))
            .help("write `total(lines, taxes)`, or `name()` without parameters")),
    }
}
