//! A contract after normalization: the shape of OpenAPI 3.0, whatever version the file has.

use std::collections::HashMap;

use serde_json::Value;

/// The methods that a path item can have. `query` was added in OpenAPI 3.2.
pub(super) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "query"];

/// Maximum length of a chain of references.
const MAX_REFS: usize = 16;

/// A contract in the shape of OpenAPI 3.0.
pub struct Document {
    /// Name of the source file.
    pub file: String,
    /// Prefix of every path: `basePath`, or the path of the first server.
    pub base_path: String,
    /// The host that the contract names: `host`, or the host of the first server; in lower case.
    pub host: Option<String>,
    /// The document. Only `paths` and `components` are used.
    pub root: Value,
    /// First line of each operation, by JSON pointer.
    pub lines: HashMap<String, usize>,
}

impl Document {
    /// The value itself, or the target of its `$ref` within the document; `null` if the target is missing.
    pub(super) fn resolve(&self, value: &Value) -> Value {
        let mut value = value;
        for _ in 0..MAX_REFS {
            let Some(target) = value.get("$ref").and_then(Value::as_str) else { break };
            let pointer = target
                .strip_prefix('#')
                .map(|pointer| percent_encoding::percent_decode_str(pointer).decode_utf8_lossy());
            match pointer.and_then(|pointer| self.root.pointer(&pointer)) {
                Some(found) => value = found,
                None => return Value::Null,
            }
        }
        value.clone()
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
