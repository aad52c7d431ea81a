//! The paths of a large contract, which are parsed when their operations are read. All values at once would take more than ten
//! times the memory of the text.

use std::collections::HashSet;
use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;
use rayon::prelude::*;
use serde_json::{Map, Value};

use super::lines_of_paths;
use super::v2::Lift;
use crate::diagnostics::{SourceFile, YamlNode};
use crate::model::exact_number::parse_json;
use crate::openapi::document::OperationLines;
use crate::openapi::limit_composition::has_large_below;
use crate::openapi::scalars;

/// Path items in text form. Nothing in them has to be changed before their operations are read, apart from what depends on the
/// version only.
pub struct UnreadPaths<'t> {
    runs: Vec<Run<'t>>,
    format: Format,
    /// The maximum number of their operations.
    operations: usize,
    /// Rewrites the path items of Swagger 2.0.
    lift: Option<Lift>,
}

/// Members of the object of paths, in order.
#[derive(Clone, Copy, Debug)]
pub struct Run<'t> {
    pub(super) text: &'t str,
    /// Its first line in the file, from 1.
    pub(super) line: usize,
}

/// In which form the paths are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Members of an object, without its braces.
    Json,
    /// Entries of a mapping in block style.
    Yaml,
}

/// What is known of a run that was parsed.
struct Checked {
    /// The hashes of its paths.
    paths: Vec<u64>,
    operations: usize,
    /// The first lines of the operations, unless the paths are JSON.
    lines: OperationLines,
}

/// The beginnings of references to what Swagger 2.0 and OpenAPI 3 share between paths.
const SHARED: [&[&str]; 2] =
    [&["#/definitions/", "#/parameters/", "#/responses/", "#/components/schemas/"], &["#/components/"]];

impl<'t> UnreadPaths<'t> {
    /// The paths of a contract of which `root` is the rest, as it was written. `None` if a run is invalid, if a path is there
    /// twice, or if something would have to be changed: references that lead to other files, into paths or nowhere, numbers with
    /// many digits, large schemas. Also returns the first lines of operations, unless the paths are JSON.
    pub(super) fn new(runs: Vec<Run<'t>>, format: Format, root: &Value) -> Option<(Self, OperationLines)> {
        let version = |name: &str| root.get(name).and_then(Value::as_str);
        let shared = match (version("swagger"), version("openapi")) {
            (Some(version), None) if version.starts_with('2') => SHARED[0],
            (None, Some(version)) if version.starts_with("3.") => SHARED[1],
            _ => return None,
        };
        // Paths of Swagger 2.0 take over what is shared.
        let parameters = &root["parameters"];
        if refers_to_paths(root) || !needs_no_change(parameters, root, shared) {
            return None;
        }
        let check = |run: &Run<'_>| check(run, format, (root, shared));
        let mut checked: Vec<Checked> = runs.par_iter().map(check).collect::<Option<_>>()?;
        // Of a path that is there twice, the second one counts, in the place of the first.
        let mut paths: Vec<u64> = checked.iter().flat_map(|run| &run.paths).copied().collect();
        let count = paths.len();
        paths.sort_unstable();
        paths.dedup();
        let operations = checked.iter().map(|run| run.operations).sum();
        let mut lines = OperationLines::default();
        checked.iter_mut().for_each(|run| lines.extend(std::mem::take(&mut run.lines)));
        (paths.len() == count).then_some((Self { runs, format, operations, lift: None }, lines))
    }

    /// The same paths; those of Swagger 2.0 are rewritten when they are parsed.
    pub(super) fn lifted(self, lift: Lift) -> Self {
        Self { lift: Some(lift), ..self }
    }

    /// The maximum number of operations.
    pub fn operations(&self) -> usize {
        self.operations
    }

    /// The texts, each for [`UnreadPaths::parse`].
    pub fn runs(&self) -> &[Run<'t>] {
        &self.runs
    }

    /// Parses one of the runs.
    pub fn parse(&self, run: &Run<'_>) -> Map<String, Value> {
        let mut items = parse(run, self.format).map(|(items, _)| items).unwrap_or_default();
        if let Some(lift) = &self.lift {
            items.values_mut().for_each(|item| lift.item(item));
        }
        items
    }
}

/// The path items of a run, and the first lines of its operations unless it is JSON.
fn parse(run: &Run<'_>, format: Format) -> Option<(Map<String, Value>, OperationLines)> {
    match format {
        Format::Json => Some((parse_members(run.text)?, OperationLines::default())),
        Format::Yaml => {
            let entries = parse_entries(run.text)?;
            let lines = lines_of_paths(&entries, run.line - 1);
            match entries.to_json_with(&scalars::mark) {
                Value::Object(entries) => Some((entries, lines)),
                _ => None,
            }
        }
    }
}

/// Parses the members of a JSON object, without its braces.
pub(super) fn parse_members(members: &str) -> Option<Map<String, Value>> {
    match parse_json(&format!("{{{members}}}")) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    }
}

/// Parses the entries of a YAML mapping. `None` if a key is repeated, too.
pub(super) fn parse_entries(entries: &str) -> Option<YamlNode> {
    YamlNode::read_at(&SourceFile::new("", ""), entries, 1).ok()
}

fn check(run: &Run<'_>, format: Format, (root, shared): (&Value, &[&str])) -> Option<Checked> {
    let (items, lines) = parse(run, format)?;
    let items = Value::Object(items);
    let members = items.as_object()?;
    let is_plain = needs_no_change(&items, root, shared)
        && members.values().all(|item| item.get("additionalOperations").is_none());
    is_plain.then(|| Checked {
        paths: members.keys().map(|path| FixedState::default().hash_one(path)).collect(),
        operations: members.values().map(|item| item.as_object().map_or(0, Map::len)).sum(),
        lines,
    })
}

fn needs_no_change(value: &Value, root: &Value, shared: &[&str]) -> bool {
    !scalars::has_mark(value)
        && !has_large_below(value, root)
        && leads_to_components(value, (root, shared), &mut HashSet::new())
}

/// Whether each reference below a value leads to something that paths of a contract share.
fn leads_to_components<'v>(value: &'v Value, (root, shared): (&Value, &[&str]), known: &mut HashSet<&'v str>) -> bool {
    match value {
        Value::Object(map) => map.iter().all(|(name, value)| match value {
            Value::String(target) if name == "$ref" => {
                let is_shared = || shared.iter().any(|holder| target.starts_with(holder));
                let exists = || is_shared() && root.pointer(&target[1..]).is_some();
                known.contains(target.as_str()) || exists() && known.insert(target)
            }
            value => leads_to_components(value, (root, shared), known),
        }),
        Value::Array(list) => list.iter().all(|value| leads_to_components(value, (root, shared), known)),
        _ => true,
    }
}

/// Whether a reference below a value leads into the paths.
fn refers_to_paths(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.iter().any(|(name, value)| match value {
            Value::String(target) if name == "$ref" => target.starts_with("#/paths"),
            value => refers_to_paths(value),
        }),
        Value::Array(list) => list.iter().any(refers_to_paths),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn runs<'t>(texts: &[&'t str]) -> Vec<Run<'t>> {
        texts.iter().map(|text| Run { text, line: 1 }).collect()
    }

    fn stays_text(run: &str, root: &Value) -> bool {
        UnreadPaths::new(runs(&[r#""/a": {"get": {}, "put": {}}"#, run]), Format::Json, root).is_some()
    }

    #[test]
    fn paths_that_have_to_be_changed_are_parsed_with_the_document() {
        let root = json!({"openapi": "3.1.0", "components": {"schemas": {"A": {"type": "string"}}}});
        let reference = |target: &str| format!(r#""/b": {{"get": {{"x": [{{"$ref": "{target}"}}]}}}}"#);
        assert!(stays_text(&reference("#/components/schemas/A"), &root));
        for target in ["#/components/schemas/B", "#/paths/~1a", "other.json#/A"] {
            assert!(!stays_text(&reference(target), &root), "{target}");
        }
        for run in [
            r#""/a": {"post": {}}"#,
            r#""/b": {"additionalOperations": {"COPY": {}}}"#,
            r#""/b": {"get": {"example": 12345678901234567890123}}"#,
            r#""/b": {"get": }"#,
        ] {
            assert!(!stays_text(run, &root), "{run}");
        }
        let plain = r#""/b": {}"#;
        assert!(stays_text(plain, &root));
        assert!(!stays_text(plain, &json!({"swagger": "1.2"})));
        let old = json!({"swagger": "2.0", "definitions": {"A": {}}, "parameters": {"p": {"$ref": "#/definitions/B"}}});
        assert!(!stays_text(plain, &old));
        assert!(!stays_text(&reference("#/definitions/B"), &json!({"swagger": "2.0", "definitions": {"A": {}}})));
        assert!(stays_text(&reference("#/definitions/A"), &json!({"swagger": "2.0", "definitions": {"A": {}}})));
        assert!(!stays_text(plain, &json!({"openapi": "3.0.0", "x": {"$ref": "#/paths/~1a/get"}})));
    }

    #[test]
    fn operations_are_counted() {
        let root = json!({"openapi": "3.0.0"});
        let json = runs(&[r#""/a": {"get": {}, "put": {}}"#, r#""/b": {"get": {}}"#]);
        let mut yaml = runs(&["  /a:\n    get: {}\n    put: {}\n", "  /b:\n    get: {}\n"]);
        yaml[1].line = 11;
        for (runs, format) in [(json, Format::Json), (yaml, Format::Yaml)] {
            let (paths, lines) = UnreadPaths::new(runs, format, &root).expect("paths that need no change");
            assert_eq!(paths.operations(), 3);
            if format == Format::Yaml {
                assert_eq!(
                    ["/a/get", "/a/put", "/b/get"].map(|end| lines.get(&format!("/paths/~1{}", &end[1..]))),
                    [2, 3, 12]
                );
            }
        }
    }
}
