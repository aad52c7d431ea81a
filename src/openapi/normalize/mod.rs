//! Reads a contract of any version and rewrites it to the shape of OpenAPI 3.0.
//!
//! `v2` and `v3` are the only files that know about versions. Schemas stay raw JSON; [`super::schema`] reads them.

mod json;
mod unread_paths;
mod v2;
mod v3;
mod yaml_runs;

pub use unread_paths::{Run, UnreadPaths};

use serde_json::Value;

use self::unread_paths::{Format, parse_entries};
use self::yaml_runs::YamlParts;
use super::document::{Document, OperationLines};
use super::{Code, Note, escape_pointer, scalars};
use crate::diagnostics::locate::position_of;
use crate::diagnostics::{SourceFile, YamlNode, YamlValue};

/// Reads a contract of any version. Returns `None` and adds a note if the file is not a contract.
pub fn read<'t>(file: &'t SourceFile, notes: &mut Vec<Note>) -> Option<Document<'t>> {
    let mut note = |code: Code, message: String| notes.push(Note::new(code, &file.name, "", message));
    let Parsed { mut root, paths, lines, repeated_key } = match parse(file) {
        Ok(parsed) => parsed,
        Err(message) => {
            note(Code::FileMalformed, message);
            return None;
        }
    };
    if let Some(message) = repeated_key {
        note(Code::KeyRepeated, message);
    }
    scalars::resolve(&mut root);
    let (version, problem) = Version::detect(&root);
    if let Some((code, message)) = problem {
        note(code, message);
    }
    Some(match version? {
        Version::V2 => v2::normalize(&file.name, root, paths, lines),
        Version::V3 => v3::normalize(&file.name, root, paths, lines),
    })
}

/// A text that was parsed.
struct Parsed<'t> {
    root: Value,
    /// The paths, if they are not in `root`.
    paths: Option<UnreadPaths<'t>>,
    lines: OperationLines,
    /// A message about the first key that is repeated in a mapping.
    repeated_key: Option<String>,
}

/// Parses a document.
///
/// # Errors
/// A message if the text is neither JSON nor YAML.
fn parse(file: &SourceFile) -> Result<Parsed<'_>, String> {
    if file.text.trim_start().starts_with(['{', '[']) {
        return json::parse(&file.text).map_err(|error| format!("invalid JSON: {error}"));
    }
    if let Some(parsed) = parse_yaml_in_runs(file) {
        return Ok(parsed);
    }
    match YamlNode::read_lenient(file) {
        Ok((tree, repeated)) => {
            let repeated_key =
                repeated.map(|diagnostic| format!("line {}: {}", diagnostic.span.line, diagnostic.message));
            let root = tree.to_json_with(&scalars::mark);
            Ok(Parsed { root, paths: None, lines: lines_of_tree(&tree), repeated_key })
        }
        Err(diagnostics) => {
            let first = diagnostics.list.first();
            let line = first.map_or(1, |diagnostic| diagnostic.span.line);
            let message = first.map(|diagnostic| diagnostic.message.as_str()).unwrap_or_default();
            Err(format!("invalid YAML: line {line}: {message}"))
        }
    }
}

/// Parses a large YAML text without its paths. `None` if it has to be parsed as a whole.
fn parse_yaml_in_runs(file: &SourceFile) -> Option<Parsed<'_>> {
    let YamlParts { rest, runs } = yaml_runs::split(&file.text)?;
    let root = parse_entries(&rest)?.to_json_with(&scalars::mark);
    let (paths, lines) = UnreadPaths::new(runs, Format::Yaml, &root)?;
    Some(Parsed { root, paths: Some(paths), lines, repeated_key: None })
}

/// The two families of versions.
enum Version {
    V2,
    V3,
}

impl Version {
    /// The version of a document, if it is supported, and what is wrong with it.
    fn detect(root: &Value) -> (Option<Self>, Option<(Code, String)>) {
        let version = |key: &str| {
            root.get(key).map(|version| version.as_str().map_or_else(|| version.to_string(), str::to_owned))
        };
        // Some files have `openapi: 2.0` or `swagger: 3.0`; only the number counts.
        match version("swagger").or_else(|| version("openapi")) {
            Some(version) if version.starts_with('2') => (Some(Self::V2), None),
            Some(version) if version.starts_with("3.") || version == "3" => (Some(Self::V3), None),
            Some(version) => {
                let message = format!("unsupported version {version} (supported: 2.0 and 3.x)");
                (None, Some((Code::VersionUnsupported, message)))
            }
            None if root.get("swaggerVersion").is_some() => {
                let message = "unsupported version: Swagger 1.x (supported: 2.0 and 3.x)".to_owned();
                (None, Some((Code::VersionUnsupported, message)))
            }
            None if root.get("paths").is_some_and(Value::is_object) => {
                let is_2_0 = root.get("basePath").is_some() || root.get("definitions").is_some();
                let (version, name) = if is_2_0 { (Self::V2, "Swagger 2.0") } else { (Self::V3, "OpenAPI 3.0") };
                (Some(version), Some((Code::VersionMissing, format!("no version; read as {name} by its content"))))
            }
            None => (None, Some((Code::NotAContract, "neither a version nor paths".to_owned()))),
        }
    }
}

/// The first lines of the operations of a YAML document.
fn lines_of_tree(tree: &YamlNode) -> OperationLines {
    let YamlValue::Map(entries) = &tree.node else { return OperationLines::default() };
    let paths = entries.iter().find(|(key, _)| key.name == "paths");
    paths.map(|(_, paths)| lines_of_paths(paths, 0)).unwrap_or_default()
}

/// The first lines of the operations of a mapping of paths, before which so many lines are.
fn lines_of_paths(paths: &YamlNode, before: usize) -> OperationLines {
    let mut lines = OperationLines::default();
    let YamlValue::Map(paths) = &paths.node else { return lines };
    for (path, item) in paths {
        let YamlValue::Map(methods) = &item.node else { continue };
        for (method, _) in methods {
            let line = position_of(item, std::slice::from_ref(&method.name)).line;
            lines.insert(&format!("/paths/{}/{}", escape_pointer(&path.name), method.name), before + line);
        }
    }
    lines
}

/// The members of a value, if it is an object.
fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}
