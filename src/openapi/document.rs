//! A contract after normalization: the shape of OpenAPI 3.0, whatever version the file has.

use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use foldhash::fast::FixedState;
use serde_json::{Map, Value};

use super::normalize::UnreadPaths;

/// The methods that a path item can have. `query` was added in OpenAPI 3.2.
pub(super) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "query"];

/// Maximum length of a chain of references.
const MAX_REFS: usize = 16;

/// A contract in the shape of OpenAPI 3.0.
pub struct Document<'t> {
    /// Name of the source file.
    pub file: Arc<str>,
    /// Prefix of every path: `basePath`, or the path of the first server.
    pub base_path: String,
    /// The host that the contract names: `host`, or the host of the first server; in lower case.
    pub host: Option<String>,
    /// The document. Only `paths` and `components` are used.
    pub root: Value,
    /// The paths, if they are not in `root`.
    pub(super) paths: Option<UnreadPaths<'t>>,
    /// The components, once they are shared with the schemas of operations. They are no longer in `root` then.
    components: Arc<Value>,
    /// First line of each operation.
    pub lines: OperationLines,
    /// Whether a reference may lead into the paths.
    pub(super) are_paths_referenced: bool,
}

/// The first lines of operations, from 1, by the hash of their JSON pointers.
#[derive(Debug, Default)]
pub struct OperationLines(HashMap<u64, u32>);

impl OperationLines {
    pub(super) fn insert(&mut self, pointer: &str, line: usize) {
        self.0.insert(hash(pointer), u32::try_from(line).unwrap_or(u32::MAX));
    }

    /// Adds the lines of other operations.
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The first line of an operation; 1 if it is unknown.
    pub fn get(&self, pointer: &str) -> usize {
        self.0.get(&hash(pointer)).map_or(1, |line| *line as usize)
    }
}

fn hash(pointer: &str) -> u64 {
    FixedState::default().hash_one(pointer)
}

impl<'t> Document<'t> {
    pub(super) fn new(file: &str, base_path: String, host: Option<String>, root: Value, lines: OperationLines) -> Self {
        Self {
            file: file.into(),
            base_path,
            host,
            root,
            paths: None,
            lines,
            components: Arc::default(),
            are_paths_referenced: true,
        }
    }

    /// The document with paths that are not in `root`.
    pub(super) fn with_paths(self, paths: Option<UnreadPaths<'t>>) -> Self {
        Self { paths, ..self }
    }

    /// The components, for the schemas of operations. They are not copied: they can be most of a contract.
    pub(super) fn share_components(&mut self) -> &Arc<Value> {
        if let Some(components) = self.root.get_mut("components").filter(|components| !components.is_null()) {
            self.components = Arc::new(components.take());
        }
        &self.components
    }

    /// Takes the paths out of the document, so that each can be freed once it is read; copies them if references lead there.
    pub(super) fn take_paths(&mut self) -> Map<String, Value> {
        let paths = match self.root.get_mut("paths") {
            Some(paths) if self.are_paths_referenced => paths.clone(),
            Some(paths) => paths.take(),
            None => Value::Null,
        };
        if let Value::Object(paths) = paths { paths } else { Map::new() }
    }

    /// The components, if they are shared.
    pub(super) fn components(&self) -> &Arc<Value> {
        &self.components
    }

    /// The value at a JSON pointer.
    fn pointer(&self, pointer: &str) -> Option<&Value> {
        match pointer.strip_prefix("/components") {
            Some(below) if !self.components.is_null() && matches!(below.as_bytes(), [] | [b'/', ..]) => {
                self.components.pointer(below)
            }
            _ => self.root.pointer(pointer),
        }
    }

    /// The value itself, or the target of its `$ref` within the document; `null` if the target is missing.
    pub(super) fn resolve<'v>(&'v self, value: &'v Value) -> &'v Value {
        let mut value = value;
        for _ in 0..MAX_REFS {
            let Some(target) = value.get("$ref").and_then(Value::as_str) else { break };
            let pointer = target
                .strip_prefix('#')
                .map(|pointer| percent_encoding::percent_decode_str(pointer).decode_utf8_lossy());
            match pointer.and_then(|pointer| self.pointer(&pointer)) {
                Some(found) => value = found,
                None => return &Value::Null,
            }
        }
        value
    }
}

/// The host of the first of an object's `servers`, in lower case, without user and port.
pub(super) fn server_host(holder: &Value) -> Option<String> {
    let (_, rest) = holder.pointer("/servers/0/url")?.as_str()?.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// The path of the first of an object's `servers`, without a slash at the end; variables have their defaults.
pub(super) fn server_path(holder: &Value) -> Option<String> {
    let server = holder.pointer("/servers/0")?;
    let mut url = server.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
    for (name, variable) in server.get("variables").and_then(Value::as_object).into_iter().flatten() {
        let default = variable.get("default").and_then(Value::as_str).unwrap_or_default();
        url = url.replace(&format!("{{{name}}}"), default);
    }
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |slash| &rest[slash..]),
        None => &url,
    };
    let path = path.split(['?', '#', '{']).next().unwrap_or_default().trim_end_matches('/');
    Some(if path.is_empty() || path.starts_with('/') { path.to_owned() } else { format!("/{path}") })
}
